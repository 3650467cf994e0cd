import type { Assay } from '../config/assay.ts';
import { BASES, type Trace } from '../trace/trace.ts';

/** Where the end of the LTR lies in a trace. */
export interface Anchor {
  /** Mean score of a base over the last `search.bases` bases of the LTR, natural log units. */
  readonly score: number;
  /** Positions of the matched LTR bases in the assay's anchor, rising; the last one is next to the junction. */
  readonly bases: Int32Array;
  /** Scan point of the peak of each matched base, with a fraction. */
  readonly points: Float64Array;
}

/** Bases that the calls may have too many or too few over the whole LTR. */
const BAND = 12;
const GAP_IN_CALLS = 1;
const GAP_IN_LTR = 2;

/**
 * Finds the LTR's end by aligning it to the signal at the called peaks. The calls themselves are not looked
 * at: an N matches everything, and a wrong call over a good signal would cost a base.
 * Null where there are fewer peaks than LTR bases.
 */
export function findAnchor(trace: Trace, assay: Assay): Anchor | null {
  const { search } = assay;
  const ltr = codes(assay.anchor);
  const length = Math.min(search.bases, ltr.length);
  const peaks = trace.peaks.length;
  if (peaks < length) return null;
  const scores = peakScores(trace, search);

  const query = ltr.subarray(ltr.length - length);
  const guess = likelyEnd(query, scores, peaks);
  let found = alignEnd(
    query,
    scores,
    Math.max(0, guess - length - REACH),
    Math.min(peaks, guess + REACH),
    search,
  );
  if (found.score < assay.gates.anchorScore * length) found = alignEnd(query, scores, 0, peaks, search);
  const { score, end } = found;
  if (end < 0) return null;
  return { score: score / length, ...matchBackwards(trace, assay, ltr, scores, end) };
}

/** Bases of a piece of the LTR that is looked for without gaps, and how far from the hit the LTR's end may lie. */
const PIECE = 12;
const REACH = 20;

/** Peak at which the LTR would end if the better of two of its pieces fits best where it does. */
function likelyEnd(query: Uint8Array, scores: Float64Array, peaks: number): number {
  const last = query.length - PIECE;
  let best = -Infinity;
  let end = 0;
  for (const from of [last, last >> 1]) {
    for (let i = 0; i + PIECE <= peaks; i++) {
      let sum = 0;
      for (let k = 0; k < PIECE; k++) sum += scores[4 * (i + k) + (query[from + k] as number)] as number;
      if (sum > best) [best, end] = [sum, i + query.length - 1 - from];
    }
  }
  return end;
}

/** Best alignment of the whole query against any stretch of the peaks `from` up to `to`, and the peak it ends at. */
function alignEnd(
  query: Uint8Array,
  scores: Float64Array,
  from: number,
  to: number,
  { gap }: Assay['search'],
): { score: number; end: number } {
  const length = query.length;
  let row = new Float64Array(length + 1);
  let next = new Float64Array(length + 1);
  for (let k = 1; k <= length; k++) row[k] = k * gap;
  let score = -Infinity;
  let end = -1;
  for (let i = from; i < to; i++) {
    next[0] = 0;
    let left = 0;
    let diagonal = row[0] as number;
    for (let k = 1; k <= length; k++) {
      const above = row[k] as number;
      const match = diagonal + (scores[4 * i + (query[k - 1] as number)] as number);
      const skipped = (left > above ? left : above) + gap;
      left = match > skipped ? match : skipped;
      next[k] = left;
      diagonal = above;
    }
    if (left > score) {
      score = left;
      end = i;
    }
    [row, next] = [next, row];
  }
  return { score, end };
}

/** Code of each base by its character code. */
const CODES = new Uint8Array(128);
BASES.forEach((base, code) => (CODES[base.charCodeAt(0)] = code));

/** Codes 0-3 of a sequence of A, C, G and T. */
export function codes(sequence: string): Uint8Array {
  const out = new Uint8Array(sequence.length);
  for (let i = 0; i < out.length; i++) out[i] = CODES[sequence.charCodeAt(i)] ?? 0;
  return out;
}

