import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calibrate, fitCalibration } from '../../src/clonality/calibration.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const pairs = fc.array(fc.record({ ours: share, theirs: share }), { minLength: 10, maxLength: 60 });

test('a larger value never becomes the smaller one, and none leaves 0-1', () => {
  fc.assert(
    fc.property(pairs, share, share, (paired, a, b) => {
      const { table } = fitCalibration(paired);
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((value) => calibrate(table, value)) as [
        number,
        number,
      ];
      expect(low).toBeLessThanOrEqual(high + 1e-9);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

test('pairs of a method that reads a fifth lower are brought into agreement', () => {
  const paired = Array.from({ length: 30 }, (_, k) => ({ ours: k / 30, theirs: (0.8 * k) / 30 }));
  const fit = fitCalibration(paired);
  expect(fit.rmseBefore).toBeGreaterThan(0.1);
  expect(fit.rmseAfter).toBeLessThan(0.001);
  expect(calibrate(fit.table, 0.5)).toBeCloseTo(0.4, 3);
  expect(fit.residuals.length).toBe(30);
});

test('beyond the pairs a value is moved as at their end', () => {
  const paired = Array.from({ length: 10 }, (_, k) => ({ ours: 0.3 + 0.04 * k, theirs: 0.4 + 0.04 * k }));
  const { table } = fitCalibration(paired);
  expect(calibrate(table, 0.1)).toBeCloseTo(0.2, 9);
  expect(calibrate(table, 0.95)).toBe(1);
});

test('too few pairs, or a value that is no share, are refused by number and value', () => {
  expect(() => fitCalibration([{ ours: 0.5, theirs: 0.5 }])).toThrow(
    '1 pairs; a calibration needs at least 10',
  );
  const paired = Array.from({ length: 10 }, () => ({ ours: 0.5, theirs: 73 }));
  expect(() => fitCalibration(paired)).toThrow('not between 0 and 1: 73');
});
