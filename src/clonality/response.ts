import type { Heights } from './readout.ts';

/** How one trace shows a single template: measured on its LTR, which every template shares. */
export interface Response {
  /** Mean height of an LTR peak, fluorescence units. */
  readonly height: number;
  /** Height of each dye's peaks over the mean of all, A, C, G, T. */
  readonly gain: Float64Array;
  /** Part of a peak that shows at the position after it. */
  readonly fromBefore: number;
  /** Part of a peak that shows at the position before it, as n-1 stutter does. */
  readonly fromAfter: number;
  /** Part of the peak of base `e` that shows in channel `b` at its own position: 4·e + b, 0 where e = b. */
  readonly crosstalk: Float64Array;
  /** Level of an empty channel over the mean peak that is no crosstalk: noise, cut off at zero. */
  readonly clippedLevel: number;
  /** 1 for LTR positions that agree with the anchor, 0 for strain variants and artefacts. */
  readonly agrees: Uint8Array;
  /** How many agree. */
  readonly positions: number;
}

/** Peaks by which the gain of a dye is drawn towards 1: a dye has some 25 LTR peaks with a relative SD of 0.3. */
const GAIN_INERTIA = 20;
/** Peaks by which the crosstalk of a pair of dyes is drawn towards that of all pairs. */
const CROSSTALK_INERTIA = 4;

/**
 * Measures the response on the LTR by least squares: off the expected base, the signal is explained by crosstalk and
 * by the peaks before and after.
 * @param heights of the matched LTR positions
 * @param bases their expected bases, codes 0-3
 * @param follows 1 where a position directly follows the one before it in the list
 * @param mismatch share of the expected base below which a position counts as a variant
 * @param background usual level of an empty channel over the peak beside it
 */
export function measureResponse(
  heights: Heights,
  bases: Uint8Array,
  follows: Uint8Array,
  mismatch: number,
  background: number,
): Response {
  const n = bases.length;
  const own = new Float64Array(n);
  const agrees = new Uint8Array(n);
  const gainSum = new Float64Array(4);
  const gainCount = new Float64Array(4);
  let sum = 0;
  let positions = 0;
  for (let i = 0; i < n; i++) {
    const base = bases[i] as number;
    const height = heights[4 * i + base] as number;
    own[i] = height;
    let all = 0;
    for (let b = 0; b < 4; b++) all += Math.max(0, heights[4 * i + b] as number);
    if (height <= 0 || height < mismatch * all) continue;
    agrees[i] = 1;
    sum += height;
    positions++;
    gainSum[base] = (gainSum[base] as number) + height;
    gainCount[base] = (gainCount[base] as number) + 1;
  }
  const height = positions > 0 ? sum / positions : 0;
  const gain = gainSum.map((s, b) =>
    height > 0 ? (s / height + GAIN_INERTIA) / ((gainCount[b] as number) + GAIN_INERTIA) : 1,
  );

  // Three common parts: crosstalk of any pair of dyes, peak before, peak after.
  const inside = (i: number): boolean =>
    i > 0 &&
    i + 1 < n &&
    agrees[i] === 1 &&
    agrees[i - 1] === 1 &&
    agrees[i + 1] === 1 &&
    follows[i] === 1 &&
    follows[i + 1] === 1;
  const m = new Float64Array(9);
  const v = new Float64Array(3);
  for (let i = 1; i + 1 < n; i++) {
    if (!inside(i)) continue;
    for (let b = 0; b < 4; b++) {
      if (b === bases[i]) continue;
      const x0 = own[i] as number;
      const x1 = bases[i - 1] === b ? (own[i - 1] as number) : 0;
      const x2 = bases[i + 1] === b ? (own[i + 1] as number) : 0;
      const y = heights[4 * i + b] as number;
      m[0] = (m[0] as number) + x0 * x0;
      m[1] = (m[1] as number) + x0 * x1;
      m[2] = (m[2] as number) + x0 * x2;
      m[4] = (m[4] as number) + x1 * x1;
      m[5] = (m[5] as number) + x1 * x2;
      m[8] = (m[8] as number) + x2 * x2;
      v[0] = (v[0] as number) + x0 * y;
      v[1] = (v[1] as number) + x1 * y;
      v[2] = (v[2] as number) + x2 * y;
    }
  }
  const [common, fromBefore, fromAfter] = solveSymmetric(m, v);

  const over = new Float64Array(16);
  const weight = new Float64Array(16);
  const count = new Float64Array(16);
  for (let i = 1; i + 1 < n; i++) {
    if (!inside(i)) continue;
    for (let b = 0; b < 4; b++) {
      if (b === bases[i]) continue;
      const x0 = own[i] as number;
      const left =
        (heights[4 * i + b] as number) -
        common * x0 -
        (bases[i - 1] === b ? fromBefore * (own[i - 1] as number) : 0) -
        (bases[i + 1] === b ? fromAfter * (own[i + 1] as number) : 0);
      const pair = 4 * (bases[i] as number) + b;
      over[pair] = (over[pair] as number) + left * x0;
      weight[pair] = (weight[pair] as number) + x0 * x0;
      count[pair] = (count[pair] as number) + 1;
    }
  }
  const crosstalk = over.map((o, pair) => {
    if (pair % 5 === 0) return 0;
    const peaks = count[pair] as number;
    const own = peaks > 0 ? ((o / (weight[pair] as number)) * peaks) / (peaks + CROSSTALK_INERTIA) : 0;
    return common + own;
  });
  // What all pairs of dyes share beyond the usual background of a peak is noise.
  const sorted = crosstalk.filter((_, pair) => pair % 5 !== 0).sort();
  const clippedLevel = Math.max(0, (sorted[sorted.length >> 1] as number) - background);
  for (let pair = 0; pair < 16; pair++) {
    if (pair % 5 !== 0) crosstalk[pair] = (crosstalk[pair] as number) - clippedLevel;
  }
  return { height, gain, fromBefore, fromAfter, crosstalk, clippedLevel, agrees, positions };
}

