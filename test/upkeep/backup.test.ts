import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { verifyCopy } from '../../src/upkeep/backup-copy.ts';
import { BackupError, backUp, isBackupOverdue, newestBackup } from '../../src/upkeep/backup.ts';
import { NOW, later, recordTrace, tempFolder, tempStore } from '../store/support.ts';

const DAY = 86_400_000;

function filled(folder: string) {
  const store = tempStore(join(folder, 'raisingd.db'));
  store.transaction(() => {
    for (let i = 0; i < 300; i += 1) recordTrace(store, `S25-${i}`);
  });
  return store;
}

describe('a backup', () => {
  test('is a whole copy that opens as a database, made while the service writes', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    const backups = join(folder, 'backups');
    const pending = backUp({ file: store.file, folder: backups, keep: 3, now: NOW });
    recordTrace(store, 'S25-during');
    const backup = await pending;
    expect(backup.path).toBe(join(backups, 'raisingd-20251122T103015Z.db'));
    expect(backup.bytes).toBe(statSync(backup.path).size);
    expect(backup.rows).toBeGreaterThan(300 * 7);
    expect(statSync(backup.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(backups)).toEqual(['raisingd-20251122T103015Z.db']);

    const restored = tempStore(backup.path);
    expect(restored.created).toBe(false);
    expect(restored.audit.verify().ok).toBe(true);
    const original = store.outbox.show(1);
    expect(restored.outbox.show(1)).toEqual(original);
  });

  test('when restored never gives out a number that the original gave out after it', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    const { path } = await backUp({ file: store.file, folder: join(folder, 'backups'), keep: 3, now: NOW });
    const restored = tempStore(path);
    expect(restored.sequence.nextControlId(NOW)).not.toBe(store.sequence.nextControlId(NOW));
    expect(restored.sequence.nextResultKey(NOW)).not.toBe(store.sequence.nextResultKey(NOW));
  });

  test('removes the oldest copies and nothing else, and never the new one', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    const backups = join(folder, 'backups');
    mkdirSync(backups);
    writeFileSync(join(backups, 'notes.txt'), 'keep');
    writeFileSync(join(backups, 'raisingd-20240101T000000Z.db.tmp'), 'left by a kill');
    const make = async (now: Date) => backUp({ file: store.file, folder: backups, keep: 2, now });
    await make(later(0));
    await make(later(DAY));
    const third = await make(later(2 * DAY));
    expect(third.removed).toEqual([join(backups, 'raisingd-20251122T103015Z.db')]);
    // The clock went back by a year.
    const odd = await make(later(-365 * DAY));
    expect(readdirSync(backups)).toEqual([
      'notes.txt',
      'raisingd-20241122T103015Z.db',
      'raisingd-20251124T103015Z.db',
    ]);
    expect(odd.path).toBe(join(backups, 'raisingd-20241122T103015Z.db'));
  });

  test('of a damaged database fails, says so, and leaves the earlier copy alone', async () => {
    const folder = tempFolder();
    const file = join(folder, 'raisingd.db');
    const backups = join(folder, 'backups');
    const store = openStore(file, { access: 'service', now: NOW });
    store.transaction(() => {
      for (let i = 0; i < 300; i += 1) recordTrace(store, `S25-${i}`);
    });
    store.close();
    await backUp({ file, folder: backups, keep: 1, now: NOW });
    const page = pageOf(file, 'messages');
    const content = readFileSync(file);
    content.fill(0xa5, (page - 1) * 4096, page * 4096);
    writeFileSync(file, content);

    const attempt = backUp({ file, folder: backups, keep: 1, now: later(DAY) });
    await expect(attempt).rejects.toMatchObject({ name: 'StoreError', fault: 'damaged', file });
    await expect(attempt).rejects.toThrow('no backup was made');
    expect(readdirSync(backups)).toEqual(['raisingd-20251122T103015Z.db']);
  });

  test('is not made of a database with a damaged index, which copying would hide', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    // As if the index had lost its rows: it should list 300 messages and lists none.
    const db = new DatabaseSync(store.file, { defensive: false });
    db.exec(`PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(sql, '= ''held''', '= ''queued''') WHERE name = 'outbox_held'`);
    db.close();
    const backups = join(folder, 'backups');
    await expect(backUp({ file: store.file, folder: backups, keep: 1, now: NOW })).rejects.toThrow(
      'the database is damaged: row 1 missing from index outbox_held',
    );
    expect(readdirSync(backups)).toEqual([]);
  });

  test('that was damaged while it was written is found out, and so is one that lacks rows', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    const { path } = await backUp({ file: store.file, folder: join(folder, 'backups'), keep: 1, now: NOW });
    const messages = new Map([['messages', 300]]);
    expect(verifyCopy(path, messages, messages)).toBeGreaterThan(300);
    const more = new Map([['messages', 301]]);
    expect(() => verifyCopy(path, more, more)).toThrow(
      'the copy has 300 rows of messages, the database 301 before and 301 after',
    );
    const page = pageOf(path, 'messages');
    const content = readFileSync(path);
    content.fill(0, (page - 1) * 4096, page * 4096);
    writeFileSync(path, content);
    expect(() => verifyCopy(path, messages, messages)).toThrow('the copy is damaged: ');
  });

  test('that is cut short is killed, and what it left is cleared away by the next', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    const backups = join(folder, 'backups');
    const aborter = new AbortController();
    const attempt = backUp({
      ...{ file: store.file, folder: backups, keep: 1, now: NOW },
      signal: aborter.signal,
    });
    aborter.abort();
    await expect(attempt).rejects.toThrow(BackupError);
    await backUp({ file: store.file, folder: backups, keep: 1, now: later(DAY) });
    expect(readdirSync(backups)).toEqual(['raisingd-20251123T103015Z.db']);
  });

  test('into a folder that cannot be made says which', async () => {
    const folder = tempFolder();
    const store = filled(folder);
    writeFileSync(join(folder, 'backups'), 'a file');
    const attempt = backUp({ file: store.file, folder: join(folder, 'backups'), keep: 1, now: NOW });
    await expect(attempt).rejects.toThrow(join(folder, 'backups'));
  });

  test('is overdue where there is none, or none of the last day', async () => {
    const folder = tempFolder();
    expect(isBackupOverdue(await newestBackup(join(folder, 'missing')), NOW)).toBe(true);
    writeFileSync(join(folder, 'notes.txt'), '');
    expect(isBackupOverdue(await newestBackup(folder), NOW)).toBe(true);
    const path = join(folder, 'raisingd-20251122T103015Z.db');
    writeFileSync(path, '');
    utimesSync(path, NOW, NOW);
    expect(isBackupOverdue(await newestBackup(folder), later(DAY))).toBe(false);
    expect(isBackupOverdue(await newestBackup(folder), later(DAY + 1))).toBe(true);
  });
});

function pageOf(file: string, table: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db
    .prepare('SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? LIMIT 1')
    .get(table, 'leaf');
  db.close();
  return Number(row?.['pageno']);
}
