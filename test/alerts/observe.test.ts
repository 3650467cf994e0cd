import { describe, expect, test } from 'vitest';
import { judgeObservation, type Observation } from '../../src/alerts/observe.ts';

const NOW = new Date('2026-01-06T10:00:00Z');
const LIMITS = { unsentMinutes: 30, heldHours: 4, freeMiB: 1024 };
const FINE: Observation = {
  queues: [],
  orphans: [],
  review: { count: 0, oldest: null },
  freeBytes: 2 ** 40,
  unsyncedMs: 0,
  jumpMs: 0,
};
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const begins = (changes: Partial<Observation>): string[] =>
  judgeObservation({ ...FINE, ...changes }, LIMITS, NOW)
    .filter(({ then }) => then !== 'end')
    .map(({ key, text }) => `${key}: ${text}`);

describe('somebody is called', () => {
  test('for nothing where all is well', () => {
    expect(begins({})).toEqual([]);
  });

  test('when the oldest message of a destination has waited too long, and not before', () => {
    const queue = (minutes: number) => [{ destination: 'main', queued: 3, oldest: ago(minutes) }];
    expect(begins({ queues: queue(29.9) })).toEqual([]);
    expect(begins({ queues: queue(42) })).toEqual([
      'unsent:main: 3 messages wait for main, the oldest for 42 min',
    ]);
  });

  test('when a held result has waited too long', () => {
    expect(begins({ review: { count: 2, oldest: ago(239) } })).toEqual([]);
    expect(begins({ review: { count: 2, oldest: ago(250) } })).toEqual([
      'review: 2 held results wait for a person, the oldest for 4 h 10 min',
    ]);
  });

  test('when space is short; it has to be worth the word before it is enough again', () => {
    expect(begins({ freeBytes: 1000 * 2 ** 20 })).toEqual([
      'space: Only 1000 MiB are free on the disk of the data folder',
    ]);
    const keys = (free: number) =>
      judgeObservation({ ...FINE, freeBytes: free * 2 ** 20 }, LIMITS, NOW).filter(
        ({ key }) => key === 'space',
      );
    expect(keys(1100)).toEqual([]);
    expect(keys(1300)).toMatchObject([{ then: 'end' }]);
    expect(begins({ freeBytes: null })).toEqual([]);
  });

  test('when the clock has not followed a time server for a while, and never where that cannot be told', () => {
    expect(begins({ unsyncedMs: 14 * 60_000 })).toEqual([]);
    expect(begins({ unsyncedMs: 15 * 60_000 })).toEqual([
      'clock:sync: The clock of this machine is not synchronised',
    ]);
    expect(begins({ unsyncedMs: null })).toEqual([]);
  });

  test('when the clock jumps, either way', () => {
    expect(begins({ jumpMs: 59_000 })).toEqual([]);
    expect(begins({ jumpMs: 3_720_000 })).toEqual([
      'clock:jump: The clock of this machine jumped forward by 1 h 2 min',
    ]);
    expect(begins({ jumpMs: -120_000 })).toEqual([
      'clock:jump: The clock of this machine jumped back by 2 min',
    ]);
  });

  test('when messages wait for a destination that is not configured, until they are moved', () => {
    expect(begins({ orphans: [{ destination: 'old', waiting: 2 }] })[0]).toContain(
      'raisingd queue move --from old',
    );
    expect(
      judgeObservation({ ...FINE, orphans: [{ destination: 'old', waiting: 0 }] }, LIMITS, NOW),
    ).toContainEqual(expect.objectContaining({ key: 'queue:old', then: 'end' }));
  });
});
