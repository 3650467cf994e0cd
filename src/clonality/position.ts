import { MOST_STATES } from './groups.ts';
import type { Ways } from './groups.ts';

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

/** Most groups of clones with a share of their own. */
export const MOST_GROUPS = 4;
/** Values for each state in `Work.peaks`. */
export const PEAK_FIELDS = 5;

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

/** A state with less of a position's weight does not bend the slope. */
const LEAST_WEIGHT = 1e-4;

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
   * By state and set of templates (which counts by whole tables of states) `PEAK_FIELDS` values: expected height, one
   * over its SD, a sixth of its skewness, how much of a change of the true mean it follows where noise is cut off, and
   * one over its SD times the weight of the state. All in one array: a few per cent faster than an array each.
   */
  readonly peaks: Float64Array;
  /** By channel and state, for the position at hand: density ... */
  readonly density: Float64Array;
  /** ... and weight among all states. */
  readonly weight: Float64Array;
  /** By state: density of the first two, and of the last two channels together. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** By state, weighted and summed over the channels: slopes by mean and by variance, in turn. */
  readonly sums: Float64Array;
  /** Share of each clone of a group, then of each template. */
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

/** Density of each channel of position `i` for every state: normal with a correction for skewness. */
export function densities(work: Work, i: number, ways: Ways): void {
  const { heights, masks, offset, peaks, density } = work;
  const { states } = ways;
  for (let b = 0; b < 4; b++) {
    const x = (heights[4 * i + b] as number) - (offset[b] as number);
    let peak = PEAK_FIELDS * (masks[4 * i + b] as number) * states;
    const row = b * MOST_STATES;
    for (let at = row; at < row + states; at++, peak += PEAK_FIELDS) {
      const sharp = peaks[peak + 1] as number;
      const z = (x - (peaks[peak] as number)) * sharp;
      const q = z * z;
      if (q >= BELL_END) {
        density[at] = 0;
        continue;
      }
      const step = q * BELL_STEPS;
      const low = step | 0;
      const bell = BELL[low] as number;
      const g = peaks[peak + 2] as number;
      const correction = 1 + g * z * (q - 3);
      const bounded = correction < LEAST_CORRECTION ? LEAST_CORRECTION : correction;
      density[at] =
        (bell + ((BELL[low + 1] as number) - bell) * (step - low)) * bounded * (peaks[peak + 4] as number);
    }
  }
}

/** Sum over all ways to give each clone one of the four bases, from the densities of the channels. */
export function combine({ density, left, right }: Work, { states, parts, ends }: Ways): number {
  let from = 0;
  for (let s = 0; s < states; s++) {
    const end = ends[s + 1] as number;
    let first = 0;
    let last = 0;
    for (let p = from; p < end; p++) {
      const u = parts[p] as number;
      const v = s - u;
      first += (density[u] as number) * (density[MOST_STATES + v] as number);
      last += (density[2 * MOST_STATES + u] as number) * (density[3 * MOST_STATES + v] as number);
    }
    left[s] = first;
    right[s] = last;
    from = end;
  }
  let inside = 0;
  for (let s = 0; s < states; s++) inside += (left[s] as number) * (right[states - 1 - s] as number);
  return inside;
}

/** Weight of each channel's states in what `combine` gave. */
function weighStates({ density, left, right, weight }: Work, { states, parts, ends }: Ways): void {
  for (let u = 0; u < states; u++) {
    const others = states - 1 - u;
    const end = ends[others + 1] as number;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let p = ends[others] as number; p < end; p++) {
      const v = parts[p] as number;
      const l = left[others - v] as number;
      const r = right[others - v] as number;
      a += (density[MOST_STATES + v] as number) * r;
      b += (density[v] as number) * r;
      c += (density[3 * MOST_STATES + v] as number) * l;
      d += (density[2 * MOST_STATES + v] as number) * l;
    }
    weight[u] = a * (density[u] as number);
    weight[MOST_STATES + u] = b * (density[MOST_STATES + u] as number);
    weight[2 * MOST_STATES + u] = c * (density[2 * MOST_STATES + u] as number);
    weight[3 * MOST_STATES + u] = d * (density[3 * MOST_STATES + u] as number);
  }
}

