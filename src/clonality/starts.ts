import { waysOf } from './groups.ts';
import type { Ways } from './groups.ts';
import type { Fit, Start } from './climb.ts';
import { parametersOf } from './likelihood.ts';

/** The groupings that are tried, by how many groups they have. */
export const NO_CLONE = waysOf([]);
export const ONE = waysOf([1]);
export const EQUAL = [2, 3, 4, 5, 6, 7].map((size) => waysOf([size]));
export const TWO = waysOf([1, 1]);
export const ONE_AND_EQUAL = [2, 3, 4, 5].map((size) => waysOf([1, size]));
export const THREE = waysOf([1, 1, 1]);
export const TWO_AND_EQUAL = [2, 3].map((size) => waysOf([1, 1, size]));
export const FOUR = waysOf([1, 1, 1, 1]);

/** By their sizes, those in which a clone of an equal group can get a share of its own. */
const PARTED = new Map(
  [TWO, ...ONE_AND_EQUAL, THREE, ...TWO_AND_EQUAL, FOUR].map((ways) => [ways.sizes.join(), ways]),
);

/** A further clone is looked for only while the rest has at least this share. */
export const LEAST_REST = 0.03;
/** Shares of a new clone that are tried, as parts of the largest possible. */
const NEW_PARTS = [0.3, 0.6, 0.9] as const;
/** Parts in which the largest clone is split: two clones of one base count may have been taken for one. */
const SPLITS = [0.52, 0.65] as const;
/** Part of the rest that new equal clones take together. */
const NEARLY_ALL = 0.95;
/** Effective clones of what they leave. */
const LEFT_CLONES = 8;
/** Share of a clone that is set apart, over that of those that stay equal. */
const APART = [1.25, 0.8] as const;

/** Shares of whole groups. */
export function groupShares({ ways, mixture }: Fit): number[] {
  let from = 0;
  return ways.sizes.map((size) => {
    const share = size * (mixture.clones[from] as number);
    from += size;
    return share;
  });
}

/** Starts with one group more than `fit` has: a clone from the rest or half of the largest, or equal clones. */
export function furtherGroup(fit: Fit, layouts: readonly Ways[]): Start[] {
  return layouts
    .filter((ways) => fit.ways.sizes.every((size, j) => ways.sizes[j] === size))
    .flatMap((ways) => ((ways.sizes.at(-1) ?? 1) > 1 ? [equalClones(fit, ways)] : oneClone(fit, ways)));
}

function equalClones(fit: Fit, ways: Ways): Start {
  const { rest, templates } = fit.mixture;
  return {
    ways,
    parameters: parametersOf([...groupShares(fit), NEARLY_ALL * rest], templates, LEFT_CLONES),
  };
}

function oneClone(fit: Fit, ways: Ways): Start[] {
  const { rest, restClones, templates, clones } = fit.mixture;
  const known = groupShares(fit);
  const largest = Math.max(...clones);
  const at = known.findIndex((share, j) => share === largest && fit.ways.sizes[j] === 1);
  const starts: Start[] = [];
  const add = (shares: readonly number[], n: number): number =>
    starts.push({ ways, parameters: parametersOf(shares, templates, n) });
  if (rest > LEAST_REST) {
    const most = Math.min(rest, ...clones);
    for (const part of NEW_PARTS) add([...known, part * most], Math.max(4, 1.5 * restClones));
  }
  if (at >= 0) {
    for (const part of SPLITS) {
      const kept = known.map((share, j) => (j === at ? part * largest : share));
      add([...kept, (1 - part) * largest], restClones);
    }
  }
  return starts;
}

/** Starts in which one clone of the last group gets a share of its own, a little larger or smaller than the others'. */
export function setApart(fit: Fit): Start[] {
  const size = fit.ways.sizes.at(-1) ?? 1;
  const ways = PARTED.get([...fit.ways.sizes.slice(0, -1), 1, size - 1].join());
  if (size < 2 || ways === undefined) return [];
  const shares = groupShares(fit);
  const group = shares.pop() as number;
  const { templates, restClones } = fit.mixture;
  return APART.map((factor) => {
    const own = (factor * group) / size;
    return { ways, parameters: parametersOf([...shares, own, group - own], templates, restClones) };
  });
}
