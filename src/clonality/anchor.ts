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

  // Best alignment of the last `length` bases, whole, against any stretch of peaks.
  const query = ltr.subarray(ltr.length - length);
  let row = new Float64Array(length + 1);
  let next = new Float64Array(length + 1);
  for (let k = 1; k <= length; k++) row[k] = k * search.gap;
  let best = -Infinity;
  let end = -1;
  for (let i = 0; i < peaks; i++) {
    next[0] = 0;
    let left = 0;
    let diagonal = row[0] as number;
    for (let k = 1; k <= length; k++) {
      const above = row[k] as number;
      const match = diagonal + (scores[4 * i + (query[k - 1] as number)] as number);
      const gap = (left > above ? left : above) + search.gap;
      left = match > gap ? match : gap;
      next[k] = left;
      diagonal = above;
    }
    if (left > best) {
      best = left;
      end = i;
    }
    [row, next] = [next, row];
  }
  if (end < 0) return null;
  return { score: best / length, ...matchBackwards(trace, assay, ltr, scores, end) };
}

/** Codes 0-3 of a sequence of A, C, G and T. */
export function codes(sequence: string): Uint8Array {
  return Uint8Array.from(sequence, (base) => (BASES as readonly string[]).indexOf(base));
}

/** Log-likelihood ratio of each base at each called peak, four to a peak. */
function peakScores(trace: Trace, search: Assay['search']): Float64Array {
  const out = new Float64Array(4 * trace.peaks.length);
  const logChance = Math.log(search.chance);
  for (let i = 0; i < trace.peaks.length; i++) {
    const t = trace.peaks[i] as number;
    let sum = 0;
    for (const channel of trace.channels) sum += Math.max(0, channel[t] as number);
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
  const peaks = Math.min(end + 1, length + 12);
  const width = length + 1;
  const table = new Float64Array((peaks + 1) * width).fill(-Infinity);
  const moves = new Uint8Array((peaks + 1) * width);
  table[0] = 0;
  let best = 0;
  let at = 0;
  for (let i = 0; i <= peaks; i++) {
    const from = Math.max(0, i - 12);
    const to = Math.min(length, i + 12);
    for (let k = from; k <= to; k++) {
      const here = i * width + k;
      if (here === 0) continue;
      let value = -Infinity;
      let move = 0;
      if (i > 0 && k > 0) {
        value =
          (table[here - width - 1] as number) +
          (scores[4 * (end - i + 1) + (ltr[ltr.length - k] as number)] as number);
      }
      if (i > 0 && (table[here - width] as number) + search.gap > value) {
        value = (table[here - width] as number) + search.gap;
        move = GAP_IN_CALLS;
      }
      if (k > 0 && (table[here - 1] as number) + search.gap > value) {
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
  while (at > 0) {
    const i = Math.floor(at / width);
    const k = at % width;
    const move = moves[at];
    if (move === GAP_IN_CALLS) at -= width;
    else if (move === GAP_IN_LTR) at -= 1;
    else {
      bases.push(ltr.length - k);
      points.push(peakNear(trace, trace.peaks[end - i + 1] as number));
      at -= width + 1;
    }
  }
  return { bases: Int32Array.from(bases), points: Float64Array.from(points) };
}

/** Scan point, with a fraction, of the peak of the channel that is highest at `call`, within four points of it. */
function peakNear(trace: Trace, call: number): number {
  let signal: Int16Array = trace.channels[0];
  for (const channel of trace.channels) {
    if ((channel[call] as number) > (signal[call] as number)) signal = channel;
  }
  let top = call;
  const last = Math.min(signal.length - 2, call + 4);
  for (let t = Math.max(1, call - 4); t <= last; t++) {
    if ((signal[t] as number) > (signal[top] as number)) top = t;
  }
  if (top < 1 || top > signal.length - 2) return top;
  const [a, b, c] = [signal[top - 1] as number, signal[top] as number, signal[top + 1] as number];
  const bend = a - 2 * b + c;
  return bend < 0 && b >= a && b >= c ? top + (0.5 * (a - c)) / bend : top;
}
