import type { Degradation, Recipe } from './recipe.ts';

/** Longest host: with the LTR it still fits what an instrument reads. */
const MAX_HOST = 1000;
const MAX_DUST = 1000;
/** Rounding of shares written by hand. */
const TOLERANCE = 1e-6;

const DEGRADATION_LIMITS: Readonly<Record<keyof Degradation, number>> = {
  blob: 20,
  pullup: 1,
  slip: 1,
  saturation: 10,
  baseline: 10,
  tails: 1,
};

/** Everything that keeps a recipe from being simulated, each with place, value and remedy; empty for a good one. */
export function recipeFaults(recipe: Recipe): string[] {
  const faults: string[] = [];
  const refuseIf = (bad: boolean, fault: string) => {
    if (bad) faults.push(fault);
  };
  const { seed, clones, dust, templates, hostBases, noise, anchor } = recipe;

  refuseIf(!Number.isInteger(seed), `seed: must be a whole number: ${seed}`);
  refuseIf(!/^[ACGT]{20,}$/.test(anchor), 'anchor: must be at least 20 bases of A, C, G and T');
  refuseIf(!within(hostBases, 0, MAX_HOST, true), `host bases: must be 0 to ${MAX_HOST}: ${hostBases}`);
  refuseIf(!within(dust, 0, MAX_DUST, true), `dust: must be 0 to ${MAX_DUST} clones: ${dust}`);
  refuseIf(!within(noise, 0, 5), `noise: must be 0 to 5 typical peaks: ${noise}`);
  for (const [kind, limit] of Object.entries(DEGRADATION_LIMITS)) {
    const value = recipe.degrade[kind as keyof Degradation];
    refuseIf(!within(value, 0, limit), `degrade ${kind}: must be 0 to ${limit}: ${value}`);
  }
  refuseIf(!/^[A-H](0[1-9]|1[0-2])$/.test(recipe.well), `well: must be A01 to H12: ${recipe.well}`);
  refuseIf(!within(recipe.lane, 1, 96, true), `lane: must be 1 to 96: ${recipe.lane}`);
  refuseIf(!isDateTime(recipe.startedAt), `startedAt: must be YYYY-MM-DDTHH:MM:SS: ${recipe.startedAt}`);
  for (const key of ['sample', 'run', 'plate'] as const) {
    const bytes = Buffer.byteLength(recipe[key]);
    refuseIf(bytes < 1 || bytes > 255, `${key}: must have 1 to 255 bytes: ${bytes}`);
    refuseIf(/\p{Cc}/u.test(recipe[key]), `${key}: must hold no control characters`);
  }

  for (const { share } of [...clones, ...templates]) {
    refuseIf(!(share > 0 && share <= 1), `share: must be above 0 and at most 1: ${share}`);
  }
  for (const sequence of [
    ...clones.map(({ host }) => host ?? 'A'),
    ...templates.map((one) => one.sequence),
  ]) {
    refuseIf(
      !/^[ACGT]+$/.test(sequence),
      `sequence: must consist of A, C, G and T: ${sequence.slice(0, 20)}`,
    );
  }
  if (faults.length > 0 || recipe.failed) return faults;

  const named = clones.reduce((sum, { share }) => sum + share, 0);
  const mixed = templates.reduce((sum, { share }) => sum + share, 0);
  refuseIf(named > 1 + TOLERANCE, `clones: shares sum to ${round(named)}, more than 1`);
  refuseIf(
    named < 1 - TOLERANCE && dust === 0,
    `clones: shares sum to ${round(named)}; name clones for the rest or let dust take it`,
  );
  refuseIf(
    named >= 1 - TOLERANCE && named <= 1 + TOLERANCE && dust > 0,
    'dust: the named clones leave it nothing',
  );
  refuseIf(mixed >= 1, `templates: shares sum to ${round(mixed)} and leave the clones nothing`);
  return faults;
}

function isDateTime(text: string): boolean {
  const at = new Date(`${text}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString() === `${text}.000Z`;
}

function within(value: number, low: number, high: number, whole = false): boolean {
  return value >= low && value <= high && (!whole || Number.isInteger(value));
}

function round(value: number): string {
  return String(Number(value.toFixed(6)));
}
