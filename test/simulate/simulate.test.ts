import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis.ts';
import { NO_DEGRADATION, USUAL_DEGRADATION } from '../../src/simulate/recipe.ts';
import type { Degradation, Recipe } from '../../src/simulate/recipe.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { layRun } from '../../src/simulate/peaks.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { BASES } from '../../src/trace/trace.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { assay, method, recipe, traceOf } from './recipes.ts';

const LTR = assay.anchor.slice(-120);
const HOST_A = 'GATTACAGGCTCACCTGTAATCCCAGCACTTTGGGAGGCCGAGGCGGGTGGATCACGAGGTC'.repeat(3);
const HOST_C = 'CTAGGTCTTGATGTGGATTCGTATCAATCTTGCACTGAATTATCGCATGCCTACTTAACTGT'.repeat(3);

/** Mean share of the bases of `sequence` in the light around their places, from base `from` on; of seed 1. */
function meanShare(trace: Trace, from: number, sequence: string): number {
  const { grid } = layRun(1, 420);
  const shares = Array.from(sequence, (base, i) => {
    const at = Math.round(grid[from + i] ?? 0);
    const light = trace.channels.map((channel) =>
      channel.subarray(at - 2, at + 3).reduce((a, b) => a + b, 0),
    );
    const own = light[BASES.findIndex((one) => one === base)] ?? 0;
    return own / light.reduce((a, b) => a + b, 0);
  });
  return mean(shares);
}

describe('one clone', () => {
  test('is called as LTR and then its own host', () => {
    const { trace, truth } = traceOf({ clones: [{ share: 1, host: HOST_A }], hostBases: HOST_A.length });
    expect(trace.calls.slice(0, 120 + 150)).toBe(LTR + HOST_A.slice(0, 150));
    expect(truth).toEqual({ largestShare: 1, clones: 1, junction: 120 });
  });

  test('has heights that vary by about 0.28, the same for the same sequence in another run', () => {
    const heights = (seed: number) => {
      const { trace } = traceOf({ seed, noise: 0 });
      const at = trace.peaks.subarray(20, 110);
      return Array.from(at, (point) => Math.max(...trace.channels.map((channel) => channel[point] ?? 0)));
    };
    const [one, other] = [heights(1), heights(2)];
    const mean = one.reduce((sum, height) => sum + height, 0) / one.length;
    const sd = Math.sqrt(one.reduce((sum, height) => sum + (height - mean) ** 2, 0) / one.length);
    expect(sd / mean).toBeGreaterThan(0.2);
    expect(sd / mean).toBeLessThan(0.36);
    expect(correlation(one, other)).toBeGreaterThan(0.8);
  });
});

describe('a mixture', () => {
  test.each([0.2, 0.5, 0.8])('shows a clone of %d with that share of the light', (share) => {
    const clones = [
      { share, host: HOST_A },
      { share: 1 - share, host: HOST_C },
    ];
    const { trace, truth } = traceOf({ clones, hostBases: 150 });
    const chance = Array.from(HOST_A.slice(0, 150)).filter((base, i) => base === HOST_C[i]).length / 150;
    const found = meanShare(trace, 120, HOST_A.slice(0, 150));
    expect(found).toBeGreaterThan(chance + share * (1 - chance) - 0.09);
    expect(found).toBeLessThan(chance + share * (1 - chance) + 0.09);
    expect(meanShare(trace, 10, LTR.slice(10))).toBeGreaterThan(0.88);
    expect(truth.largestShare).toBe(Math.max(share, 1 - share));
  });

  test('of named clones and dust sums to one, and the truth is the largest of all', () => {
    const { truth } = traceOf({ clones: [{ share: 0.4 }], dust: 30 });
    expect(truth).toMatchObject({ largestShare: 0.4, clones: 31 });
    const dust = traceOf({ clones: [], dust: 5 }).truth.largestShare ?? 0;
    expect(dust).toBeGreaterThan(0.2);
    expect(dust).toBeLessThan(1);
  });

  test('with a known template shows it, and counts the clones without it', () => {
    const template = { sequence: HOST_C, share: 0.5 };
    const { trace, truth } = traceOf({ templates: [template], hostBases: 150 });
    expect(truth.largestShare).toBe(1);
    expect(meanShare(trace, 120, HOST_C.slice(0, 150))).toBeGreaterThan(0.5);
  });

  test.each([0.9, 0.7, 0.5, 0.35])('of a clone of %d and dust is scored within 0.1 of the truth', (share) => {
    const { bytes, truth } = simulate(recipe({ seed: 5, clones: [{ share }], dust: 25 }));
    const { analysis } = analyse(bytes, method);
    expect(Math.abs((analysis.cvRaw ?? -1) - (truth.largestShare ?? 2))).toBeLessThan(0.1);
  });
});

