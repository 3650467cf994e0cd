import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { configure, openDatabase } from '../../src/store/database.ts';
import { StoreError, sqliteFault } from '../../src/store/failure.ts';
import type { StoreFault } from '../../src/store/failure.ts';
import { openStore } from '../../src/store/store.ts';
import { NOW, recordTrace, tempFile, tempFolder, tempStore } from './support.ts';

function faultOf(open: () => unknown): { fault: StoreFault; message: string } {
  try {
    open();
  } catch (error) {
    if (error instanceof StoreError) return { fault: error.fault, message: error.message };
    throw error;
  }
  throw new Error('it was opened');
}

/** A closed database that holds something. */
function filled(): string {
  const file = tempFile();
  const store = openStore(file, { access: 'service', now: NOW });
  store.transaction(() => {
    for (let i = 0; i < 200; i += 1) recordTrace(store, `S25-${i}`);
  });
  store.close();
  return file;
}

function edit(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

describe('the database', () => {
  test('is made on first use, readable by its owner alone, and says so', () => {
    const file = join(tempFolder(), 'new', 'folder', 'raisingd.db');
    const store = tempStore(file);
    expect(store.created).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(tempStore(file, 'read').created).toBe(false);
    expect(readdirSync(dirname(file)).filter((name) => name.includes('.new'))).toEqual([]);
  });

  test('makes every commit durable, and proves it at each start', () => {
    const { db } = openDatabase(tempFile(), 'service', NOW);
    const read = (pragma: string): unknown => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
    expect(read('journal_mode')).toBe('wal');
    expect(read('synchronous')).toBe(2);
    expect(read('foreign_keys')).toBe(1);
    expect(read('busy_timeout')).toBe(5000);
    db.close();
  });

  test('is refused where SQLite cannot keep that promise', () => {
    // A database in memory has no write-ahead log, like one on a share without shared memory.
    const { fault, message } = faultOf(() => {
      configure(new DatabaseSync(':memory:'), '/srv/share/raisingd.db');
    });
    expect(fault).toBe('unsuitable');
    expect(message).toBe(
      '/srv/share/raisingd.db: PRAGMA journal_mode is memory instead of wal, so results would not be safe here; ' +
        'put dataDir on a local disk',
    );
  });

  test('that was half made when the power failed is made again', () => {
    const file = tempFile();
    writeFileSync(`${file}.new`, 'half');
    writeFileSync(`${file}.new-wal`, 'half');
    expect(tempStore(file).created).toBe(true);
  });

  test('of a newer program is refused, naming both versions, and left as it is', () => {
    const file = filled();
    edit(file, 'PRAGMA user_version = 99');
    const before = readFileSync(file);
    for (const access of ['service', 'write', 'read'] as const) {
      const { fault, message } = faultOf(() => openStore(file, { access, now: NOW }));
      expect(fault).toBe('newer');
      expect(message).toMatch(/has version 99, and this program knows up to version \d+; install the newer/);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('of an older program is brought up to date by the service alone', () => {
    const file = tempFile();
    edit(file, 'PRAGMA application_id = 0x52534744');
    expect(faultOf(() => openStore(file, { access: 'write', now: NOW })).fault).toBe('older');
    // Version 0 has no tables at all: here every migration runs on a database that is there already.
    const { db, created } = openDatabase(file, 'service', NOW);
    expect(created).toBe(false);
    expect(db.prepare('SELECT count(*) AS n FROM outbox').get()).toEqual({ n: 0 });
    db.close();
  });

  test('of another program is refused and not touched', () => {
    const file = tempFile();
    edit(file, 'CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
    const before = readFileSync(file);
    expect(faultOf(() => openStore(file, { access: 'service', now: NOW }))).toEqual({
      fault: 'foreign',
      message: `${file}: this is no database of raisingd (application id none); move it away or set another dataDir`,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('that is missing is not made by a command', () => {
    const file = tempFile();
    for (const access of ['write', 'read'] as const) {
      expect(faultOf(() => openStore(file, { access, now: NOW })).fault).toBe('missing');
    }
    expect(existsSync(file)).toBe(false);
  });

  test.each<[string, (file: string) => void]>([
    [
      'is not a database',
      (file) => writeFileSync(file, 'This is a text file, and not a short one. '.repeat(200)),
    ],
    ['is empty', (file) => truncateSync(file, 0)],
    ['was cut short', (file) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)],
    ['has a page of zeros', (file) => overwrite(file, 5 * 4096, Buffer.alloc(4096))],
    ['has a page of noise', (file) => overwrite(file, 7 * 4096, Buffer.alloc(4096, 0xa5))],
    [
      'is gone, with its log left behind',
      (file) => {
        rmSync(file);
        writeFileSync(`${file}-wal`, 'committed once');
      },
    ],
  ])('that %s is refused with the remedy, and never replaced', (_, harm) => {
    const file = filled();
    harm(file);
    const left = existsSync(file) ? readFileSync(file) : null;
    const { fault, message } = faultOf(() => openStore(file, { access: 'service', now: NOW }));
    expect(fault).toBe('damaged');
    expect(message).toContain(`${file}: the database is damaged: `);
    expect(message).toContain('give the newest copy from backups to raisingd restore');
    expect(existsSync(file) ? readFileSync(file) : null).toEqual(left);
  });

  test('that was put back from a copy does not take over the log of the one before it', () => {
    const file = tempFile();
    const store = tempStore(file);
    store.transaction(() => recordTrace(store, 'S25-1'));
    const restored = tempFile();
    const db = new DatabaseSync(file);
    db.prepare('VACUUM INTO ?').run(restored);
    db.close();
    copyFileSync(`${file}-wal`, `${restored}-wal`);
    expect(statSync(`${restored}-wal`).size).toBeGreaterThan(0);
    const { fault, message } = faultOf(() => openStore(restored, { access: 'service', now: NOW }));
    expect(fault).toBe('damaged');
    expect(message).toContain(`${restored}-wal belongs to another database: move it away`);
    const before = readFileSync(restored);
    for (const access of ['write', 'read'] as const) {
      expect(faultOf(() => openStore(restored, { access, now: NOW })).fault).toBe('damaged');
    }
    expect(readFileSync(restored).equals(before)).toBe(true);
    rmSync(`${restored}-wal`);
    expect(tempStore(restored).outbox.list({ limit: 10 })).toHaveLength(1);
  });

  test('is left as it was where a migration fails half-way', () => {
    const file = tempFile();
    edit(file, 'PRAGMA application_id = 0x52534744; CREATE TABLE outbox (theirs)');
    expect(() => openStore(file, { access: 'service', now: NOW })).toThrow(
      'migration 0001-initial.sql failed; the database is as it was before',
    );
    const db = new DatabaseSync(file);
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'outbox' }]);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 0 });
    db.close();
  });

  test('is readable beside the running service, and after it', () => {
    const file = tempFile();
    const store = openStore(file, { access: 'service', now: NOW });
    store.transaction(() => recordTrace(store, 'S25-1'));
    const during = openStore(file, { access: 'read', now: NOW });
    store.transaction(() => recordTrace(store, 'S25-2'));
    expect(during.outbox.list({ limit: 10 })).toHaveLength(2);
    expect(() => during.transaction(() => recordTrace(during, 'S25-3'))).toThrow('readonly');
    during.close();
    store.close();
    const after = openStore(file, { access: 'read', now: NOW });
    expect(after.outbox.list({ limit: 10 })).toHaveLength(2);
    after.close();
  });

  test('takes what a command writes beside the service', () => {
    const file = tempFile();
    const service = tempStore(file);
    const command = tempStore(file, 'write');
    command.transaction(() => recordTrace(command, 'S25-1'));
    service.transaction(() => recordTrace(service, 'S25-2'));
    expect(service.outbox.list({ limit: 10 }).map((item) => item.resultKey)).toHaveLength(2);
  });
});

describe('a transaction', () => {
  test('that throws leaves nothing behind, not even a used number', () => {
    const store = tempStore();
    expect(() =>
      store.transaction(() => {
        recordTrace(store, 'S25-1');
        throw new Error('half-way');
      }),
    ).toThrow('half-way');
    expect([...store.sightings.all()]).toEqual([]);
    expect(store.analyses.byAccession('S25-1', 0)).toEqual([]);
    expect(store.results.byAccession('S25-1')).toEqual([]);
    expect(store.outbox.list({ limit: 10 })).toEqual([]);
    expect(store.audit.verify()).toMatchObject({ ok: true, rows: 0 });
    expect(store.sequence.nextControlId(NOW)).toMatch(/00000001$/);
  });

  test('returns what its work returns', () => {
    const store = tempStore();
    expect(store.transaction(() => 42)).toBe(42);
  });

  test('does not nest, and survives the attempt', () => {
    const store = tempStore();
    expect(() => store.transaction(() => store.transaction(() => 1))).toThrow('already open');
    expect(store.transaction(() => 2)).toBe(2);
  });

  test('refuses asynchronous work, since it would commit before the work is done', () => {
    const store = tempStore();
    const work = (): never => {
      recordTrace(store, 'S25-1');
      return Promise.resolve() as never;
    };
    expect(() => store.transaction(work)).toThrow('must not be asynchronous');
    expect(store.outbox.list({ limit: 10 })).toEqual([]);
  });
});

describe("SQLite's own failures", () => {
  test('are told apart', () => {
    const file = filled();
    const [a, b] = [new DatabaseSync(file), new DatabaseSync(file)];
    const readOnly = new DatabaseSync(file, { readOnly: true });
    const fault = (act: () => unknown): unknown => {
      try {
        act();
      } catch (error) {
        return sqliteFault(error);
      }
      return 'none';
    };
    a.exec('BEGIN IMMEDIATE');
    expect(fault(() => b.exec('BEGIN IMMEDIATE'))).toBe('busy');
    a.exec('ROLLBACK');
    expect(fault(() => readOnly.exec('DELETE FROM sightings'))).toBe('read-only');
    const pages = Number(Object.values(a.prepare('PRAGMA page_count').get() ?? {})[0]);
    a.exec(`PRAGMA max_page_count = ${pages}`);
    expect(fault(() => a.exec('CREATE TABLE big AS SELECT randomblob(1000000) AS x'))).toBe('full');
    expect(fault(() => a.exec('SELECT nonsense'))).toBe('other');
    expect(sqliteFault(new Error('something else'))).toBeNull();
    for (const db of [a, b, readOnly]) db.close();
  });
});

function overwrite(file: string, offset: number, bytes: Uint8Array): void {
  const content = readFileSync(file);
  content.set(bytes, offset);
  const copy = `${file}.copy`;
  writeFileSync(copy, content);
  copyFileSync(copy, file);
  rmSync(copy);
}
