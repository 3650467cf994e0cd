import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { NOW, later, tempFile, tempStore } from './support.ts';

const DAY = 86_400_000;

describe('a control ID', () => {
  test('has 20 characters: RD, the UTC day, the tag of the database, a number', () => {
    const store = tempStore();
    // 00:30 on the 23rd in Tokyo.
    const id = store.sequence.nextControlId(new Date('2025-11-23T00:30:00+09:00'));
    expect(id).toMatch(/^RD251122[0-9A-HJKMNP-TV-Z]{4}00000001$/);
    expect(id).toHaveLength(20);
  });

  test('is given once, on the same day, on other days and when the clock goes back', () => {
    const store = tempStore();
    const times = [0, 0, DAY, 0, -DAY, 0, 400 * DAY, 0];
    const ids = times.flatMap((ms) =>
      Array.from({ length: 50 }, () => store.sequence.nextControlId(later(ms))),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is not given again after a restart', () => {
    const file = tempFile();
    const ids = Array.from({ length: 5 }, () => {
      const store = openStore(file, { access: 'service', now: NOW });
      const id = store.sequence.nextControlId(NOW);
      store.close();
      return id;
    });
    expect(ids.map((id) => id.slice(-1))).toEqual(['1', '2', '3', '4', '5']);
    expect(new Set(ids.map((id) => id.slice(8, 12))).size).toBe(1);
  });

  test('has another tag in another database, so that one made anew repeats nothing', () => {
    const tags = Array.from({ length: 8 }, () => tempStore().sequence.nextControlId(NOW).slice(8, 12));
    // Eight equal tags by chance: once in 10^42 runs.
    expect(new Set(tags).size).toBeGreaterThan(1);
  });

  test('is refused rather than made too long or repeated when the numbers are used up', () => {
    const store = tempStore();
    const db = new DatabaseSync(store.file);
    db.exec("UPDATE sequence SET value = 99999998 WHERE name = 'message'");
    db.close();
    expect(store.sequence.nextControlId(NOW)).toMatch(/99999999$/);
    expect(() => store.sequence.nextControlId(NOW)).toThrow('no control ID is left');
  });
});

describe('a result key', () => {
  test('is RD, the year, the tag and a number of its own, and grows past a million', () => {
    const store = tempStore();
    store.sequence.nextControlId(NOW);
    expect(store.sequence.nextResultKey(NOW)).toMatch(/^RD25[0-9A-HJKMNP-TV-Z]{4}000001$/);
    const db = new DatabaseSync(store.file);
    db.exec("UPDATE sequence SET value = 999999 WHERE name = 'result'");
    db.close();
    expect(store.sequence.nextResultKey(NOW)).toMatch(/1000000$/);
  });
});
