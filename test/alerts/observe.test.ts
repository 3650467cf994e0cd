import { describe, expect, test } from 'vitest';
import { judgeObservation, type Observation } from '../../src/alerts/observe.ts';
import { createWaiting } from '../../src/alerts/waiting.ts';

const NOW = new Date('2026-01-06T10:00:00Z');
const LIMITS = { unsentMinutes: 30, heldHours: 4, freeMiB: 1024 };
const FINE: Observation = {
  queues: [],
  orphans: [],
  review: { count: 0, waitedMs: 0 },
  freeBytes: 2 ** 40,
  unsyncedMs: 0,
  jumpMs: 0,
};
const MINUTE = 60_000;
const begins = (changes: Partial<Observation>): string[] =>
  judgeObservation({ ...FINE, ...changes }, LIMITS)
    .filter(({ then }) => then !== 'end')
    .map(({ key, text }) => `${key}: ${text}`);

describe('somebody is called', () => {
  test('for nothing where all is well', () => {
    expect(begins({})).toEqual([]);
  });

  test('when the oldest message of a destination has waited too long, and not before', () => {
    const queue = (minutes: number) => [{ destination: 'main', queued: 3, waitedMs: minutes * MINUTE }];
    expect(begins({ queues: queue(29.9) })).toEqual([]);
    expect(begins({ queues: queue(42) })).toEqual([
      'unsent:main: 3 messages wait for main, the oldest for 42 min',
    ]);
  });

  test('when a held result has waited too long', () => {
    expect(begins({ review: { count: 2, waitedMs: 239 * MINUTE } })).toEqual([]);
    expect(begins({ review: { count: 2, waitedMs: 250 * MINUTE } })).toEqual([
      'review: 2 held results wait for a person, the oldest for 4 h 10 min',
    ]);
  });

  test('when space is short; it has to be worth the word before it is enough again', () => {
    expect(begins({ freeBytes: 1000 * 2 ** 20 })).toEqual([
      'space: Only 1000 MiB are free on the disk of the data folder',
    ]);
    const keys = (free: number) =>
      judgeObservation({ ...FINE, freeBytes: free * 2 ** 20 }, LIMITS).filter(({ key }) => key === 'space');
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
      judgeObservation({ ...FINE, orphans: [{ destination: 'old', waiting: 0 }] }, LIMITS),
    ).toContainEqual(expect.objectContaining({ key: 'queue:old', then: 'end' }));
  });
});

describe('what waits', () => {
  const DAY = 24 * 60 * MINUTE;
  const clocks = () => {
    let [wall, mono] = [NOW.getTime(), 0];
    const waiting = createWaiting({ now: () => new Date(wall) }, () => mono);
    return {
      waiting,
      pass(ms: number): void {
        wall += ms;
        mono += ms;
      },
      setBack(ms: number): void {
        wall -= ms;
      },
    };
  };

  test('has waited since it was made, also before this start of the service', () => {
    const { waiting, pass } = clocks();
    pass(MINUTE);
    expect(waiting('main', new Date(NOW.getTime() - DAY))).toBe(DAY + MINUTE);
    expect(waiting('main', null)).toBe(0);
  });

  test('goes on waiting where the clock is put back by a day', () => {
    const { waiting, pass, setBack } = clocks();
    setBack(DAY);
    waiting('main', NOW);
    pass(31 * MINUTE);
    expect(waiting('main', NOW)).toBe(31 * MINUTE);
    // Another one is the oldest now.
    expect(waiting('main', new Date(NOW.getTime() + 1))).toBe(0);
  });
});
