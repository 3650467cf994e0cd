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

/**
 * What the host positions are made of: a few clones with shares of their own, known templates, and a rest of many
 * small clones. Shares of clones, templates and rest sum to 1.
 */
export interface Mixture {
  readonly clones: readonly number[];
  readonly templates: readonly number[];
  readonly rest: number;
  /** Effective number of clones in the rest: 1 / sum of squared shares within it. */
  readonly restClones: number;
}

/** Log-likelihood at one set of parameters; with it, where asked for, its slope and information matrix. */
export interface Slope {
  readonly gradient: Float64Array;
  /** Sum over positions of the outer product of their gradients, row by row. */
  readonly information: Float64Array;
  /** Positions that the mixture does not explain, weighted by how little it does. */
  outliers: number;
}

/**
 * Log-likelihood of the heights at host positions.
 *
 * Each clone has an unknown base at each position, A, C, G and T alike likely, and a peak of random height there.
 * The bases are summed over, all 4^k combinations, in closed form: the four channels are independent given which
 * clones have their base, so a sum over subsets of clones, channel by channel, gives the same in 3^k steps. The rest
 * adds a random height to every channel, whose first three cumulants are those of its many clones.
 */
export interface Likelihood {
  /** Number of positions. */
  readonly positions: number;
  /**
   * @param parameters logarithms of each clone's and each template's share over the rest, then of `restClones`
   * @param clones how many of the parameters are clones
   * @param slope filled in where given
   */
  evaluate(parameters: Float64Array, clones: number, slope: Slope | null): number;
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
const BELL = Float64Array.from(
  { length: BELL_END * BELL_STEPS + 2 },
  (_, i) => Math.exp((-0.5 * i) / BELL_STEPS) / Math.sqrt(2 * Math.PI),
);

/**
 * Third central moment of one small clone's height in one channel, in units of its share cubed: it has its base there
 * with probability 1/4 and a height of mean 1 and relative SD 0.27.
 */
const REST_THIRD = 0.136;
/** An Edgeworth correction stays a density only while it is small. */
const MOST_SKEW = 0.6;
const LEAST_CORRECTION = 0.1;

/**
 * @param heights four to a position, A, C, G, T, in units of the mean total height
 * @param templates for each known template its base at each position, codes 0-3, others beyond its end
 */
export function createLikelihood(
  heights: Float64Array,
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

  const most = 1 << MOST_CLONES;
  const sets = most << templates.length;
  const mean = new Float64Array(sets);
  /** How much of a change of the true mean the mean of the clipped signal follows. */
  const follow = new Float64Array(sets);
  const precision = new Float64Array(sets);
  const skew = new Float64Array(sets);
  const density = new Float64Array(4 * most);
  const byMean = new Float64Array(4 * most);
  const byVariance = new Float64Array(4 * most);
  const weight = new Float64Array(4 * most);
  const left = new Float64Array(most);
  const right = new Float64Array(most);
  const shares = new Float64Array(MOST_CLONES + templates.length);
  const slopes = new Float64Array(MOST_CLONES + templates.length + 1);

  return {
    positions,
    evaluate(parameters, clones, slope) {
      const { heightVariance, floorVariance, clippedSd, outlierDensity } = noise;
      const parts = clones + templates.length;
      const subsets = 1 << clones;
      const full = subsets - 1;

      // Shares and, for every subset of clones (and templates), mean, variance and skewness of a channel.
      let sum = 1;
      for (let k = 0; k < parts; k++) sum += Math.exp(parameters[k] as number);
      let squares = 0;
      for (let k = 0; k < parts; k++) {
        const share = Math.exp(parameters[k] as number) / sum;
        shares[k] = share;
        squares += share * share;
      }
      const rest = 1 / sum;
      const restClones = Math.exp(parameters[parts] as number);
      const restSquares = (rest * rest) / restClones;
      const spread = (1 + heightVariance) / 4;
      const third = heightVariance * Math.sqrt(heightVariance) * noise.heightSkew;
      const all = subsets << templates.length;
      for (let s = 0; s < all; s++) {
        let m = rest / 4;
        let v = restSquares * spread + floorVariance;
        let c = ((restSquares * rest) / restClones) * REST_THIRD;
        for (let k = 0; k < parts; k++) {
          if (((s >> k) & 1) === 0) continue;
          const f = shares[k] as number;
          m += f;
          v += heightVariance * f * f;
          c += third * f * f * f;
        }
        const lift = clipped(m, clippedSd);
        v += lift.variance;
        mean[s] = m + lift.mean;
        follow[s] = lift.follow;
        precision[s] = 1 / Math.sqrt(v);
        skew[s] = Math.min(MOST_SKEW, c / (v * Math.sqrt(v))) / 6;
      }
      // The four channels of the rest are not independent: together they vary less than one by one. The density of
      // their total, which does not depend on who has which base, is exchanged for the right one.
      const totalVariance = heightVariance * (squares + restSquares) + 4 * floorVariance;
      const naiveVariance = heightVariance * squares + 4 * (restSquares * spread + floorVariance);
      const totalScale = Math.sqrt(naiveVariance / totalVariance) * 0.25 ** clones;
      const totalRate = 0.5 * (1 / totalVariance - 1 / naiveVariance);

      const { whole, part, remainder } = SPLITS[clones] as Splits;
      const splits = whole.length;
      slope?.gradient.fill(0);
      slope?.information.fill(0);
      if (slope !== null) slope.outliers = 0;
      let logLikelihood = 0;
      for (let i = 0; i < positions; i++) {
        for (let b = 0; b < 4; b++) {
          const x = heights[4 * i + b] as number;
          const table = (masks[4 * i + b] as number) << clones;
          const row = b * subsets;
          for (let s = 0; s < subsets; s++) {
            const sharp = precision[table + s] as number;
            const z = (x - (mean[table + s] as number)) * sharp;
            const q = z * z;
            if (q >= BELL_END) {
              density[row + s] = 0;
              byMean[row + s] = 0;
              byVariance[row + s] = 0;
              continue;
            }
            const at = q * BELL_STEPS;
            const low = at | 0;
            const bell = BELL[low] as number;
            const g = skew[table + s] as number;
            const correction = 1 + g * z * (q - 3);
            const bounded = correction < LEAST_CORRECTION ? LEAST_CORRECTION : correction;
            density[row + s] = (bell + ((BELL[low + 1] as number) - bell) * (at - low)) * bounded * sharp;
            if (slope !== null) {
              const byZ = correction === bounded ? (g * (3 * q - 3)) / bounded - z : -z;
              byMean[row + s] = -byZ * sharp * (follow[table + s] as number);
              byVariance[row + s] = -0.5 * sharp * sharp * (1 + z * byZ);
            }
          }
        }
        for (let s = 0; s < subsets; s++) {
          left[s] = 0;
          right[s] = 0;
        }
        const third = 2 * subsets;
        const fourth = 3 * subsets;
        for (let q = 0; q < splits; q++) {
          const w = whole[q] as number;
          const p = part[q] as number;
          const r = remainder[q] as number;
          left[w] = (left[w] as number) + (density[p] as number) * (density[subsets + r] as number);
          right[w] = (right[w] as number) + (density[third + p] as number) * (density[fourth + r] as number);
        }
        let inside = 0;
        for (let s = 0; s < subsets; s++) inside += (left[s] as number) * (right[full ^ s] as number);
        const square = excess[i] as number;
        const explained = inside * totalScale * Math.exp(-totalRate * square);
        logLikelihood += Math.log(explained + outlierDensity);
        if (slope === null) continue;

        // Posterior weight of each channel's subset, then the chain rule from means and variances to shares.
        const trust = explained / (explained + outlierDensity);
        slope.outliers += 1 - trust;
        if (inside === 0) continue;
        for (let s = 0; s < 4 * subsets; s++) weight[s] = 0;
        for (let q = 0; q < splits; q++) {
          const w = whole[q] as number;
          const p = part[q] as number;
          const r = remainder[q] as number;
          const a = (density[p] as number) * (density[subsets + r] as number) * (right[full ^ w] as number);
          weight[p] = (weight[p] as number) + a;
          weight[subsets + r] = (weight[subsets + r] as number) + a;
          const c =
            (density[third + p] as number) * (density[fourth + r] as number) * (left[full ^ w] as number);
          weight[third + p] = (weight[third + p] as number) + c;
          weight[fourth + r] = (weight[fourth + r] as number) + c;
        }
        for (let k = 0; k <= parts; k++) slopes[k] = 0;
        let byRestMean = 0;
        let byRestVariance = 0;
        const scale = trust / inside;
        for (let b = 0; b < 4; b++) {
          const mask = masks[4 * i + b] as number;
          for (let s = 0; s < subsets; s++) {
            const w = (weight[b * subsets + s] as number) * scale;
            if (w < 1e-6) continue;
            const a = w * (byMean[b * subsets + s] as number);
            const c = w * (byVariance[b * subsets + s] as number);
            byRestMean += a;
            byRestVariance += c;
            const present = (mask << clones) | s;
            for (let k = 0; k < parts; k++) {
              if (((present >> k) & 1) === 0) continue;
              slopes[k] = (slopes[k] as number) + a + 2 * heightVariance * (shares[k] as number) * c;
            }
          }
        }
        const byTotal = (trust * (0.5 * square - 0.5 * totalVariance)) / (totalVariance * totalVariance);
        const byNaive = (trust * (0.5 * naiveVariance - 0.5 * square)) / (naiveVariance * naiveVariance);
        const byRestSquares = byRestVariance * spread + byTotal * heightVariance + byNaive * 4 * spread;
        let common = 0;
        for (let k = 0; k < parts; k++) {
          const f = shares[k] as number;
          const s =
            (slopes[k] as number) -
            byRestMean / 4 -
            (byRestSquares * 2 * rest) / restClones +
            (byTotal + byNaive) * 2 * heightVariance * f;
          slopes[k] = s;
          common += s * f;
        }
        for (let k = 0; k < parts; k++) slopes[k] = (shares[k] as number) * ((slopes[k] as number) - common);
        slopes[parts] = -byRestSquares * restSquares;
        for (let a = 0; a <= parts; a++) {
          const s = slopes[a] as number;
          slope.gradient[a] = (slope.gradient[a] as number) + s;
          for (let c = 0; c <= parts; c++) {
            const at = a * (parts + 1) + c;
            slope.information[at] = (slope.information[at] as number) + s * (slopes[c] as number);
          }
        }
      }
      return logLikelihood;
    },
  };
}

/**
 * What the cut at zero does to noise of SD `sd` around `mean`: it lifts the mean of an empty channel by 0.4 SD and
 * halves its spread, and leaves a well filled channel alone. Variance: in excess of that of an empty channel.
 */
function clipped(mean: number, sd: number): { mean: number; variance: number; follow: number } {
  if (sd <= 0 || mean > 3 * sd) return { mean: 0, variance: EXCESS_FILLED * sd * sd, follow: 1 };
  const u = mean / sd;
  const above = normalCdf(u);
  const bell = Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
  const first = u * above + bell;
  const variance = (u * u + 1) * above + u * bell - first * first;
  return {
    mean: sd * (first - u),
    variance: Math.max(0, variance - VARIANCE_EMPTY) * sd * sd,
    follow: above,
  };
}

/** Variance of max(0, standard normal), and by how much that of a standard normal exceeds it. */
const VARIANCE_EMPTY = 0.5 - 1 / (2 * Math.PI);
const EXCESS_FILLED = 1 - VARIANCE_EMPTY;

/** Abramowitz and Stegun 26.2.17, error below 1e-7. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}

/** Shares from parameters, as `evaluate` takes them. */
export function mixtureOf(parameters: Float64Array, clones: number): Mixture {
  const parts = parameters.length - 1;
  const weights = Array.from(parameters.subarray(0, parts), Math.exp);
  const sum = 1 + weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((weight) => weight / sum);
  return {
    clones: shares.slice(0, clones),
    templates: shares.slice(clones),
    rest: 1 / sum,
    restClones: Math.exp(parameters[parts] as number),
  };
}

/** Parameters from shares; none may be 0, so each is at least `LEAST_SHARE`. */
export function parametersOf(
  clones: readonly number[],
  templates: readonly number[],
  restClones: number,
): Float64Array {
  const shares = [...clones, ...templates].map((share) => Math.max(LEAST_SHARE, share));
  const rest = Math.max(LEAST_SHARE, 1 - shares.reduce((a, b) => a + b, 0));
  return Float64Array.from([...shares.map((share) => Math.log(share / rest)), Math.log(restClones)]);
}

const LEAST_SHARE = 0.003;