/** Adds one position to slope and information: weight of each channel's state, then the chain rule to the parameters. */
export function addSlope(
  work: Work,
  i: number,
  ways: Ways,
  trust: number,
  scale: number,
  { rest, restClones, restSquares, spread, totalVariance, naiveVariance }: Common,
  slope: Slope,
): void {
  const { heights, offset, peaks, weight, sums, masks, composition, shares, slopes } = work;
  const { heightVariance } = work.noise;
  const { groups, states, counts, sizes } = ways;
  const parts = groups + work.templates;
  weighStates(work, ways);
  for (let k = 0; k <= parts; k++) slopes[k] = 0;
  for (let s = 0; s < 2 * states; s++) sums[s] = 0;
  let byRestMean = 0;
  let byRestVariance = 0;
  for (let b = 0; b < 4; b++) {
    let channelByMean = 0;
    let channelByVariance = 0;
    const x = (heights[4 * i + b] as number) - (offset[b] as number);
    const table = (masks[4 * i + b] as number) * states;
    for (let s = 0; s < states; s++) {
      const w = (weight[b * MOST_STATES + s] as number) * scale;
      if (w < LEAST_WEIGHT) continue;
      const peak = PEAK_FIELDS * (table + s);
      const sharp = peaks[peak + 1] as number;
      const z = (x - (peaks[peak] as number)) * sharp;
      const q = z * z;
      const g = peaks[peak + 2] as number;
      const correction = 1 + g * z * (q - 3);
      const byZ = correction < LEAST_CORRECTION ? -z : (g * (3 * q - 3)) / correction - z;
      const a = -w * byZ * sharp * (peaks[peak + 3] as number);
      const c = -0.5 * w * sharp * sharp * (1 + z * byZ);
      channelByMean += a;
      channelByVariance += c;
      sums[2 * s] = (sums[2 * s] as number) + a;
      sums[2 * s + 1] = (sums[2 * s + 1] as number) + c;
    }
    byRestMean += channelByMean * (composition[b] as number);
    byRestVariance += channelByVariance;
    for (let k = groups, present = masks[4 * i + b] as number; present > 0; k++, present >>= 1) {
      if ((present & 1) === 0) continue;
      const share = shares[k] as number;
      slopes[k] = (slopes[k] as number) + channelByMean + 2 * heightVariance * share * channelByVariance;
    }
  }
  for (let s = 1; s < states; s++) {
    for (let j = 0; j < groups; j++) {
      const count = counts[groups * s + j] as number;
      slopes[j] =
        (slopes[j] as number) +
        count *
          ((sums[2 * s] as number) +
            2 * heightVariance * (shares[j] as number) * (sums[2 * s + 1] as number));
    }
  }
  const square = work.excess[i] as number;
  const byTotal = (0.5 * trust * (square - totalVariance)) / (totalVariance * totalVariance);
  const byNaive = (0.5 * trust * (naiveVariance - square)) / (naiveVariance * naiveVariance);
  const byRestSquares = byRestVariance * spread + byTotal * heightVariance + byNaive * 4 * spread;
  // From slopes by the share of each clone of a group to slopes by the logarithm of the group's share over the rest.
  let common = 0;
  for (let k = 0; k < parts; k++) {
    const share = shares[k] as number;
    const size = sizes[k] ?? 1;
    const s =
      (slopes[k] as number) / size -
      byRestMean -
      (byRestSquares * 2 * rest) / restClones +
      (byTotal + byNaive) * 2 * heightVariance * share;
    slopes[k] = s;
    common += s * size * share;
  }
  for (let k = 0; k < parts; k++) {
    slopes[k] = (sizes[k] ?? 1) * (shares[k] as number) * ((slopes[k] as number) - common);
  }
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
