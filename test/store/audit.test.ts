import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AuditVerdict } from '../../src/store/audit.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../until.ts';
import { later, tempFile, tempStore } from './support.ts';

function append(store: Store, count: number): void {
  for (let i = 1; i <= count; i += 1) {
    store.audit.append({
      ...{ at: later(i), actor: 'raisingd', action: 'result.released', subject: `S25-${i}` },
      detail: { before: null, after: { tier: 'high', cv: 0.73 }, crossed: [0.25] },
    });
  }
}

/** What somebody with the file, the sqlite3 tool and bad intent could do. */
function tamper(store: Store, sql: string): AuditVerdict {
  const db = new DatabaseSync(store.file);
  db.exec(`DROP TRIGGER audit_immutable; DROP TRIGGER audit_kept; ${sql}`);
  db.close();
  return store.audit.verify();
}

describe('the audit log', () => {
  test('is proven whole, and its head changes with every row', () => {
    const store = tempStore();
    const empty = store.audit.verify();
    expect(empty).toEqual({ ok: true, rows: 0, head: '0'.repeat(64) });
    append(store, 5);
    const five = store.audit.verify();
    expect(five).toMatchObject({ ok: true, rows: 5 });
    append(store, 1);
    const six = store.audit.verify();
    expect(six).toMatchObject({ ok: true, rows: 6 });
    expect(new Set([empty, five, six].map((verdict) => verdict.ok && verdict.head)).size).toBe(3);
  });

  test('is proven whole while the service goes on writing it', async () => {
    const file = tempFile();
    const recorder = fork(join(import.meta.dirname, 'crash-recorder.ts'), [file, '0'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    onTestFinished(() => void recorder.kill('SIGKILL'));
    await until(() => expect(existsSync(file)).toBe(true));
    const store = tempStore(file, 'read');
    const lengths = new Set<number>();
    while (lengths.size < 100) {
      const verdict = store.audit.verify();
      expect(verdict).toMatchObject({ ok: true });
      if (verdict.ok) lengths.add(verdict.rows);
    }
  });

  test('takes any text that a person types as who or why', () => {
    const store = tempStore();
    const odd = 'Satō "O\'Hara" \\ \u{20BB7} \ud800 \u0007 end';
    store.audit.append({ at: later(0), actor: odd, action: odd, subject: odd, detail: { reason: odd } });
    append(store, 1);
    expect(store.audit.verify()).toMatchObject({ ok: true, rows: 2 });
  });

  test.each([
    ['what was done', "UPDATE audit SET action = 'result.rejected' WHERE seq = 3", 3, 'row 3 was changed'],
    ['the reason', "UPDATE audit SET detail = '{}' WHERE seq = 3", 3, 'row 3 was changed'],
    ['the time', "UPDATE audit SET at = '2025-01-01T00:00:00.000Z' WHERE seq = 1", 1, 'row 1 was changed'],
    [
      'a hash',
      "UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 2",
      2,
      'row 2 was changed',
    ],
    ['a row by taking it out', 'DELETE FROM audit WHERE seq = 4', 4, 'row 4 is missing'],
    ['the first row by taking it out', 'DELETE FROM audit WHERE seq = 1', 1, 'row 1 is missing'],
    [
      'the end by cutting it off',
      'DELETE FROM audit WHERE seq > 3',
      4,
      '5 rows were written and 3 are there',
    ],
    ['all of it', 'DELETE FROM audit', 1, '5 rows were written and 0 are there'],
    [
      'two rows by exchanging them',
      'UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 9',
      2,
      'row 2 does not follow the row before it',
    ],
  ])('shows that somebody changed %s', (_, sql, firstBroken, found) => {
    const store = tempStore();
    append(store, 5);
    expect(tamper(store, sql)).toEqual({ ok: false, firstBroken, found });
  });

  test('shows a cut end even where new rows have followed', () => {
    const store = tempStore();
    append(store, 5);
    tamper(store, 'DELETE FROM audit WHERE seq > 3');
    append(store, 3);
    expect(store.audit.verify()).toEqual({ ok: false, firstBroken: 4, found: 'row 4 is missing' });
  });
});
