import { cutAtZero } from './cut.ts';
import { MOST_STATES } from './groups.ts';
import type { Groups, Ways } from './groups.ts';
import { addSlope, bellOf, combine, densities, MOST_GROUPS, PEAK_FIELDS } from './position.ts';
import type { Common, NoiseModel, Slope, Work } from './position.ts';

/**
 * What the host positions are made of: a few clones with shares of their own, known templates, and a rest of many
 * small clones. Shares of clones, templates and rest sum to 1.
 */
export interface Mixture {
  /** Share of each clone, those of a group one after the other. */
  readonly clones: readonly number[];
  readonly templates: readonly number[];
  readonly rest: number;
  /** Effective number of clones in the rest: 1 / sum of squared shares within it. */
  readonly restClones: number;
}

/**
 * Log-likelihood of the heights at host positions.
 *
 * Each clone has an unknown base at each position, A, C, G and T alike likely, and a peak of random height there.
 * The bases are summed over, all 4^k combinations, in closed form: the four channels are independent given how many
 * clones of each group have their base there, so a sum over such counts, channel by channel, gives the same in far
 * fewer steps. The rest adds a random height to every channel, whose first three cumulants are those of its many
 * clones.
 */
export interface Likelihood {
  /** Number of positions. */
  readonly positions: number;
  /**
   * @param parameters logarithms of each group's and each template's share over the rest, then of `restClones`
   * @param slope filled in where given
   */
  evaluate(parameters: Float64Array, ways: Ways, slope: Slope | null): number;
  /** What the positions of one share, 0 to `SHARES` - 1, add to the log-likelihood; each is spread over all of them. */
  evaluateShare(parameters: Float64Array, ways: Ways, share: number): number;
}

/** Into so many shares the positions can be dealt out: a few tell already which parameters lie far behind others. */
export const SHARES = 4;

/**
 * Third central moment of one small clone's height in one channel, in units of its share cubed: it has its base there
 * with probability 1/4 and a height of mean 1 and relative SD 0.27.
 */
const REST_THIRD = 0.136;
/** More skewness than this a correction by its first term cannot express. */
const MOST_SKEW = 0.6;

/**
 * @param heights four to a position, A, C, G, T, in units of the mean total height
 * @param composition how often A, C, G and T occur in the rest; they sum to 1
 * @param templates for each known template its base at each position, codes 0-3, others beyond its end
 */
export function createLikelihood(
  heights: Float64Array,
  composition: Float64Array,
  templates: readonly Uint8Array[],
  noise: NoiseModel,
): Likelihood {
  const positions = heights.length / 4;
  const masks = new Uint8Array(heights.length);
  templates.forEach((bases, t) => {
    for (let i = 0; i < positions; i++) {
      const base = bases[i] ?? 255;
      if (base < 4) masks[4 * i + base] = (masks[4 * i + base] as number) | (1 << t);
    }
  });
  const excess = new Float64Array(positions);
  for (let i = 0; i < positions; i++) {
    let sum = -1;
    for (let b = 0; b < 4; b++) sum += heights[4 * i + b] as number;
    excess[i] = sum * sum;
  }
  const most = MOST_STATES;
  const array = (size: number): Float64Array => new Float64Array(size);
  const work: Work = {
    heights,
    masks,
    templates: templates.length,
    composition,
    offset: array(4),
    noise,
    excess,
    peaks: array(PEAK_FIELDS * (most << templates.length)),
    density: array(4 * most),
    weight: array(4 * most),
    left: array(most),
    right: array(most),
    sums: array(2 * most),
    shares: array(MOST_GROUPS + templates.length),
    slopes: array(MOST_GROUPS + templates.length + 1),
  };
  return {
    positions,
    evaluate: (parameters, ways, slope) => evaluate(work, parameters, ways, slope, 0, 1),
    evaluateShare: (parameters, ways, share) => evaluate(work, parameters, ways, null, share, SHARES),
  };
}

/** Positions whose densities are multiplied before a logarithm is taken: few enough not to overflow. */
const LOG_EVERY = 8;

