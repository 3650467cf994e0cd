import type { Assay } from '../config/assay.ts';
import { mixtureOf, parametersOf } from './likelihood.ts';
import type { Likelihood, Mixture } from './likelihood.ts';
import { MOST_CLONES } from './position.ts';
import type { Slope } from './position.ts';

/** The most likely mixture with a given number of clones. */
export interface Fit {
  /** Clones with a share of their own. */
  readonly clones: number;
  /** True where these are held equal: fewer free parameters explain as much. */
  readonly even: boolean;
  readonly parameters: Float64Array;
  readonly mixture: Mixture;
  /** Log-likelihood less the penalty of the weak prior. */
  readonly value: number;
  /** Information matrix of the parameters, prior included, row by row. */
  readonly information: Float64Array;
  /** Part of the positions that the mixture does not explain. */
  readonly misfit: number;
}

/** First estimates, from moments. */
export interface Hint {
  readonly largest: number;
  /** Sum of squared clone shares. */
  readonly squares: number;
}

type Prior = Assay['estimator']['prior'];

/** Steps of one climb; it usually needs four to six. */
const MOST_STEPS = 12;
/** A climb ends where a step gains less than this, log units. */
const LEAST_GAIN = 0.05;
/** Longest step of a parameter. */
const LONGEST_STEP = 1.5;
/** A further clone is looked for only while the rest has at least this share. */
const LEAST_REST = 0.03;
/** With fewer effective clones than this the rest may hide a few large ones. */
const FINE_REST = 10;
/** A clone with this share among all templates stands out: a mixture without one need not be tried. */
const PLAIN_TO_SEE = 0.35;
/** A gain in log-likelihood that shows that one clone more was needed. */
const CLEAR_GAIN = 3;
/** A fit that leaves more of the positions unexplained has taken several clones for one. */
const MUCH_MISFIT = 0.08;
/** Large clones of like share, with this much left, are likely to be more of them than were told apart. */
const ALIKE_FROM = 0.2;
const ALIKE_REST = 0.12;
/** Shares of new clones that are tried, as parts of the largest possible. */
const NEW_PARTS = [0.3, 0.6, 0.9] as const;
/** Parts in which the largest clone is split: two clones of one base count may have been taken for one. */
const SPLITS = [0.52, 0.65] as const;

/**
 * Fits mixtures with no clone of its own, with one, two, and so on, as long as the rest consists of a few lumps
 * rather than of many small clones.
 * @param hint first estimates of the largest share and of the sum of squared shares
 * @param templates first estimates of the shares of known templates
 */
export function fitMixtures(
  likelihood: Likelihood,
  hint: Hint,
  templates: readonly number[],
  { prior, lump }: Assay['estimator'],
): Fit[] {
  const room = 1 - templates.reduce((a, b) => a + b, 0);
  const h = Math.min(0.97, Math.max(0.05, hint.largest));
  const fine = (1 - h) ** 2 / Math.max(hint.squares - h * h, (1 - h) ** 2 / 60);
  const at = (shares: readonly number[], restClones: number): Float64Array =>
    parametersOf(
      shares.map((share) => share * room),
      templates,
      restClones,
    );
  const climbFrom = (starts: readonly Float64Array[], clones: number): Fit =>
    climb(likelihood, best(likelihood, starts, clones, prior), clones, prior);

  const one = climbFrom([at([h], Math.max(2, fine))], 1);
  const fits = [one];
  let none: Fit | null = null;
  if ((one.mixture.clones[0] as number) < PLAIN_TO_SEE) {
    none = climbFrom([at([], Math.max(2, 1 / Math.max(0.02, hint.squares)))], 0);
    fits.push(none);
    if (one.value < none.value + CLEAR_GAIN && none.mixture.restClones > FINE_REST) return fits;
  }

  let before = one;
  let top = Math.max(none?.value ?? -Infinity, one.value);
  for (let clones = 2; clones <= MOST_CLONES; clones++) {
    const { rest, restClones } = before.mixture;
    const lumpy = rest >= LEAST_REST && rest / restClones >= lump;
    const known = [...before.mixture.clones].sort((a, b) => b - a);
    const [largest = 0, ...others] = known;
    const smallest = known.at(-1) ?? 1;
    const alike = clones > 2 && largest >= ALIKE_FROM && smallest >= largest / 2 && rest >= ALIKE_REST;
    if (!alike) {
      if (clones <= 3 && !lumpy && before.misfit < MUCH_MISFIT) break;
      if (clones > 4 && before.value < top + CLEAR_GAIN) break;
    }
    top = Math.max(top, before.value);

    const with_ = (shares: readonly number[], n: number): Float64Array =>
      parametersOf(shares, before.mixture.templates, n);
    const even = at(
      Array.from({ length: clones }, () => 0.96 / clones),
      8,
    );
    const starts = [even];
    if (rest > LEAST_REST) {
      for (const part of NEW_PARTS) {
        starts.push(with_([...known, part * Math.min(rest, smallest)], Math.max(4, 1.5 * restClones)));
      }
    }
    for (const part of SPLITS)
      starts.push(with_([part * largest, ...others, (1 - part) * largest], restClones));
    if (clones === 2) starts.push(at([h, 0.5 * Math.min(h, 1 - h)], 15));
    const chosen = best(likelihood, starts, clones, prior);
    let fit = climb(likelihood, chosen, clones, prior);
    if (chosen === even) {
      // Equal shares stay equal on the way up, for every slope is the same. Free them, and keep both.
      fits.push({ ...fit, even: true });
      const apart = fit.mixture.clones.map((share, i) => share * (1.1 - (0.2 * i) / (clones - 1)));
      fit = climb(likelihood, parametersOf(apart, fit.mixture.templates, restClones), clones, prior);
    }
    fits.push(fit);
    before = fit;
  }
  return fits;
}

