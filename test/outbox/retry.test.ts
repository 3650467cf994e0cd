import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryDelay } from '../../src/outbox/retry.ts';

const retry = { firstSeconds: 5, maxSeconds: 300, rejections: 5 };

describe('the wait before a retry', () => {
  test.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [6, 160],
    [7, 300],
    [8, 300],
    [100_000, 300],
  ])('after failure %d is %d seconds', (failures, seconds) => {
    expect(retryDelay(failures, retry)).toBe(seconds * 1000);
  });

  test('never shrinks, never exceeds the longest wait and never says to give up', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 1000 }),
        (n, first, more) => {
          const rules = { firstSeconds: first, maxSeconds: first + more, rejections: 1 };
          const wait = retryDelay(n, rules);
          expect(wait).toBeGreaterThanOrEqual(first * 1000);
          expect(wait).toBeLessThanOrEqual((first + more) * 1000);
          expect(retryDelay(n + 1, rules)).toBeGreaterThanOrEqual(wait);
        },
      ),
    );
  });
});
