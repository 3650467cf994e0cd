import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAtZero } from '../../src/clonality/cut.ts';
import { waysOf } from '../../src/clonality/groups.ts';
import { createLikelihood, mixtureOf, parametersOf } from '../../src/clonality/likelihood.ts';
import { compareMoments, momentsOf } from '../../src/clonality/moments.ts';
import { measureResponse, undoResponse } from '../../src/clonality/response.ts';

const noise = {
  heightVariance: 0.07,
  heightSkew: 0.6,
  floorVariance: 0.0006,
  clippedSd: 0.02,
  outlierDensity: 0.01,
};

const even = new Float64Array(4).fill(0.25);

/** Heights of a few positions, as they might be. */
const heights = Float64Array.from([
  0.7, 0.1, 0.2, 0, 0.05, 0.9, 0.1, 0.02, 0.3, 0.3, 0.1, 0.4, 0, 0.2, 0.6, 0.15,
]);

describe('the likelihood', () => {
  test.each([
    { groups: [1], shares: [0.6], templates: [] as number[] },
    { groups: [1, 1], shares: [0.5, 0.2], templates: [] },
    { groups: [4], shares: [0.8], templates: [] },
    { groups: [1, 2], shares: [0.4, 0.5], templates: [0.05] },
    { groups: [1, 1, 1], shares: [0.4, 0.25, 0.1], templates: [0.12] },
  ])(
    'has the slope that it says, for $groups with $shares and $templates',
    ({ groups, shares, templates }) => {
      const ways = waysOf(groups);
      const likelihood = createLikelihood(
        heights,
        Float64Array.from([0.3, 0.2, 0.2, 0.3]),
        templates.length > 0 ? [Uint8Array.from([0, 1, 3, 2])] : [],
        noise,
      );
      const at = parametersOf(shares, templates, 12);
      const slope = {
        gradient: new Float64Array(at.length),
        information: new Float64Array(at.length ** 2),
        outliers: 0,
      };
      likelihood.evaluate(at, ways, slope);
      for (let k = 0; k < at.length; k++) {
        const moved = (by: number): number => {
          const near = at.slice();
          near[k] = (near[k] as number) + by;
          return likelihood.evaluate(near, ways, null);
        };
        const slopeHere = (moved(1e-3) - moved(-1e-3)) / 2e-3;
        // The slopes leave out how skewness and cut depend on the shares.
        expect(Math.abs((slope.gradient[k] as number) - slopeHere)).toBeLessThan(
          0.12 + 0.12 * Math.abs(slopeHere),
        );
      }
    },
  );

  test.each([2, 3, 4])('has %i equal clones as one group or as so many, which comes to the same', (size) => {
    const likelihood = createLikelihood(heights, even, [], noise);
    const share = 0.9 / size;
    const apart = likelihood.evaluate(
      parametersOf(new Array<number>(size).fill(share), [], 10),
      waysOf(new Array<number>(size).fill(1)),
      null,
    );
    expect(likelihood.evaluate(parametersOf([0.9], [], 10), waysOf([size]), null)).toBeCloseTo(apart, 9);
  });

  test('does not depend on which base is called A', () => {
    const turned = heights.map((_, k) => heights[4 * Math.floor(k / 4) + ((k + 1) % 4)] as number);
    const at = parametersOf([0.5, 0.3], [], 10);
    const of = (all: Float64Array): number =>
      createLikelihood(all, even, [], noise).evaluate(at, waysOf([1, 1]), null);
    expect(of(turned)).toBeCloseTo(of(heights), 6);
  });

  test('is finite for any heights, even absurd ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 50, noNaN: true }), { minLength: 4, maxLength: 80 }),
        fc.double({ min: 0.01, max: 0.95, noNaN: true }),
        (values, share) => {
          const all = Float64Array.from(values.slice(0, values.length - (values.length % 4)));
          const value = createLikelihood(all, even, [], noise).evaluate(
            parametersOf([share], [], 12),
            waysOf([1]),
            null,
          );
          expect(Number.isFinite(value)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('shares survive the way to parameters and back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 0.2, noNaN: true }), { minLength: 1, maxLength: 4 }),
      (shares) => {
        const mixture = mixtureOf(
          parametersOf(shares, [0.1], 8),
          shares.map(() => 1),
        );
        mixture.clones.forEach((share, k) => expect(share).toBeCloseTo(shares[k] as number, 6));
        expect(mixture.templates[0]).toBeCloseTo(0.1, 6);
        expect(mixture.restClones).toBeCloseTo(8, 6);
      },
    ),
  );
});

test('noise cut off at zero lifts an empty channel by 0.4 SD and a filled one not at all', () => {
  expect(cutAtZero(0, 0.1).lift).toBeCloseTo(0.0399, 3);
  expect(cutAtZero(0, 0.1).follow).toBeCloseTo(0.5, 6);
  expect(cutAtZero(0.5, 0.1)).toMatchObject({ lift: 0, follow: 1 });
  expect(cutAtZero(0.2, 0).lift).toBe(0);
});

test('moments of one base alone are 1, of four equal ones 0', () => {
  const alone = momentsOf(Float64Array.from([1, 0, 0, 0, 0, 0, 1, 0]));
  expect([alone.dominance, alone.second, alone.third]).toEqual([1, 1, 1]);
  const alike = momentsOf(new Float64Array(16).fill(0.25));
  for (const moment of [alike.dominance, alike.second, alike.third]) expect(moment).toBeCloseTo(0, 12);
  expect(compareMoments(alone, alone)).toMatchObject({ dominance: 1, simpson: 1, cubic: 1, moments: 1 });
});

test('crosstalk and stutter that the LTR shows are taken out of it again', () => {
  const bases = Uint8Array.from({ length: 100 }, (_, i) => (i * i + (i >> 2)) & 3);
  const clean = new Float64Array(400);
  bases.forEach((base, i) => (clean[4 * i + base] = 900 + 200 * Math.sin(i)));
  const read = clean.map((height, at) => {
    const i = at >> 2;
    const b = at & 3;
    const after = clean[at + 4] ?? 0;
    const pulled = b === 1 ? 0.1 * (clean[4 * i + 3] as number) : 0;
    return height + 0.15 * after + pulled;
  });
  const follows = new Uint8Array(100).fill(1);
  const response = measureResponse(read, bases, follows, 0.3, 0);
  expect(response.fromAfter).toBeGreaterThan(0.1);
  const undone = undoResponse(read, response);
  let worst = 0;
  for (let i = 3; i < 97; i++) {
    for (let b = 0; b < 4; b++)
      if (b !== bases[i]) worst = Math.max(worst, Math.abs(undone[4 * i + b] as number));
  }
  expect(worst).toBeLessThan(0.06);
});
