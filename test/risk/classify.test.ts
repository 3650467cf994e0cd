import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { CATEGORIES } from '../../src/context/context.ts';
import { classify, cutoffText, reportedCv, tierOf, type Region, type Tier } from '../../src/risk/classify.ts';

const { cutoffs } = configSchema.parse({ dataDir: '/var/lib/raisingd' });
const smoldering = (value: number, unit = 'U/mL') => ({
  category: 'smoldering' as const,
  sil2r: { value, unit, method: null, date: null },
});
const exactly = (cv: number): [number, number] => [cv, cv];

describe('the reported Cv and its tier', () => {
  test.each<[number, number, Tier]>([
    [0, 0, 'low'],
    [0.244, 0.24, 'low'],
    [0.2449, 0.24, 'low'],
    [0.245, 0.25, 'intermediate'],
    [0.249, 0.25, 'intermediate'],
    [0.25, 0.25, 'intermediate'],
    [0.494, 0.49, 'intermediate'],
    [0.4949, 0.49, 'intermediate'],
    [0.495, 0.5, 'high'],
    [0.499, 0.5, 'high'],
    [0.5, 0.5, 'high'],
    [0.505, 0.51, 'high'],
    [1, 1, 'high'],
  ])('%f is reported as %f and is %s', (cvRaw, cv, tier) => {
    expect(classify(cvRaw, exactly(cvRaw), { category: 'carrier', sil2r: null }, cutoffs)).toEqual({
      cv,
      tier,
      region: null,
      noRegion: { why: 'category', category: 'carrier' },
      crossed: [],
    });
  });

  test('halves go up wherever the binary number lies', () => {
    for (let hundredth = 0; hundredth < 100; hundredth++) {
      const half = Number(`0.${String(hundredth).padStart(2, '0')}5`);
      expect(reportedCv(half), String(half)).toBe((hundredth + 1) / 100);
    }
  });

  test('a cut-off belongs to the tier above it, wherever the site has put it', () => {
    const own = { intermediate: 0.2, high: 0.455 };
    expect([0.19, 0.2, 0.45, 0.46].map((cv) => tierOf(cv, own))).toEqual([
      ...['low', 'intermediate', 'intermediate', 'high'],
    ]);
  });

  test('a larger Cv is never reported as a smaller one, nor in a lower tier', () => {
    const order: readonly Tier[] = ['low', 'intermediate', 'high'];
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (one, other) => {
        const [small, large] = one <= other ? [one, other] : [other, one];
        expect(reportedCv(small)).toBeLessThanOrEqual(reportedCv(large));
        expect(Math.abs(reportedCv(small) - small)).toBeLessThanOrEqual(0.005 + 1e-9);
        const rank = (cv: number): number => order.indexOf(tierOf(reportedCv(cv), cutoffs.cv));
        expect(rank(small)).toBeLessThanOrEqual(rank(large));
      }),
    );
  });
});

describe('the region of a smoldering ATL', () => {
  test.each<[number, number, Region]>([
    [0.494, 999, 'R1'],
    [0.494, 999.5, 'R1'],
    [0.494, 1000, 'R3'],
    [0.495, 999, 'R2'],
    [0.495, 999.5, 'R2'],
    [0.495, 1000, 'R4'],
    [0.1, 50_000, 'R3'],
    [1, 0, 'R2'],
  ])('with Cv %f and sIL-2R %f U/mL is %s', (cvRaw, value, region) => {
    expect(classify(cvRaw, exactly(cvRaw), smoldering(value), cutoffs)).toMatchObject({
      region,
      noRegion: null,
    });
  });

  test.each(['U/mL', 'U/ml', 'u/mL', 'U/ML', ' U/mL '])('is given for sIL-2R in %j', (unit) => {
    expect(classify(0.7, exactly(0.7), smoldering(1000, unit), cutoffs)).toMatchObject({ region: 'R4' });
  });

  test.each([
    '',
    ' ',
    'pg/mL',
    'ng/mL',
    'IU/mL',
    'kU/L',
    'U/L',
    'U / mL',
    'U',
    'mL',
    'Ｕ／ｍＬ',
    'U/mL (CLEIA)',
  ])('is not given for sIL-2R in %j, and the unit is named', (unit) => {
    expect(classify(0.7, exactly(0.7), smoldering(1520, unit), cutoffs)).toMatchObject({
      tier: 'high',
      region: null,
      noRegion: { why: 'sil2r-unit', unit },
    });
  });

  test('is not given without sIL-2R', () => {
    expect(classify(0.7, exactly(0.7), { category: 'smoldering', sil2r: null }, cutoffs)).toMatchObject({
      region: null,
      noRegion: { why: 'sil2r-missing' },
    });
  });

  test('exists for smoldering ATL only, and otherwise follows both cut-offs', () => {
    const values = fc.record({
      cvRaw: fc.double({ min: 0, max: 1, noNaN: true }),
      category: fc.constantFrom(...CATEGORIES),
      value: fc.double({ min: 0, max: 100_000, noNaN: true }),
      unit: fc.constantFrom('U/mL', 'U/ml', 'pg/mL', ''),
      known: fc.boolean(),
    });
    fc.assert(
      fc.property(values, ({ cvRaw, category, value, unit, known }) => {
        const sil2r = known ? { value, unit, method: null, date: null } : null;
        const { cv, region, noRegion } = classify(cvRaw, exactly(cvRaw), { category, sil2r }, cutoffs);
        const expected = category === 'smoldering' && known && unit.startsWith('U/');
        expect(region !== null).toBe(expected);
        expect(noRegion === null).toBe(expected);
        if (region !== null) {
          expect(region === 'R2' || region === 'R4').toBe(cv >= 0.5);
          expect(region === 'R3' || region === 'R4').toBe(value >= 1000);
        }
      }),
    );
  });
});

describe('cut-offs inside the interval', () => {
  test.each<[[number, number], number[]]>([
    [[0.26, 0.49], []],
    [[0.26, 0.494], []],
    [[0.26, 0.495], [0.5]],
    [[0.45, 0.55], [0.5]],
    [[0.494, 0.55], [0.5]],
    [[0.495, 0.55], []],
    [[0.5, 0.55], []],
    [[0.2, 0.3], [0.25]],
    [[0.2, 0.244], []],
    [[0.2, 0.245], [0.25]],
    [
      [0.2, 0.6],
      [0.25, 0.5],
    ],
    [
      [0, 1],
      [0.25, 0.5],
    ],
  ])('%j crosses %j', (interval, crossed) => {
    const middle = (interval[0] + interval[1]) / 2;
    expect(classify(middle, interval, { category: 'carrier', sil2r: null }, cutoffs).crossed).toEqual(
      crossed,
    );
  });
});

test('a cut-off is written with two decimals, or with as many as it has', () => {
  expect([0.5, 0.25, 1, 0.455].map(cutoffText)).toEqual(['0.50', '0.25', '1.00', '0.455']);
});