/** Over every `step`-th position from `first` on. */
function evaluate(
  work: Work,
  parameters: Float64Array,
  ways: Ways,
  slope: Slope | null,
  first: number,
  step: number,
): number {
  const { heights, excess, noise } = work;
  const { outlierDensity } = noise;
  const common = setUp(work, parameters, ways);
  const { totalVariance, naiveVariance } = common;
  const totalScale = Math.sqrt(naiveVariance / totalVariance) * ways.scale;
  const totalRate = 1 / totalVariance - 1 / naiveVariance;
  if (slope !== null) {
    slope.gradient.fill(0);
    slope.information.fill(0);
  }
  let logLikelihood = 0;
  let outliers = 0;
  let product = 1;
  const positions = heights.length / 4;
  let factors = 0;
  for (let i = first; i < positions; i += step) {
    densities(work, i, ways);
    const inside = combine(work, ways);
    const explained = inside * totalScale * bellOf(totalRate * (excess[i] as number));
    product *= explained + outlierDensity;
    factors++;
    if (factors === LOG_EVERY) {
      logLikelihood += Math.log(product);
      product = 1;
      factors = 0;
    }
    if (slope === null) continue;
    const trust = explained / (explained + outlierDensity);
    outliers += 1 - trust;
    if (inside > 0) addSlope(work, i, ways, trust, trust / inside, common, slope);
  }
  if (slope !== null) slope.outliers = outliers;
  return logLikelihood + Math.log(product);
}

/** Shares and, for every state and set of templates, mean, variance and skewness of a channel. */
function setUp(work: Work, parameters: Float64Array, ways: Ways): Common {
  const { shares, peaks, templates, composition, offset, noise } = work;
  const { heightVariance, floorVariance, clippedSd } = noise;
  const { groups, sizes, states, counts, weights } = ways;
  const parts = groups + templates;
  let sum = 1;
  for (let k = 0; k < parts; k++) sum += Math.exp(parameters[k] as number);
  let squares = 0;
  for (let k = 0; k < parts; k++) {
    const size = sizes[k] ?? 1;
    const share = Math.exp(parameters[k] as number) / (sum * size);
    shares[k] = share;
    squares += size * share * share;
  }
  const rest = 1 / sum;
  const restClones = Math.exp(parameters[parts] as number);
  const restSquares = (rest * rest) / restClones;
  for (let b = 0; b < 4; b++) offset[b] = rest * ((composition[b] as number) - 0.25);
  const spread = (1 + heightVariance) / 4;
  const third = heightVariance * Math.sqrt(heightVariance) * noise.heightSkew;
  for (let present = 0, at = 0; present < 1 << templates; present++) {
    for (let s = 0; s < states; s++, at += PEAK_FIELDS) {
      let m = rest / 4;
      let v = restSquares * spread + floorVariance;
      let c = ((restSquares * rest) / restClones) * REST_THIRD;
      for (let k = 0; k < parts; k++) {
        const count = k < groups ? (counts[groups * s + k] as number) : (present >> (k - groups)) & 1;
        if (count === 0) continue;
        const f = shares[k] as number;
        m += count * f;
        v += count * heightVariance * f * f;
        c += count * third * f * f * f;
      }
      const cut = cutAtZero(m, clippedSd);
      v += cut.variance;
      const sharp = 1 / Math.sqrt(v);
      peaks[at] = m + cut.lift;
      peaks[at + 1] = sharp;
      peaks[at + 2] = Math.min(MOST_SKEW, c / (v * Math.sqrt(v))) / 6;
      peaks[at + 3] = cut.follow;
      peaks[at + 4] = sharp * (weights[s] as number);
    }
  }
  // The four channels of the rest are not independent: together they vary less than one by one. The density of their
  // total, which does not depend on who has which base, is exchanged for the right one.
  const totalVariance = heightVariance * (squares + restSquares) + 4 * floorVariance;
  const naiveVariance = heightVariance * squares + 4 * (restSquares * spread + floorVariance);
  return { rest, restClones, restSquares, spread, totalVariance, naiveVariance };
}

/** Shares from parameters, as `evaluate` takes them. */
export function mixtureOf(parameters: Float64Array, groups: Groups): Mixture {
  const parts = parameters.length - 1;
  const weights = parameters.subarray(0, parts).map(Math.exp);
  const sum = 1 + weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((weight) => weight / sum);
  return {
    clones: groups.flatMap((size, j) => new Array<number>(size).fill((shares[j] as number) / size)),
    templates: Array.from(shares.subarray(groups.length)),
    rest: 1 / sum,
    restClones: Math.exp(parameters[parts] as number),
  };
}

/** Parameters from the shares of whole groups; none may be 0, so each is at least `LEAST_SHARE`. */
export function parametersOf(
  groups: readonly number[],
  templates: readonly number[],
  restClones: number,
): Float64Array {
  const shares = [...groups, ...templates].map((share) => Math.max(LEAST_SHARE, share));
  const rest = Math.max(LEAST_SHARE, 1 - shares.reduce((a, b) => a + b, 0));
  return Float64Array.from([...shares.map((share) => Math.log(share / rest)), Math.log(restClones)]);
}

const LEAST_SHARE = 0.003;
