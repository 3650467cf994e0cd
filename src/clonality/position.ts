import { BLOCK, joinChannels, weighChannel } from './subsets.ts';

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
/** Sets of them: what is kept by channel and set of clones has this much room for each channel. */
export const MOST_SETS = 1 << MOST_CLONES;
/** Values for each set in `Work.peaks`. */
export const PEAK_FIELDS = 4;

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
  /**
   * By set of clones and templates (templates in the higher bits) `PEAK_FIELDS` values: expected height, one over its
   * SD, a sixth of its skewness, and how much of a change of the true mean it follows where noise is cut off. All in
   * one array: a few per cent faster than an array each.
   */
  readonly peaks: Float64Array;
  /** By channel and set of clones, for the position at hand: density, ... */
  readonly density: Float64Array;
  /** ... slopes of its logarithm by mean and by variance, in turn, ... */
  readonly bySet: Float64Array;
  /** ... and weight among all sets. */
  readonly weight: Float64Array;
  /** By set of clones: density of the first two, and of the last two channels. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** By set of clones in two channels: density of all others in the other two. */
  readonly beside: Float64Array;
  /** By set of clones, weighted and summed over the channels: slopes by mean and by variance, in turn. */
  readonly sums: Float64Array;
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
  const { heights, masks, offset, peaks, density, bySet } = work;
  const subsets = 1 << clones;
  for (let b = 0; b < 4; b++) {
    const x = (heights[4 * i + b] as number) - (offset[b] as number);
    const table = (masks[4 * i + b] as number) << clones;
    const row = b * MOST_SETS;
    for (let s = subsets; s < BLOCK; s++) density[row + s] = 0;
    for (let s = 0; s < subsets; s++) {
      const peak = PEAK_FIELDS * (table + s);
      const sharp = peaks[peak + 1] as number;
      const z = (x - (peaks[peak] as number)) * sharp;
      const q = z * z;
      const at = row + s;
      if (q >= BELL_END) {
        density[at] = 0;
        bySet[2 * at] = 0;
        bySet[2 * at + 1] = 0;
        continue;
      }
      const step = q * BELL_STEPS;
      const low = step | 0;
      const bell = BELL[low] as number;
      const g = peaks[peak + 2] as number;
      const correction = 1 + g * z * (q - 3);
      const bounded = correction < LEAST_CORRECTION ? LEAST_CORRECTION : correction;
      density[at] = (bell + ((BELL[low + 1] as number) - bell) * (step - low)) * bounded * sharp;
      if (slopes) {
        const byZ = correction === bounded ? (g * (3 * q - 3)) / bounded - z : -z;
        bySet[2 * at] = -byZ * sharp * (peaks[peak + 3] as number);
        bySet[2 * at + 1] = -0.5 * sharp * sharp * (1 + z * byZ);
      }
    }
  }
}

/** Sum over all ways to give each clone one of the four bases, from the densities of the channels. */
export function combine(work: Work, clones: number): number {
  const { density, left, right } = work;
  const subsets = 1 << clones;
  joinChannels(density, 0, MOST_SETS, clones, left);
  joinChannels(density, 2 * MOST_SETS, 3 * MOST_SETS, clones, right);
  let inside = 0;
  for (let s = 0; s < subsets; s++) inside += (left[s] as number) * (right[subsets - 1 - s] as number);
  return inside;
}

/** Weight of each channel's sets in what `combine` gave. */
function weighSets({ density, left, right, beside, weight }: Work, clones: number): void {
  const full = (1 << clones) - 1;
  for (let s = full + 1; s < BLOCK; s++) beside[s] = 0;
  for (let s = 0; s <= full; s++) beside[s] = right[full - s] as number;
  weighChannel(density, 0, MOST_SETS, clones, beside, weight);
  weighChannel(density, MOST_SETS, 0, clones, beside, weight);
  for (let s = 0; s <= full; s++) beside[s] = left[full - s] as number;
  weighChannel(density, 2 * MOST_SETS, 3 * MOST_SETS, clones, beside, weight);
  weighChannel(density, 3 * MOST_SETS, 2 * MOST_SETS, clones, beside, weight);
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
  const { weight, bySet, sums, masks, composition, shares, slopes } = work;
  const { heightVariance } = work.noise;
  const subsets = 1 << clones;
  const parts = clones + work.templates;
  weighSets(work, clones);
  for (let k = 0; k <= parts; k++) slopes[k] = 0;
  for (let s = 0; s < 2 * subsets; s++) sums[s] = 0;
  let byRestMean = 0;
  let byRestVariance = 0;
  for (let b = 0; b < 4; b++) {
    let channelByMean = 0;
    let channelByVariance = 0;
    for (let s = 0, at = b * MOST_SETS; s < subsets; s++, at++) {
      const w = (weight[at] as number) * scale;
      const a = w * (bySet[2 * at] as number);
      const c = w * (bySet[2 * at + 1] as number);
      channelByMean += a;
      channelByVariance += c;
      sums[2 * s] = (sums[2 * s] as number) + a;
      sums[2 * s + 1] = (sums[2 * s + 1] as number) + c;
    }
    byRestMean += channelByMean * (composition[b] as number);
    byRestVariance += channelByVariance;
    for (let k = clones, present = masks[4 * i + b] as number; present > 0; k++, present >>= 1) {
      if ((present & 1) === 0) continue;
      const share = shares[k] as number;
      slopes[k] = (slopes[k] as number) + channelByMean + 2 * heightVariance * share * channelByVariance;
    }
  }
  for (let k = 0; k < clones; k++) {
    let a = 0;
    let c = 0;
    for (let s = 1 << k; s < subsets; s = (s + 1) | (1 << k)) {
      a += sums[2 * s] as number;
      c += sums[2 * s + 1] as number;
    }
    slopes[k] = a + 2 * heightVariance * (shares[k] as number) * c;
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
