import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { Recipe } from './recipe.ts';

/** A kind of molecule in the tube: what it reads and how much of it there is. */
export interface Strand {
  /** What is read before the junction. */
  readonly front: string;
  /** What is read after it. */
  readonly after: string;
  /** Share of the whole signal, 0-1. */
  readonly share: number;
}

/** What was put together, and what an ideal estimator would say of it. */
export interface Mixture {
  readonly strands: readonly Strand[];
  /** Bases before the junction, the same in every strand but slipped ones. */
  readonly frontBases: number;
  /** Share of the largest clone among all clones; null where there is none to measure. */
  readonly largestShare: number | null;
  /** Number of clones, dust included. */
  readonly clones: number;
}

/** LTR bases that the read goes through before the junction. */
const LTR_READ = 120;
/** Share of G and C in drawn host sequences: the mean of the human genome. */
const HOST_GC = 0.41;

/** Draws what the recipe leaves open and lists every strand. */
export function mix(recipe: Recipe): Mixture {
  const ltr = recipe.anchor.slice(-LTR_READ);
  const front = recipe.front === 'ltr' ? ltr : drawBases(createRandom(recipe.seed, 'front'), ltr.length);
  if (recipe.failed) return { strands: [], frontBases: front.length, largestShare: null, clones: 0 };

  const random = createRandom(recipe.seed, 'hosts');
  const ending = drawEndings(recipe);
  const left = 1 - recipe.templates.reduce((sum, { share }) => sum + share, 0);
  const clones = [...recipe.clones, ...dustShares(recipe).map((share) => ({ share, host: undefined }))];
  const molecules = [
    ...clones.map(({ share, host }) => ({
      share: share * left,
      after: ending(host ?? drawBases(random, recipe.hostBases)),
    })),
    ...recipe.templates.map(({ share, sequence }) => ({ share, after: sequence })),
  ];
  const { slip } = recipe.degrade;
  const slipped = slip > 0 ? loseABase(front) : front;
  const strands = molecules.flatMap(({ share, after }) => {
    const host = after.slice(0, recipe.hostBases);
    const whole = { front, after: host, share: share * (1 - slip) };
    return slip > 0 ? [whole, { front: slipped, after: host, share: share * slip }] : [whole];
  });
  const measurable = recipe.hostBases > 0 && recipe.front === 'ltr';
  return {
    strands,
    frontBases: front.length,
    largestShare: measurable ? Math.max(...clones.map(({ share }) => share)) : null,
    clones: clones.length,
  };
}

/** Random sequence with the base composition of the human genome. */
function drawBases(random: Random, length: number): string {
  let drawn = '';
  for (let i = 0; i < length; i++) {
    const strong = random.uniform() < HOST_GC;
    const first = random.uniform() < 0.5;
    drawn += strong ? (first ? 'C' : 'G') : first ? 'A' : 'T';
  }
  return drawn;
}

/** Lets the clones that the recipe says end early; from 20 bases on, for shorter products are not seen. */
function drawEndings({ seed, hostBases, degrade }: Recipe): (host: string) => string {
  const random = createRandom(seed, 'endings');
  return (host) => {
    const early = random.uniform() < degrade.tails;
    const end = 20 + Math.floor(Math.max(0, hostBases - 20) * random.uniform());
    return early ? host.slice(0, end) : host;
  };
}

/** Divides what the named clones leave at random: few larger, many smaller, as in blood. */
function dustShares(recipe: Recipe): number[] {
  const random = createRandom(recipe.seed, 'dust');
  const rest = 1 - recipe.clones.reduce((sum, { share }) => sum + share, 0);
  const weights = Array.from(
    { length: recipe.dust },
    () => -Math.log((1 - random.uniform()) * (1 - random.uniform())),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (rest * weight) / sum);
}

/** The front without one base of its last run of three or more: where a polymerase slips. */
function loseABase(front: string): string {
  const run = [...front.matchAll(/(.)\1\1+/g)].at(-1);
  const at = run?.index ?? front.length - 1;
  return front.slice(0, at) + front.slice(at + 1);
}
