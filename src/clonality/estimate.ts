import type { Assay } from '../config/assay.ts';
import { fitMixtures, solve } from './fit.ts';
import type { Fit } from './fit.ts';
import { createLikelihood } from './likelihood.ts';
import type { Mixture, NoiseModel } from './likelihood.ts';
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
 * @param hint a first estimate of the largest share
 */
export function estimateLargest(
  heights: Heights,
  noise: NoiseModel,
  hint: number,
  candidates: readonly Candidate[],
  assay: Assay,
): Estimate {
  const { estimator, gates } = assay;
  let present = candidates;
  for (;;) {
    const likelihood = createLikelihood(
      heights,
      present.map((candidate) => candidate.bases),
      noise,
    );
    const fits = fitMixtures(
      likelihood,
      hint,
      present.map((candidate) => candidate.share),
      estimator,
    );
    const cost = ({ clones, even }: Fit): number =>
      clones === 0 ? 0 : estimator.firstCloneCost + estimator.cloneCost * (even ? 1 : clones);
    const top = fits.reduce((a, b) => (b.value - cost(b) > a.value - cost(a) ? b : a));
    const kept = present.filter((_, t) => (top.mixture.templates[t] as number) >= gates.templateNamed);
    if (kept.length < present.length) {
      present = kept;
      continue;
    }
    return average(fits, (fit) => fit.value - cost(fit), top, present, estimator);
  }
}

function average(
  fits: readonly Fit[],
  valueOf: (fit: Fit) => number,
  top: Fit,
  present: readonly Candidate[],
  estimator: Assay['estimator'],
): Estimate {
  let [weights, mean, square] = [0, 0, 0];
  for (const fit of fits) {
    const weight = Math.exp(valueOf(fit) - valueOf(top));
    if (weight < 1e-4) continue;
    const share = largestOf(fit.mixture, estimator.restLargest);
    weights += weight;
    mean += weight * share;
    square += weight * (share * share + varianceOf(fit, estimator.restLargest));
  }
  const value = clip(mean / weights);
  const variance = Math.max(0, square / weights - (mean / weights) ** 2);
  const reach = Z90 * Math.sqrt(variance * estimator.widen ** 2 + estimator.leastError ** 2);
  const hosts = top.mixture.clones.reduce((a, b) => a + b, top.mixture.rest);
  return {
    value,
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

/** Variance of `largestOf` by propagation of the inverse information (delta method). */
function varianceOf(fit: Fit, restLargest: number): number {
  const { mixture, information } = fit;
  const size = fit.parameters.length;
  const slope = new Float64Array(size);
  if (fit.clones === 0) {
    slope[size - 1] = -Math.min(1, restLargest / mixture.restClones);
  } else {
    const hosts = mixture.clones.reduce((a, b) => a + b, mixture.rest);
    const shares = mixture.clones.map((share) => share / hosts);
    const largest = Math.max(...shares);
    const chosen = shares.indexOf(largest);
    // Clones held equal move together; otherwise the largest moves against each of the others.
    shares.forEach((share, k) => {
      const own = fit.even ? 1 / shares.length : k === chosen ? 1 : 0;
      slope[k] = largest * (own - share);
    });
  }
  const spread = solve(information, slope, 0);
  let variance = 0;
  for (let a = 0; a < size; a++) variance += (slope[a] as number) * (spread[a] as number);
  return Math.max(0, variance);
}
