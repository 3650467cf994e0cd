/** How the heights of a trace scatter, in units of its mean peak height. */
export interface NoiseModel {
  /** Squared relative SD of the peak heights of one template. */
  readonly heightVariance: number;
  /** Skewness of these heights. */
  readonly heightSkew: number;
  /** Variance of a channel in which no template has its base. */
  readonly floorVariance: number;
  /** SD of the noise of which the instrument cut off what fell below zero. */
  readonly clippedSd: number;
  /** Density of a position that the model does not explain, such as one under an artefact. */
  readonly outlierDensity: number;
}

/** Log-likelihood at one set of parameters; with it, where asked for, its slope and information matrix. */
export interface Slope {
  readonly gradient: Float64Array;
  /** Sum over positions of the outer product of their gradients, row by row. */
  readonly information: Float64Array;
  /** Positions that the mixture does not explain, weighted by how little it does. */
  outliers: number;
}

/** Most clones with a share of their own: cost grows as 3^k. */
export const MOST_CLONES = 5;

/** Every subset with each of its parts: `whole`, `part` and the remainder, as bit masks. */
interface Splits {
  readonly whole: Uint8Array;
  readonly part: Uint8Array;
  readonly remainder: Uint8Array;
}
const SPLITS: readonly Splits[] = Array.from({ length: MOST_CLONES + 1 }, (_, clones) => {
  const rows: [number, number, number][] = [];
  for (let whole = 0; whole < 1 << clones; whole++) {
    for (let part = whole; ; part = (part - 1) & whole) {
      rows.push([whole, part, whole ^ part]);
      if (part === 0) break;
    }
  }
  return {
    whole: Uint8Array.from(rows, (row) => row[0]),
    part: Uint8Array.from(rows, (row) => row[1]),
    remainder: Uint8Array.from(rows, (row) => row[2]),
  };
});

/** exp(-q/2)/sqrt(2 pi) in steps of 1/16, interpolated linearly: relative error below 2e-4. */
const BELL_STEPS = 16;
const BELL_END = 80;
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
const BELL = Float64Array.from(
  { length: BELL_END * BELL_STEPS + 2 },
  (_, i) => Math.exp((-0.5 * i) / BELL_STEPS) / Math.sqrt(2 * Math.PI),
);

/** An Edgeworth correction stays a density only while it is small. */
const LEAST_CORRECTION = 0.1;

