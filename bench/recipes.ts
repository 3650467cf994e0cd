import type { Recipe } from './mixtures.ts';
import type { Random } from './random.ts';

/** Shares of `n` small clones with sum `total`, none above `limit`. */
function dust(n: number, total: number, limit: number, random: Random): number[] {
  for (let tries = 0; tries < 50; tries++) {
    const weights = Array.from({ length: n }, () => random.gamma(1.5));
    const sum = weights.reduce((a, b) => a + b, 0);
    const shares = weights.map((w) => (total * w) / sum);
    if (shares.every((s) => s <= limit)) return shares;
  }
  return Array.from({ length: n }, () => total / n);
}

function dominant(share: number, random: Random): number[] {
  const least = Math.ceil((1 - share) / (0.9 * share)) + 1;
  const n = Math.max(least, 14 + random.below(27));
  return [share, ...dust(n, 1 - share, 0.9 * share, random)];
}

const equal = (n: number): number[] => Array.from({ length: n }, () => 1 / n);

/** The classes of the accuracy table, each as a way to draw one mixture. */
export const PLAIN: Readonly<Record<string, (random: Random) => Recipe['shares']>> = {
  monoclonal: () => [1],
  'one clone + dust': (random) => dominant(random.between(0.1, 0.97), random),
  'two equal': () => equal(2),
  'three to five equal': (random) => equal(3 + random.below(3)),
  oligoclonal: (random) => {
    const top = random.between(0.35, 0.65);
    const second = Math.min(0.9 * top, random.between(0.3, 0.8) * (1 - top));
    const rest = 1 - top - second;
    return random.uniform() < 0.5
      ? [top, second, ...dust(1 + random.below(2), rest, 0.95 * top, random)]
      : [top, second, ...dust(20, rest, 0.2 * top, random)];
  },
  polyclonal: (random) => {
    const n = 15 + random.below(26);
    return random.uniform() < 0.5 ? equal(n) : dust(n, 1, 0.09, random);
  },
};

/** Draws the recipe of one class; the mixture's noise is 1-3 % of a peak. */
export function plain(name: string, random: Random): Recipe {
  const shares = PLAIN[name];
  if (shares === undefined) throw new Error(`no class ${name}`);
  return { class: name, shares: shares(random), degradation: { noise: random.between(0.005, 0.03) } };
}

/** The degraded classes of the accuracy table: one clone of 0.2-0.95 with dust. */
export const DEGRADED: Readonly<Record<string, Recipe['degradation']>> = {
  blob: { noise: 0.015, blob: 1.2 },
  'pull-up': { noise: 0.015, pull: 0.12 },
  stutter: { noise: 0.015, slip: 0.15 },
  saturation: { noise: 0.015, sat: 0.8 },
  baseline: { noise: 0.015, base: 0.08 },
  'noise 10 %': { noise: 0.1 },
  tails: { noise: 0.015, tails: true },
};

export function degraded(name: string, random: Random): Recipe {
  const degradation = DEGRADED[name];
  if (degradation === undefined) throw new Error(`no degradation ${name}`);
  return { class: name, shares: dominant(random.between(0.2, 0.95), random), degradation };
}

/** A known template of the assay mixed in at 12-35 %. */
export function withTemplate(sequence: string, random: Random): Recipe {
  const names = ['one clone + dust', 'two equal', 'oligoclonal', 'polyclonal', 'monoclonal'] as const;
  const shares = PLAIN[names[random.below(names.length)] ?? 'polyclonal'] as (
    random: Random,
  ) => readonly number[];
  return {
    class: 'known template',
    shares: shares(random),
    degradation: { noise: 0.015 },
    template: { sequence, share: random.between(0.12, 0.35) },
  };
}

/** What has to be refused, as changes to an ordinary mixture. */
export const REFUSED: Readonly<Record<string, Partial<Recipe>>> = {
  'no LTR': { ltr: 'none' },
  'LTR without host': { shares: [] },
  'failed read': { shares: [], failed: true },
  'noise at a third of peak height': { degradation: { noise: 0.33 } },
};

/** An ordinary mixture of any class behind an LTR that is changed or short. */
export function strain(change: Pick<Recipe, 'ltr' | 'divergence'>, random: Random): Recipe {
  const names = Object.keys(PLAIN);
  return { ...plain(names[random.below(names.length)] ?? 'monoclonal', random), ...change };
}