/** The start with the highest value. */
function best(
  likelihood: Likelihood,
  starts: readonly Float64Array[],
  clones: number,
  prior: Prior,
): Float64Array {
  let top = starts[0] as Float64Array;
  if (starts.length === 1) return top;
  let topValue = -Infinity;
  for (const start of starts) {
    const value = likelihood.evaluate(start, clones, null) + addPrior(start, prior, null);
    if (value > topValue) {
      topValue = value;
      top = start;
    }
  }
  return top;
}

/** Climbs by Gauss-Newton steps on the outer products of the slopes (BHHH), damped where a step fails. */
function climb(likelihood: Likelihood, start: Float64Array, clones: number, prior: Prior): Fit {
  const size = start.length;
  let parameters = start;
  let slope = emptySlope(size);
  let other = emptySlope(size);
  let value = likelihood.evaluate(parameters, clones, slope) + addPrior(parameters, prior, slope);
  let damping = 0.1;
  for (let round = 0; round < MOST_STEPS; round++) {
    let gain = 0;
    for (let tries = 0; tries < 3 && gain === 0; tries++) {
      const step = solve(slope.information, slope.gradient, damping);
      let longest = 0;
      for (const part of step) longest = Math.max(longest, Math.abs(part));
      const scale = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
      const next = parameters.map((parameter, a) => parameter + scale * (step[a] as number));
      const reached = likelihood.evaluate(next, clones, other) + addPrior(next, prior, other);
      if (reached > value) {
        gain = reached - value;
        value = reached;
        parameters = next;
        [slope, other] = [other, slope];
        damping = Math.max(0.003, damping * 0.3);
      } else {
        damping = Math.max(0.1, damping * 8);
      }
    }
    if (gain < LEAST_GAIN) break;
  }
  return {
    clones,
    even: false,
    parameters,
    mixture: mixtureOf(parameters, clones),
    value,
    information: slope.information,
    misfit: slope.outliers / likelihood.positions,
  };
}

function emptySlope(size: number): Slope {
  return { gradient: new Float64Array(size), information: new Float64Array(size * size), outliers: 0 };
}

/** Logarithm of the prior up to a constant; adds its slope and precision. */
function addPrior(parameters: Float64Array, prior: Prior, slope: Slope | null): number {
  const size = parameters.length;
  let value = 0;
  for (let a = 0; a < size; a++) {
    const isShare = a < size - 1;
    const off = (parameters[a] as number) - (isShare ? 0 : Math.log(prior.restClones));
    const precision = 1 / (isShare ? prior.logShareSd : prior.logRestClonesSd) ** 2;
    value -= 0.5 * off * off * precision;
    if (slope === null) continue;
    slope.gradient[a] = (slope.gradient[a] as number) - off * precision;
    slope.information[a * (size + 1)] = (slope.information[a * (size + 1)] as number) + precision;
  }
  return value;
}

/** Solves (matrix with its diagonal raised by the part `damping`) x = right side, for a positive definite matrix. */
export function solve(matrix: Float64Array, right: Float64Array, damping: number): Float64Array {
  const n = right.length;
  const m = matrix.slice();
  const x = right.slice();
  for (let i = 0; i < n; i++) m[i * (n + 1)] = (m[i * (n + 1)] as number) * (1 + damping) + 1e-9;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const f = (m[j * n + i] as number) / (m[i * (n + 1)] as number);
      for (let k = i; k < n; k++) m[j * n + k] = (m[j * n + k] as number) - f * (m[i * n + k] as number);
      x[j] = (x[j] as number) - f * (x[i] as number);
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < n; k++) sum -= (m[i * n + k] as number) * (x[k] as number);
    x[i] = sum / (m[i * (n + 1)] as number);
  }
  return x;
}