describe('a seed', () => {
  test('gives the same bytes again, another seed others', () => {
    const bytes = (seed: number) =>
      Buffer.from(simulate(recipe({ seed, dust: 9, clones: [{ share: 0.5 }] })).bytes);
    expect(bytes(3).equals(bytes(3))).toBe(true);
    expect(bytes(3).equals(bytes(4))).toBe(false);
  });

  test('draws the same hosts whatever else is asked for', () => {
    const clean = traceOf({ seed: 8 }).trace.calls.slice(120, 220);
    expect(traceOf({ seed: 8, noise: 0.03 }).trace.calls.slice(120, 220)).toBe(clean);
    expect(
      traceOf({ seed: 8, degrade: { ...NO_DEGRADATION, baseline: 0.05 } }).trace.calls.slice(120, 220),
    ).toBe(clean);
  });

  test('draws numbers that are spread as they should be', () => {
    const random = createRandom(1, 'test');
    const uniform = Array.from({ length: 20_000 }, () => random.uniform());
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(Math.abs(mean(normal.map((value) => value ** 2)) - 1)).toBeLessThan(0.04);
  });
});

describe('what can go wrong', () => {
  const light = (degrade: Partial<Degradation>) =>
    traceOf({ noise: 0, degrade: { ...NO_DEGRADATION, ...degrade } }).trace;
  const sumOver = (trace: Trace, from: number, to: number) => {
    const at = (base: number) => Math.round(30 + base * (trace.spacing ?? 12));
    return trace.channels.reduce(
      (sum, channel) => sum + channel.subarray(at(from), at(to)).reduce((a, b) => a + b, 0),
      0,
    );
  };
  const clean = light({});

  test('a blob adds light to the host alone', () => {
    const blob = light({ blob: USUAL_DEGRADATION.blob });
    expect(sumOver(blob, 130, 170)).toBeGreaterThan(1.15 * sumOver(clean, 130, 170));
    expect(sumOver(blob, 20, 110)).toBe(sumOver(clean, 20, 110));
  });

  test('pull-up, baseline and slip lower the share of the LTR’s own bases, each where it acts', () => {
    const share = (trace: Trace) => meanShare(trace, 10, LTR.slice(10));
    expect(share(light({ pullup: 0.12 }))).toBeLessThan(share(clean) - 0.05);
    expect(share(light({ baseline: 0.08 }))).toBeLessThan(share(clean) - 0.05);
    const host = (trace: Trace) => meanShare(trace, 121, clean.calls.slice(121, 180));
    expect(host(light({ slip: 0.15 }))).toBeLessThan(host(clean) - 0.05);
  });

  test('saturation cuts the peaks and shows in the raw data', () => {
    const full = light({ saturation: 0.8 });
    const highest = (trace: Trace) => Math.max(...trace.channels.map((channel) => Math.max(...channel)));
    expect(full.rawMaximum).toBe(32767);
    expect(clean.rawMaximum ?? 0).toBeLessThan(32000);
    expect(highest(full)).toBeLessThan(0.6 * highest(clean));
  });

  test('tails let the light of many clones fall along the host', () => {
    const mixture = { clones: [], dust: 40, noise: 0 };
    const whole = traceOf(mixture).trace;
    const ending = traceOf({ ...mixture, degrade: { ...NO_DEGRADATION, tails: 1 } }).trace;
    expect(sumOver(ending, 380, 410)).toBeLessThan(0.3 * sumOver(whole, 380, 410));
    expect(sumOver(ending, 122, 138)).toBeCloseTo(sumOver(whole, 122, 138), -3);
  });

  test('noise shows in S/N', () => {
    const quiet = traceOf({ noise: 0.015 }).trace.signalToNoise ?? [0, 0, 0, 0];
    const loud = traceOf({ noise: 0.1 }).trace.signalToNoise ?? [0, 0, 0, 0];
    expect(mean([...quiet])).toBeGreaterThan(300);
    expect(mean([...loud])).toBeLessThan(100);
  });

  test.each<[string, Partial<Recipe>]>([
    ['a failed reaction', { failed: true, clones: [] }],
    ['a read without LTR', { front: 'unrelated' }],
    ['LTR and nothing after it', { hostBases: 0 }],
  ])('%s has no clonality: no truth, and no value from the scorer', (_, differing) => {
    const { bytes, truth } = simulate(recipe(differing));
    expect(truth.largestShare).toBeNull();
    expect(analyse(bytes, method).analysis).toMatchObject({ status: 'fail', cvRaw: null });
  });
});