/** Solves a symmetric system of three, upper triangle given; zeros where it has no solution. */
function solveSymmetric(m: Float64Array, v: Float64Array): [number, number, number] {
  const [a, b, c, d, e, f] = [m[0], m[1], m[2], m[4], m[5], m[8]] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [x, y, z] = v as unknown as [number, number, number];
  const [A, B, C] = [d * f - e * e, c * e - b * f, b * e - c * d];
  const determinant = a * A + b * B + c * C;
  if (!(Math.abs(determinant) > 1e-9 * a * d * f)) return [0, 0, 0];
  return [
    (A * x + B * y + C * z) / determinant,
    (B * x + (a * f - c * c) * y + (b * c - a * e) * z) / determinant,
    (C * x + (b * c - a * e) * y + (a * d - b * b) * z) / determinant,
  ];
}

/** Rounds of taking the neighbours' parts away; each leaves an error of the part to the power of the rounds. */
const ROUNDS = 3;

/** Heights as they would be without the response, in units of the mean LTR peak; they can be a little below 0. */
export function undoResponse(heights: Heights, response: Response): Heights {
  const { fromBefore, fromAfter, crosstalk, gain, height } = response;
  const n = heights.length / 4;
  let current = heights;
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(heights.length);
    for (let i = 0; i < n; i++) {
      for (let b = 0; b < 4; b++) {
        const at = 4 * i + b;
        const before = i > 0 ? (current[at - 4] as number) : 0;
        const after = i + 1 < n ? (current[at + 4] as number) : 0;
        next[at] = (heights[at] as number) - fromBefore * before - fromAfter * after;
      }
    }
    current = next;
  }
  const inverse = invertMixing(crosstalk);
  const out = new Float64Array(heights.length);
  for (let i = 0; i < n; i++) {
    for (let b = 0; b < 4; b++) {
      let sum = 0;
      for (let e = 0; e < 4; e++) sum += (inverse[4 * b + e] as number) * (current[4 * i + e] as number);
      out[4 * i + b] = sum / ((gain[b] as number) * height);
    }
  }
  return out;
}

/** Inverse of identity plus crosstalk, row = true base, column = channel. */
function invertMixing(crosstalk: Float64Array): Float64Array {
  const m = new Float64Array(32);
  for (let b = 0; b < 4; b++) {
    for (let e = 0; e < 4; e++) m[8 * b + e] = e === b ? 1 : (crosstalk[4 * e + b] as number);
    m[8 * b + 4 + b] = 1;
  }
  for (let i = 0; i < 4; i++) {
    const pivot = m[9 * i] as number;
    for (let k = 0; k < 8; k++) m[8 * i + k] = (m[8 * i + k] as number) / pivot;
    for (let j = 0; j < 4; j++) {
      if (j === i) continue;
      const f = m[8 * j + i] as number;
      for (let k = 0; k < 8; k++) m[8 * j + k] = (m[8 * j + k] as number) - f * (m[8 * i + k] as number);
    }
  }
  return Float64Array.from({ length: 16 }, (_, k) => m[8 * (k >> 2) + 4 + (k & 3)] as number);
}
