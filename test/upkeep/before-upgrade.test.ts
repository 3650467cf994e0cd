import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { copyBeforeUpgrade, makeBackup } from '../../src/upkeep/backup-copy.ts';

const MIGRATIONS = new URL('../../src/store/migrations/', import.meta.url);
const NOW = new Date('2025-11-22T18:00:00Z');

let folder: string;
let file: string;
let backups: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raisingd-upgrade-'));
  file = join(folder, 'raisingd.db');
  backups = join(folder, 'backups');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database of the version before, in use; returns that version. */
function olderDatabase(): number {
  const names = readdirSync(MIGRATIONS).sort().slice(0, -1);
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA application_id = 0x52534744');
  for (const name of names) db.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
  db.exec(`PRAGMA user_version = ${names.length}`);
  db.exec(`INSERT INTO installation (id, tag, created_at) VALUES (1, 'TAGS', '${NOW.toISOString()}')`);
  db.close();
  return names.length;
}

function versionOf(path: string): unknown {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare('PRAGMA user_version').get()?.['user_version'];
  } finally {
    db.close();
  }
}

function open(): void {
  openStore(file, {
    access: 'service',
    now: NOW,
    beforeUpgrade: ({ to }) => copyBeforeUpgrade(file, backups, to, NOW),
  }).close();
}

describe('the first start of a newer program', () => {
  test('copies the database as it was, and then brings it up to date', () => {
    const older = olderDatabase();
    open();
    const copy = `raisingd-20251122T180000Z-before-${older + 1}.db`;
    expect(readdirSync(backups)).toEqual([copy]);
    expect(versionOf(join(backups, copy))).toBe(older);
    expect(versionOf(file)).toBe(older + 1);
  });

  test('changes nothing where the copy cannot be made', () => {
    const older = olderDatabase();
    writeFileSync(backups, 'a file where the folder should be');
    expect(open).toThrow(/EEXIST|ENOTDIR/);
    expect(versionOf(file)).toBe(older);
  });

  test('makes no copy the next time', () => {
    olderDatabase();
    open();
    open();
    expect(readdirSync(backups)).toHaveLength(1);
  });

  test('makes one copy however often it is cut short, and another where something was recorded since', () => {
    const older = olderDatabase();
    const attempt = (hour: number): void => {
      copyBeforeUpgrade(file, backups, older + 1, new Date(NOW.getTime() + hour * 3_600_000));
    };
    attempt(0);
    attempt(1);
    expect(readdirSync(backups)).toHaveLength(1);
    const db = new DatabaseSync(file);
    db.exec(`INSERT INTO audit (at, actor, action, subject, detail, previous_hash, hash)
      VALUES ('', '', '', '', '{}', '${'0'.repeat(64)}', '${'1'.repeat(64)}')`);
    db.close();
    attempt(2);
    expect(readdirSync(backups)).toHaveLength(2);
  });

  test('leaves a copy that the nightly rotation does not count', () => {
    olderDatabase();
    open();
    for (const day of [23, 24, 25]) {
      makeBackup({ file, folder: backups, keep: 1, now: `2025-11-${day}T18:00:00.000Z` });
    }
    expect(readdirSync(backups).sort()).toEqual([
      expect.stringMatching(/^raisingd-20251122T180000Z-before-\d+\.db$/),
      'raisingd-20251125T180000Z.db',
    ]);
  });

  test('clears away what an interrupted copy left', () => {
    olderDatabase();
    mkdirSync(backups);
    writeFileSync(join(backups, 'raisingd-20251121T180000Z-before-7.db.tmp'), 'half');
    open();
    expect(readdirSync(backups).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
