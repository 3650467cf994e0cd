import { expect, test } from 'vitest';
import { isWanted, type Subject } from '../../src/outbox/filter.ts';

const final: Subject = { assay: 'htlv1', status: 'F', category: 'smoldering' };

test('a destination without a filter gets every result', () => {
  expect(isWanted({}, final)).toBe(true);
});

test.each([
  [{ assays: ['htlv1'] }, true],
  [{ assays: ['hbv'] }, false],
  [{ statuses: ['F' as const, 'C' as const] }, true],
  [{ statuses: ['P' as const] }, false],
  [{ categories: ['smoldering' as const] }, true],
  [{ categories: ['carrier' as const, 'ham' as const] }, false],
  [{ assays: ['htlv1'], statuses: ['F' as const], categories: ['carrier' as const] }, false],
])('%j: %s', (only, wanted) => {
  expect(isWanted(only, final)).toBe(wanted);
});
