import { describe, expect, test } from 'vitest';
import { isIntakeAlive, type IntakeVitals } from '../../src/watch/alive.ts';
import { createRounds } from '../../src/watch/rounds.ts';

const MINUTE = 60_000;
const well: IntakeVitals = {
  recordingSince: null,
  answeredAt: 0,
  lingering: 0,
  folders: [{ state: 'available' }],
};

describe('the watchdog is fed', () => {
  test('while the intake process speaks', () => {
    expect(isIntakeAlive(well, 1000)).toBe(true);
  });

  test('while a share hangs: a restart would not bring it back', () => {
    const hanging: IntakeVitals = { ...well, folders: [{ state: 'hanging' }] };
    expect(isIntakeAlive(hanging, 60 * MINUTE)).toBe(true);
    expect(isIntakeAlive({ ...well, lingering: 1 }, 60 * MINUTE)).toBe(true);
  });

  test('not while one intake process after another ends without a word', () => {
    expect(isIntakeAlive(well, 4 * MINUTE)).toBe(true);
    expect(isIntakeAlive(well, 6 * MINUTE)).toBe(false);
  });

  test('not while a batch is being recorded for minutes, whatever else speaks', () => {
    const stuck: IntakeVitals = { ...well, recordingSince: 0, answeredAt: 2 * MINUTE, lingering: 1 };
    expect(isIntakeAlive(stuck, 2 * MINUTE)).toBe(false);
  });
});

describe('a loop is overdue', () => {
  const at = (time: { now: number }): ReturnType<typeof createRounds> => createRounds(() => time.now);

  test('from the time on by which it said it would come round', () => {
    const time = { now: 0 };
    const rounds = at(time);
    rounds.next(1000);
    time.now = 900;
    expect(rounds.overdueMs()).toBe(0);
    time.now = 3000;
    expect(rounds.overdueMs()).toBe(2000);
  });

  test('never while it waits for somebody else, nor at once afterwards', async () => {
    const time = { now: 0 };
    const rounds = at(time);
    const answer = Promise.withResolvers<undefined>();
    const wait = rounds.during(answer.promise);
    time.now = 60 * MINUTE;
    expect(rounds.overdueMs()).toBe(0);
    answer.resolve(undefined);
    await wait;
    expect(rounds.overdueMs()).toBe(0);
    time.now += 5000;
    expect(rounds.overdueMs()).toBe(5000);
  });
});
