import type { Assay } from '../config/assay.ts';
import type { Fit } from './climb.ts';
import { fitMixtures } from './fit.ts';
import type { Hint } from './fit.ts';
import { createLikelihood } from './likelihood.ts';
import type { Likelihood, Mixture } from './likelihood.ts';
import type { NoiseModel } from './position.ts';
import { clip } from './moments.ts';
import type { Heights } from './readout.ts';
import type { Candidate } from './templates.ts';
import { varianceOf } from './variance.ts';

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
    const cost = ({ ways }: Fit): number =>
      ways.groups === 0 ? 0 : first + estimator.cloneCost * ways.groups;
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

/** A fit with less weight than this, over that of the best, is left out. */
const LEAST_WEIGHT = 0.01;

/**
 * Mean over the fits. Their log-likelihoods differ more than they should, by the square of what a standard error is
 * too small by (`widen`): positions are not as independent as the model has them.
 */
function average(
  likelihood: Likelihood,
  fits: readonly Fit[],
  valueOf: (fit: Fit) => number,
  top: Fit,
  present: readonly Candidate[],
  fades: boolean,
  estimator: Assay['estimator'],
): Estimate {
  const { widen, restLargest, leastError, fadeError, templateError } = estimator;
  let [weights, mean, square, within] = [0, 0, 0, 0];
  for (const fit of fits) {
    const weight = Math.exp((valueOf(fit) - valueOf(top)) / widen ** 2);
    if (weight < LEAST_WEIGHT) continue;
    const share = largestOf(fit.mixture, restLargest);
    weights += weight;
    mean += weight * share;
    square += weight * share * share;
    within += weight * varianceOf(likelihood, fit, restLargest);
  }
  const found = present.length > 0;
  const value = clip(mean / weights);
  const between = Math.max(0, square / weights - (mean / weights) ** 2);
  const error = Math.sqrt(within / weights + between / widen ** 2);
  const reach = Z90 * Math.hypot(error * widen, leastError, fades ? fadeError : 0, found ? templateError : 0);
  const hosts = top.mixture.clones.reduce((a, b) => a + b, top.mixture.rest);
  return {
    value,
    error,
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
