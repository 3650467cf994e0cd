import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { number, only } from './row.ts';

const FOLDER = join(import.meta.dirname, 'migrations');

/** Names of the migrations, `0001-….sql` first; the n-th takes a database from version n - 1 to n. */
function migrations(): readonly string[] {
  const names = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  names.forEach((name, index) => {
    const wanted = String(index + 1).padStart(4, '0');
    if (!name.startsWith(`${wanted}-`)) throw new Error(`${FOLDER}: expected ${wanted}-*.sql, found ${name}`);
  });
  return names;
}

/** The version that this program writes. */
export function newestVersion(): number {
  return migrations().length;
}

/** Version of a database; 0 for one without any table of ours. */
export function versionOf(db: DatabaseSync): number {
  return number(only(db.prepare('PRAGMA user_version').get()), 'user_version');
}

/** Brings a database to this program's version, each step in a transaction of its own; returns the old version. */
export function migrate(db: DatabaseSync): number {
  const before = versionOf(db);
  migrations()
    .slice(before)
    .forEach((name, index) => {
      const sql = readFileSync(join(FOLDER, name), 'utf8');
      db.exec('BEGIN EXCLUSIVE');
      try {
        db.exec(sql);
        db.exec(`PRAGMA user_version = ${before + index + 1}`);
        db.exec('COMMIT');
      } catch (cause) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw new Error(`migration ${name} failed; the database is as it was before`, { cause });
      }
    });
  return before;
}
