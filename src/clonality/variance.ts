import { solve } from './climb.ts';
import type { Fit } from './climb.ts';
import { parametersOf } from './likelihood.ts';
import type { Likelihood } from './likelihood.ts';
import { groupShares } from './starts.ts';

/** How far the largest share is moved to see the likelihood fall. */
const PROBE = 0.04;
/** Shares that a probe stays within. */
const LEAST = 0.01;
const MOST = 0.995;
/** Variance of a share of which nothing is known but that it is one. */
const UNKNOWN = 1 / 12;

/**
 * Variance of the largest share among host templates: from the inverse information (delta method), but not more than
 * the fall of the likelihood shows when the largest clone gains or loses share at the expense of all others. Two
 * clones of one size have no slope against each other, and the information alone would know nothing of them.
 * @param restLargest largest over mean share where no clone stands out
 */
export function varianceOf(likelihood: Likelihood, fit: Fit, restLargest: number): number {
  const { mixture, information, ways } = fit;
  const slope = new Float64Array(fit.parameters.length);
  if (ways.groups === 0) {
    slope[slope.length - 1] = -Math.min(1, restLargest / mixture.restClones);
    return quadratic(information, slope);
  }
  const hosts = mixture.clones.reduce((a, b) => a + b, mixture.rest);
  const groups = groupShares(fit).map((share) => share / hosts);
  const clones = groups.map((share, j) => share / (ways.sizes[j] as number));
  const largest = Math.max(...clones);
  const chosen = clones.indexOf(largest);
  groups.forEach((share, k) => (slope[k] = largest * ((k === chosen ? 1 : 0) - share)));
  return Math.min(quadratic(information, slope), probed(likelihood, fit, groups, chosen), UNKNOWN);
}

function probed(likelihood: Likelihood, fit: Fit, groups: readonly number[], chosen: number): number {
  const { mixture, ways } = fit;
  const own = groups[chosen] as number;
  const size = ways.sizes[chosen] as number;
  const rest = mixture.templates.reduce((a, b) => a - b, 1);
  let [fall, probes] = [0, 0];
  for (const group of [own - size * PROBE, own + size * PROBE]) {
    if (group < size * LEAST || group > MOST) continue;
    const others = (1 - group) / (1 - own);
    const shares = groups.map((share, k) => rest * (k === chosen ? group : share * others));
    const moved = parametersOf(shares, mixture.templates, mixture.restClones);
    fall += Math.max(0, fit.logLikelihood - likelihood.evaluate(moved, ways, null));
    probes++;
  }
  return probes > 0 && fall > 0 ? (PROBE * PROBE * probes) / (2 * fall) : Infinity;
}

/** slope · information⁻¹ · slope */
function quadratic(information: Float64Array, slope: Float64Array): number {
  const spread = solve(information, slope, 0);
  let variance = 0;
  for (let a = 0; a < slope.length; a++) variance += (slope[a] as number) * (spread[a] as number);
  return Math.max(0, variance);
}