/** Everything that one likelihood computes with; allocated once, for it is evaluated some fifty times a trace. */
export interface Work {
  readonly heights: Float64Array;
  /** For each height a bit for every known template that has its base there. */
  readonly masks: Uint8Array;
  readonly templates: number;
  /** How often A, C, G and T occur in the rest. */
  readonly composition: Float64Array;
  /** What that adds to each channel over a rest of equally frequent bases. */
  readonly offset: Float64Array;
  readonly noise: NoiseModel;
  /** Squared difference of each position's total from 1. */
  readonly excess: Float64Array;
  /** By set of clones and templates (templates in the higher bits): expected height, ... */
  readonly mean: Float64Array;
  /** ... how much of a change of the true mean it follows where noise is cut off, ... */
  readonly follow: Float64Array;
  /** ... one over its SD, and a sixth of its skewness. */
  readonly precision: Float64Array;
  readonly skew: Float64Array;
  /** By channel and set of clones, for the position at hand: density, and slopes of its logarithm. */
  readonly density: Float64Array;
  readonly byMean: Float64Array;
  readonly byVariance: Float64Array;
  readonly weight: Float64Array;
  /** By set of clones: density of the first two, and of the last two channels. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly shares: Float64Array;
  readonly slopes: Float64Array;
}

/** What all positions have in common at one set of parameters. */
export interface Common {
  readonly rest: number;
  readonly restClones: number;
  /** Sum of squared shares within the rest. */
  readonly restSquares: number;
  /** Variance of a channel over `restSquares`. */
  readonly spread: number;
  readonly totalVariance: number;
  readonly naiveVariance: number;
}

/** exp(-q/2) up to BELL_END, by table. */
export function bellOf(q: number): number {
  const at = Math.min(BELL_END, q) * BELL_STEPS;
  const low = at | 0;
  const bell = BELL[low] as number;
  return (bell + ((BELL[low + 1] as number) - bell) * (at - low)) * ROOT_TWO_PI;
}

/** Density of each channel of position `i` for every set of clones: normal with a correction for skewness. */
export function densities(work: Work, i: number, clones: number, slopes: boolean): void {
  const { heights, masks, offset, mean, follow, precision, skew, density, byMean, byVariance } = work;
  const subsets = 1 << clones;
  for (let b = 0; b < 4; b++) {
    const x = (heights[4 * i + b] as number) - (offset[b] as number);
    const table = (masks[4 * i + b] as number) << clones;
    const row = b << clones;
    for (let s = 0; s < subsets; s++) {
      const sharp = precision[table + s] as number;
      const z = (x - (mean[table + s] as number)) * sharp;
      const q = z * z;
      if (q >= BELL_END) {
        density[row + s] = 0;
        continue;
      }
      const at = q * BELL_STEPS;
      const low = at | 0;
      const bell = BELL[low] as number;
      const g = skew[table + s] as number;
      const correction = 1 + g * z * (q - 3);
      const bounded = correction < LEAST_CORRECTION ? LEAST_CORRECTION : correction;
      density[row + s] = (bell + ((BELL[low + 1] as number) - bell) * (at - low)) * bounded * sharp;
      if (slopes) {
        const byZ = correction === bounded ? (g * (3 * q - 3)) / bounded - z : -z;
        byMean[row + s] = -byZ * sharp * (follow[table + s] as number);
        byVariance[row + s] = -0.5 * sharp * sharp * (1 + z * byZ);
      }
    }
  }
}

/** Sum over all ways to give each clone one of the four bases, from the densities of the channels. */
export function combine(work: Work, clones: number): number {
  const { density, left, right } = work;
  const { whole, part, remainder } = SPLITS[clones] as Splits;
  const subsets = 1 << clones;
  for (let s = 0; s < subsets; s++) {
    left[s] = 0;
    right[s] = 0;
  }
  for (let q = 0; q < whole.length; q++) {
    const w = whole[q] as number;
    const p = part[q] as number;
    const r = remainder[q] as number;
    left[w] = (left[w] as number) + (density[p] as number) * (density[subsets + r] as number);
    right[w] =
      (right[w] as number) + (density[2 * subsets + p] as number) * (density[3 * subsets + r] as number);
  }
  let inside = 0;
  for (let s = 0; s < subsets; s++) inside += (left[s] as number) * (right[subsets - 1 - s] as number);
  return inside;
}

/** Adds one position to slope and information: weight of each channel's set, then the chain rule to the parameters. */
export function addSlope(
  work: Work,
  i: number,
  clones: number,
  trust: number,
  scale: number,
  { rest, restClones, restSquares, spread, totalVariance, naiveVariance }: Common,
  slope: Slope,
): void {
  const { density, left, right, weight, byMean, byVariance, masks, composition, shares, slopes, noise } =
    work;
  const { heightVariance } = noise;
  const { whole, part, remainder } = SPLITS[clones] as Splits;
  const subsets = 1 << clones;
  const full = subsets - 1;
  const parts = clones + work.templates;
  for (let s = 0; s < 4 * subsets; s++) weight[s] = 0;
  for (let q = 0; q < whole.length; q++) {
    const w = whole[q] as number;
    const p = part[q] as number;
    const r = remainder[q] as number;
    const a = (density[p] as number) * (density[subsets + r] as number) * (right[full - w] as number);
    weight[p] = (weight[p] as number) + a;
    weight[subsets + r] = (weight[subsets + r] as number) + a;
    const c =
      (density[2 * subsets + p] as number) *
      (density[3 * subsets + r] as number) *
      (left[full - w] as number);
    weight[2 * subsets + p] = (weight[2 * subsets + p] as number) + c;
    weight[3 * subsets + r] = (weight[3 * subsets + r] as number) + c;
  }
  for (let k = 0; k <= parts; k++) slopes[k] = 0;
  let byRestMean = 0;
  let byRestVariance = 0;
  for (let b = 0; b < 4; b++) {
    const mask = (masks[4 * i + b] as number) << clones;
    const often = composition[b] as number;
    for (let s = 0; s < subsets; s++) {
      const w = (weight[b * subsets + s] as number) * scale;
      if (w < 1e-6) continue;
      const a = w * (byMean[b * subsets + s] as number);
      const c = w * (byVariance[b * subsets + s] as number);
      byRestMean += a * often;
      byRestVariance += c;
      for (let k = 0, present = mask | s; present > 0; k++, present >>= 1) {
        if ((present & 1) === 1) {
          slopes[k] = (slopes[k] as number) + a + 2 * heightVariance * (shares[k] as number) * c;
        }
      }
    }
  }
  const square = work.excess[i] as number;
  const byTotal = (0.5 * trust * (square - totalVariance)) / (totalVariance * totalVariance);
  const byNaive = (0.5 * trust * (naiveVariance - square)) / (naiveVariance * naiveVariance);
  const byRestSquares = byRestVariance * spread + byTotal * heightVariance + byNaive * 4 * spread;
  let common = 0;
  for (let k = 0; k < parts; k++) {
    const share = shares[k] as number;
    const s =
      (slopes[k] as number) -
      byRestMean -
      (byRestSquares * 2 * rest) / restClones +
      (byTotal + byNaive) * 2 * heightVariance * share;
    slopes[k] = s;
    common += s * share;
  }
  for (let k = 0; k < parts; k++) slopes[k] = (shares[k] as number) * ((slopes[k] as number) - common);
  slopes[parts] = -byRestSquares * restSquares;
  const { gradient, information } = slope;
  for (let a = 0; a <= parts; a++) {
    const s = slopes[a] as number;
    gradient[a] = (gradient[a] as number) + s;
    for (let c = 0; c <= parts; c++) {
      const at = a * (parts + 1) + c;
      information[at] = (information[at] as number) + s * (slopes[c] as number);
    }
  }
}
