import { describe, expect, test } from 'vitest';
import type { DaemonFacts } from '../../src/monitor/facts.ts';
import { readiness } from '../../src/monitor/health.ts';

const FOLDER = {
  folder: '/srv/seq',
  detail: '',
  device: null,
  files: 3,
  waiting: 0,
  scanMs: 1,
  overdueMs: 0,
};
const WELL: DaemonFacts = {
  intake: { pid: 7, replaced: 0, silentMs: 100, folders: [{ ...FOLDER, state: 'available' }] },
  couriers: [{ name: 'main', alive: true, up: true }],
  alerts: [],
};

describe('/readyz', () => {
  test('is ready where the database answers, the intake runs and every courier is at work', () => {
    expect(readiness(WELL, null)).toEqual({
      ready: true,
      checks: {
        database: { ok: true, detail: '' },
        intake: { ok: true, detail: '' },
        couriers: { ok: true, detail: '' },
      },
    });
  });

  test.each([
    ['the database does not answer', WELL, 'disk I/O error', 'database', 'disk I/O error'],
    [
      'there is no intake process',
      { ...WELL, intake: { ...WELL.intake, pid: null } },
      null,
      'intake',
      'there is no intake process; one is started soon',
    ],
    [
      'the intake process is silent',
      { ...WELL, intake: { ...WELL.intake, silentMs: 21_000 } },
      null,
      'intake',
      'the intake process was not heard for 21 s',
    ],
    [
      'a courier stands still',
      { ...WELL, couriers: [...WELL.couriers, { name: 'archive', alive: false, up: true }] },
      null,
      'couriers',
      'no progress: archive',
    ],
  ] as const)('is not ready where %s, and says so', (_title, facts, database, part, detail) => {
    const found = readiness(facts, database);
    expect(found.ready).toBe(false);
    expect(found.checks[part]).toEqual({ ok: false, detail });
    const others = Object.entries(found.checks).filter(([name]) => name !== part);
    expect(others.map(([, { ok }]) => ok)).toEqual([true, true]);
  });

  test('stays ready while a share is away and a LIS is down, and names both', () => {
    const facts: DaemonFacts = {
      ...WELL,
      intake: { ...WELL.intake, folders: [{ ...FOLDER, state: 'unavailable' }] },
      couriers: [{ name: 'main', alive: true, up: false }],
    };
    const { ready, checks } = readiness(facts, null);
    expect(ready).toBe(true);
    expect(checks.intake.detail).toBe('/srv/seq is unavailable');
    expect(checks.couriers.detail).toBe('main is down');
  });
});