/** Log-likelihood ratio of each base at each called peak, four to a peak. */
function peakScores(trace: Trace, search: Assay['search']): Float64Array {
  const out = new Float64Array(4 * trace.peaks.length);
  const logChance = Math.log(search.chance);
  for (let i = 0; i < trace.peaks.length; i++) {
    const t = trace.peaks[i] as number;
    let sum = 0;
    for (let b = 0; b < 4; b++) sum += Math.max(0, (trace.channels[b] as Int16Array)[t] as number);
    for (let b = 0; b < 4; b++) {
      const height = Math.max(0, (trace.channels[b] as Int16Array)[t] as number);
      const part = sum > 0 ? height / sum : 0.25;
      out[4 * i + b] = Math.log(part + search.floor) - logChance;
    }
  }
  return out;
}

/**
 * Aligns the whole reference stretch backwards from the junction, free to end where the read begins, and
 * returns the matched bases with their peaks.
 */
function matchBackwards(
  trace: Trace,
  assay: Assay,
  ltr: Uint8Array,
  scores: Float64Array,
  end: number,
): Pick<Anchor, 'bases' | 'points'> {
  const { search } = assay;
  const length = Math.min(search.reach, ltr.length);
  const peaks = Math.min(end + 1, length + BAND);
  // Row i, column j: i peaks and i + j - BAND bases back from the junction.
  const width = 2 * BAND + 1;
  const table = new Float64Array((peaks + 1) * width).fill(-Infinity);
  const moves = new Uint8Array((peaks + 1) * width);
  let best = 0;
  let at = BAND;
  table[at] = 0;
  for (let i = 0; i <= peaks; i++) {
    const first = Math.max(0, BAND - i);
    const last = Math.min(width - 1, length - i + BAND);
    for (let j = first; j <= last; j++) {
      const here = i * width + j;
      const k = i + j - BAND;
      if (i === 0 && k === 0) continue;
      let value = -Infinity;
      let move = 0;
      if (i > 0 && k > 0) {
        const base = ltr[ltr.length - k] as number;
        value = (table[here - width] as number) + (scores[4 * (end - i + 1) + base] as number);
      }
      if (i > 0 && j + 1 < width && (table[here - width + 1] as number) + search.gap > value) {
        value = (table[here - width + 1] as number) + search.gap;
        move = GAP_IN_CALLS;
      }
      if (k > 0 && j > 0 && (table[here - 1] as number) + search.gap > value) {
        value = (table[here - 1] as number) + search.gap;
        move = GAP_IN_LTR;
      }
      table[here] = value;
      moves[here] = move;
      if (value > best) {
        best = value;
        at = here;
      }
    }
  }
  const bases: number[] = [];
  const points: number[] = [];
  while (at !== BAND) {
    const i = Math.floor(at / width);
    const k = i + (at % width) - BAND;
    const move = moves[at];
    if (move === GAP_IN_CALLS) at -= width - 1;
    else if (move === GAP_IN_LTR) at -= 1;
    else {
      bases.push(ltr.length - k);
      points.push(peakNear(trace, trace.peaks[end - i + 1] as number));
      at -= width;
    }
  }
  return { bases: Int32Array.from(bases), points: Float64Array.from(points) };
}

/** Scan point, with a fraction, of the peak of the channel that is highest at `call`, within four points of it. */
function peakNear(trace: Trace, call: number): number {
  let signal: Int16Array = trace.channels[0];
  for (let b = 1; b < 4; b++) {
    const channel = trace.channels[b] as Int16Array;
    if ((channel[call] as number) > (signal[call] as number)) signal = channel;
  }
  let top = call;
  const last = Math.min(signal.length - 2, call + 4);
  for (let t = Math.max(1, call - 4); t <= last; t++) {
    if ((signal[t] as number) > (signal[top] as number)) top = t;
  }
  if (top < 1 || top > signal.length - 2) return top;
  const a = signal[top - 1] as number;
  const b = signal[top] as number;
  const c = signal[top + 1] as number;
  const bend = a - 2 * b + c;
  return bend < 0 && b >= a && b >= c ? top + (0.5 * (a - c)) / bend : top;
}
