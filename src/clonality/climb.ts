import type { Assay } from '../config/assay.ts';
import type { Ways } from './groups.ts';
import { mixtureOf } from './likelihood.ts';
import type { Likelihood, Mixture } from './likelihood.ts';
import type { Slope } from './position.ts';

/** The most likely mixture with a given grouping of clones. */
export interface Fit {
  readonly ways: Ways;
  readonly parameters: Float64Array;
  readonly mixture: Mixture;
  /** Log-likelihood less the penalty of the weak prior. */
  readonly value: number;
  readonly logLikelihood: number;
  /** Information matrix of the parameters, prior included, row by row. */
  readonly information: Float64Array;
  /** Part of the positions that the mixture does not explain. */
  readonly misfit: number;
}

/** A grouping that is tried, with the parameters to start from. */
export interface Start {
  readonly ways: Ways;
  readonly parameters: Float64Array;
}

type Prior = Assay['estimator']['prior'];

/** Steps of one climb; it usually needs three to five. */
const MOST_STEPS = 12;
/** A climb ends where a step gains, or promises, less than this, log units. */
const LEAST_GAIN = 0.05;
/** Longest step of a parameter. */
const LONGEST_STEP = 1.5;

/** Climbs by Gauss-Newton steps on the outer products of the slopes (BHHH), damped where a step fails. */
export function climb(likelihood: Likelihood, { ways, parameters: first }: Start, prior: Prior): Fit {
  const size = first.length;
  let parameters = first;
  let slope = emptySlope(size);
  let other = emptySlope(size);
  let value = likelihood.evaluate(parameters, ways, slope) + addPrior(parameters, prior, slope);
  let damping = 0.1;
  for (let round = 0; round < MOST_STEPS; round++) {
    let gain = 0;
    for (let tries = 0; tries < 3 && gain === 0; tries++) {
      const step = solve(slope.information, slope.gradient, damping);
      let [longest, promised] = [0, 0];
      step.forEach((part, a) => {
        longest = Math.max(longest, Math.abs(part));
        promised += 0.5 * part * (slope.gradient[a] as number);
      });
      if (promised < LEAST_GAIN) break;
      const scale = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
      const next = parameters.map((parameter, a) => parameter + scale * (step[a] as number));
      const reached = likelihood.evaluate(next, ways, other) + addPrior(next, prior, other);
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
    ways,
    parameters,
    mixture: mixtureOf(parameters, ways.sizes),
    value,
    logLikelihood: value - addPrior(parameters, prior, null),
    information: slope.information,
    misfit: slope.outliers / likelihood.positions,
  };
}

function emptySlope(size: number): Slope {
  return { gradient: new Float64Array(size), information: new Float64Array(size * size), outliers: 0 };
}

/** Logarithm of the prior up to a constant; adds its slope and precision. */
export function addPrior(parameters: Float64Array, prior: Prior, slope: Slope | null): number {
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
