import type { Assay } from '../config/assay.ts';
import { fitMixtures, solve } from './fit.ts';
import type { Fit, Hint } from './fit.ts';
import { createLikelihood, parametersOf } from './likelihood.ts';
import type { Likelihood, Mixture } from './likelihood.ts';
import type { NoiseModel } from './position.ts';
import { clip } from './moments.ts';
import type { Heights } from './readout.ts';
import type { Candidate } from './templates.ts';

/** A known template found in the window. */
export interface FoundTemplate {
  readonly name: string;
  /** Share of all templates, 0-1. */
  readonly share: number;
}

/** The largest clone's share among host templates, with its uncertainty. */
export interface Estimate {
  readonly value: number;
  /** Standard error before it is widened to what intervals have to cover. */
  readonly error: number;
  /** 90 % interval. */
  readonly interval: readonly [number, number];
  /** Shares of the clones that were told apart, largest first, of the best fit; they do not include the rest. */
  readonly clones: readonly number[];
  readonly templates: readonly FoundTemplate[];
}

/** Standard normal quantile of 0.95. */
const Z90 = 1.645;

/**
 * Estimates the largest clone's share by maximum likelihood for each number of clones and averages the results by
 * how well, and with how few clones, each explains the heights. Known templates take part with their own shares; what
 * is estimated is the share among the rest.
 * @param heights host heights in units of the mean total
 * @param composition how often A, C, G and T occur
 * @param hint first estimates by another method
 * @param fades true where templates end within reach of the window, and shares change along it
 */
export function estimateLargest(
  heights: Heights,
  composition: Float64Array,
  noise: NoiseModel,
  hint: Hint,
  candidates: readonly Candidate[],
  fades: boolean,
  assay: Assay,
): Estimate {
  const { estimator, gates } = assay;
  let present = candidates;
  for (;;) {
    const likelihood = createLikelihood(
      heights,
      composition,
      present.map((candidate) => candidate.bases),
      noise,
    );
    const fits = fitMixtures(
      likelihood,
      hint,
      present.map((candidate) => candidate.share),
      estimator,
    );
    const first = estimator.firstCloneCost + (present.length > 0 ? estimator.templateCost : 0);
    const cost = ({ clones, even }: Fit): number =>
      clones === 0 ? 0 : first + estimator.cloneCost * (even ? 1 : clones);
    const top = fits.reduce((a, b) => (b.value - cost(b) > a.value - cost(a) ? b : a));
    const kept = present.filter(
      ({ single }, t) =>
        (top.mixture.templates[t] as number) >= (single ? gates.templateRun : gates.templateNamed),
    );
    if (kept.length < present.length) {
      present = kept;
      continue;
    }
    return average(likelihood, fits, (fit) => fit.value - cost(fit), top, present, fades, estimator);
  }
}

function average(
  likelihood: Likelihood,
  fits: readonly Fit[],
  valueOf: (fit: Fit) => number,
  top: Fit,
  present: readonly Candidate[],
  fades: boolean,
  estimator: Assay['estimator'],
): Estimate {
  let [weights, mean, square] = [0, 0, 0];
  for (const fit of fits) {
    const weight = Math.exp(valueOf(fit) - valueOf(top));
    if (weight < 1e-4) continue;
    const share = largestOf(fit.mixture, estimator.restLargest);
    weights += weight;
    mean += weight * share;
    square += weight * (share * share + varianceOf(likelihood, fit, estimator.restLargest));
  }
  const value = clip(mean / weights);
  const variance = Math.max(0, square / weights - (mean / weights) ** 2);
  const extra = fades ? estimator.fadeError : 0;
  const reach = Z90 * Math.sqrt(variance * estimator.widen ** 2 + estimator.leastError ** 2 + extra ** 2);
  const hosts = top.mixture.clones.reduce((a, b) => a + b, top.mixture.rest);
  return {
    value,
    error: Math.sqrt(variance),
    interval: [clip(value - reach), clip(value + reach)],
    clones: top.mixture.clones.map((share) => share / hosts).sort((a, b) => b - a),
    templates: present.map(({ name }, t) => ({ name, share: top.mixture.templates[t] as number })),
  };
}

/** Largest share among host templates; where none stands out, that of the largest of the many small clones. */
function largestOf({ clones, rest, restClones }: Mixture, restLargest: number): number {
  const hosts = clones.reduce((a, b) => a + b, rest);
  const ofRest = Math.min(1, restLargest / restClones);
  return clones.length === 0 ? ofRest : Math.max(...clones) / hosts;
}

/** How far the largest share is moved to see the likelihood fall. */
const PROBE = 0.04;

/**
 * Variance of `largestOf`: from the inverse information (delta method), but not more than the fall of the likelihood
 * shows when the largest clone gains or loses share at the expense of all others. Two clones of one size have no
 * slope against each other, and the information alone would know nothing of them.
 */
function varianceOf(likelihood: Likelihood, fit: Fit, restLargest: number): number {
  const { mixture, information } = fit;
  const size = fit.parameters.length;
  const slope = new Float64Array(size);
  if (fit.clones === 0) {
    slope[size - 1] = -Math.min(1, restLargest / mixture.restClones);
    return quadratic(information, slope);
  }
  const hosts = mixture.clones.reduce((a, b) => a + b, mixture.rest);
  const shares = mixture.clones.map((share) => share / hosts);
  const largest = Math.max(...shares);
  const chosen = shares.indexOf(largest);
  shares.forEach((share, k) => {
    // Clones held equal move together; otherwise the largest moves against each of the others.
    const own = fit.even ? 1 / shares.length : k === chosen ? 1 : 0;
    slope[k] = largest * (own - share);
  });
  const expected = quadratic(information, slope);
  if (fit.even) return expected;

  const at = likelihood.evaluate(fit.parameters, fit.clones, null);
  let [fall, probes] = [0, 0];
  for (const moved of [largest - PROBE, largest + PROBE]) {
    if (moved < 0.01 || moved > 0.995) continue;
    const others = (1 - moved) / (1 - largest);
    const clones = shares.map((share, k) => hosts * (k === chosen ? moved : share * others));
    const parameters = parametersOf(clones, mixture.templates, mixture.restClones);
    fall += Math.max(0, at - likelihood.evaluate(parameters, fit.clones, null));
    probes++;
  }
  const probed = probes > 0 && fall > 0 ? (PROBE * PROBE * probes) / (2 * fall) : Infinity;
  return Math.min(expected, probed, PROBE_LIMIT);
}

/** Variance of a share of which nothing is known but that it is one. */
const PROBE_LIMIT = 1 / 12;

/** slope · information⁻¹ · slope */
function quadratic(information: Float64Array, slope: Float64Array): number {
  const spread = solve(information, slope, 0);
  let variance = 0;
  for (let a = 0; a < slope.length; a++) variance += (slope[a] as number) * (spread[a] as number);
  return Math.max(0, variance);
}
