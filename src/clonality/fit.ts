import type { Assay } from '../config/assay.ts';
import { addPrior, climb } from './climb.ts';
import type { Fit, Start } from './climb.ts';
import type { Ways } from './groups.ts';
import { parametersOf, SHARES } from './likelihood.ts';
import type { Likelihood } from './likelihood.ts';
import {
  EQUAL,
  FOUR,
  furtherGroup,
  LEAST_REST,
  NO_CLONE,
  ONE,
  ONE_AND_EQUAL,
  setApart,
  THREE,
  TWO,
  TWO_AND_EQUAL,
} from './starts.ts';

/** First estimates, from moments. */
export interface Hint {
  readonly largest: number;
  /** Sum of squared clone shares. */
  readonly squares: number;
}

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
/** Shares that equal clones take together; a few of them may leave more to small clones. */
const TOGETHER = [0.96, 0.75] as const;
const A_FEW = 3;
/** Factor within which the sum of squared shares is known before the fit. */
const SQUARES_WITHIN = 2;
/** A start that lies this far behind the best one, log units, is not followed. */
const FAR_BEHIND = 25;

/**
 * Fits mixtures with no clone of its own, with one, then with more and more groups of clones, as long as the rest
 * consists of a few lumps rather than of many small clones. Of all starts with as many groups the best one is
 * followed, and the best with other groups: what the heights say of the number of clones and of their shares has
 * more than one summit.
 * @param hint first estimates of the largest share and of the sum of squared shares
 * @param templates first estimates of the shares of known templates
 */
export function fitMixtures(
  likelihood: Likelihood,
  hint: Hint,
  templates: readonly number[],
  estimator: Assay['estimator'],
): Fit[] {
  const { prior, lump, cloneCost } = estimator;
  const room = 1 - templates.reduce((a, b) => a + b, 0);
  const start = (ways: Ways, shares: readonly number[], restClones: number): Start => {
    const hosts = shares.map((share) => share * room);
    return { ways, parameters: parametersOf(hosts, templates, restClones) };
  };
  const fits: Fit[] = [];
  const follow = (starts: readonly Start[], least = -Infinity): Fit[] => {
    const best = bestStarts(likelihood, starts, least, estimator);
    const reached = best.map((one) => climb(likelihood, one, prior));
    fits.push(...reached);
    return reached;
  };

  const h = Math.min(0.97, Math.max(0.05, hint.largest));
  // Noise makes the rest look coarser than it is, by about two.
  const fine = (2 * (1 - h) ** 2) / Math.max(hint.squares - h * h, (1 - h) ** 2 / 60);
  const one = climb(likelihood, start(ONE, [h], Math.max(4, fine)), prior);
  fits.push(one);
  if ((one.mixture.clones[0] as number) < PLAIN_TO_SEE) {
    const none = climb(likelihood, start(NO_CLONE, [], Math.max(2, 1 / Math.max(0.02, hint.squares))), prior);
    fits.push(none);
    if (one.value < none.value + CLEAR_GAIN && none.mixture.restClones > FINE_REST) return fits;
  }
  if (!lumpy(one, lump) && one.misfit < MUCH_MISFIT) return fits;

  const equal = follow(
    EQUAL.filter(({ clones }) => near(1 / clones, hint.squares)).flatMap((ways) =>
      TOGETHER.slice(0, ways.clones <= A_FEW ? 2 : 1).map((share) => start(ways, [share], 8)),
    ),
    one.value - FAR_BEHIND,
  );
  const two = follow([
    ...furtherGroup(one, [TWO, ...ONE_AND_EQUAL]),
    ...equal.flatMap(setApart),
    start(TWO, [h, 0.5 * Math.min(h, 1 - h)], 15),
  ]);
  const settled = (fit: Fit): boolean => !lumpy(fit, lump) && !alike(fit) && fit.misfit < MUCH_MISFIT;
  const simple = [one, ...equal, ...two].reduce((a, b) => (net(b, cloneCost) > net(a, cloneCost) ? b : a));
  if (settled(simple) && (simple.ways.groups === 1 || simple.ways === TWO)) return fits;
  if (simple.value < one.value + CLEAR_GAIN && one.misfit < MUCH_MISFIT) return fits;

  const three = follow(
    two.flatMap((fit) => [...furtherGroup(fit, [THREE, ...TWO_AND_EQUAL]), ...setApart(fit)]),
  );
  const top = three.reduce((a, b) => (b.value > a.value ? b : a), simple);
  if (top.value < simple.value + CLEAR_GAIN || (settled(top) && top.ways === THREE)) return fits;
  follow(three.flatMap((fit) => [...furtherGroup(fit, [FOUR]), ...setApart(fit)]));
  return fits;
}

/** True where equal clones with this sum of squares can have given the one that was measured. */
function near(squares: number, measured: number): boolean {
  return squares < SQUARES_WITHIN * measured && measured < SQUARES_WITHIN * squares;
}

function net({ value, ways }: Fit, cloneCost: number): number {
  return value - cloneCost * ways.groups;
}

/** True where the rest consists of clones large enough to be told apart. */
function lumpy({ mixture: { rest, restClones } }: Fit, lump: number): boolean {
  return rest >= LEAST_REST && rest / restClones >= lump;
}

/** True where clones of like share leave room for one more of them. */
function alike({ mixture }: Fit): boolean {
  const largest = Math.max(...mixture.clones);
  const smallest = Math.min(...mixture.clones);
  return largest >= ALIKE_FROM && smallest >= largest / 2 && mixture.rest >= ALIKE_REST;
}

/**
 * The start with the highest value, and the best one with other groups; none that has less than `least`. It is a race
 * over shares of the positions: who lies far behind after any of them is out.
 */
function bestStarts(
  likelihood: Likelihood,
  starts: readonly Start[],
  least: number,
  { prior }: Assay['estimator'],
): Start[] {
  let racing = starts.map((start) => ({ start, value: addPrior(start.parameters, prior, null) }));
  for (let share = 0; share < SHARES; share++) {
    for (const one of racing) {
      one.value += likelihood.evaluateShare(one.start.parameters, one.start.ways, share);
    }
    const ahead = Math.max(...racing.map(({ value }) => value));
    racing = racing.filter(({ value }) => value > ahead - FAR_BEHIND);
  }
  racing.sort((a, b) => b.value - a.value);
  const [first] = racing;
  if (first === undefined || first.value < least) return [];
  const other = racing.find(({ start }) => start.ways !== first.start.ways);
  return other === undefined ? [first.start] : [first.start, other.start];
}