describe('a recipe that makes no sense is refused with place and value:', () => {
  test.each<[string, Partial<Recipe>, RegExp]>([
    ['shares above one', { clones: [{ share: 0.7 }, { share: 0.7 }] }, /clones: shares sum to 1\.4/],
    ['shares below one without dust', { clones: [{ share: 0.7 }] }, /clones: shares sum to 0\.7; .*dust/],
    ['no clones', { clones: [] }, /clones: shares sum to 0;/],
    ['dust that nothing is left for', { dust: 5 }, /dust: .*nothing/],
    ['a share of zero', { clones: [{ share: 0 }, { share: 1 }] }, /share: .*above 0.*: 0/],
    [
      'templates that leave nothing',
      { templates: [{ sequence: 'ACGT', share: 1 }] },
      /templates: shares sum to 1/,
    ],
    ['a host of other letters', { clones: [{ share: 1, host: 'ACNT' }] }, /sequence: .*ACNT/],
    ['a negative length', { hostBases: -1 }, /host bases: .*-1/],
    ['noise that is no number', { noise: Number.NaN }, /noise: .*NaN/],
    ['half a clone of dust', { dust: 1.5, clones: [] }, /dust: .*1\.5/],
    ['a seed that is no whole number', { seed: 0.5 }, /seed: .*0\.5/],
    ['an anchor of a few bases', { anchor: 'ACGT' }, /anchor: /],
    ['a well off the plate', { well: 'J13' }, /well: .*J13/],
    ['a date that is none', { startedAt: '2025-02-30T00:00:00' }, /startedAt: .*2025-02-30/],
    ['a name with a line break', { sample: 'a\nb' }, /sample: .*control/],
    ['more slip than molecules', { degrade: { ...NO_DEGRADATION, slip: 1.5 } }, /degrade slip: .*1\.5/],
  ])('%s', (_, differing, message) => {
    expect(() => simulate(recipe(differing))).toThrow(message);
  });
});

test('the file says what it is and whose it is not', () => {
  const { trace } = traceOf({ sample: '検体-7', well: 'H12', lane: 24, run: 'R', plate: 'P' });
  expect(trace.origin).toEqual({
    sample: '検体-7',
    run: 'R',
    injection: 'Injection 2025-01-06-09-00-00',
    well: 'H12',
    plate: 'P',
    lane: 24,
    startedAt: '2025-01-06T09:00:00',
    endedAt: '2025-01-06T09:45:00',
    model: '3500',
    serial: 'SIMULATED',
    rawDigest: trace.origin.rawDigest,
  });
  expect(Buffer.from(simulate(recipe()).bytes).includes('SIMULATED, not an instrument')).toBe(true);
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [mean(one), mean(other)];
  const product = (x: readonly number[], p: number, y: readonly number[], q: number) => {
    return x.reduce((sum, value, i) => sum + (value - p) * ((y[i] ?? 0) - q), 0);
  };
  return product(one, a, other, b) / Math.sqrt(product(one, a, one, a) * product(other, b, other, b));
}
