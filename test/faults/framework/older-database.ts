import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';

const MIGRATIONS = fileURLToPath(new URL('../../../src/store/migrations', import.meta.url));
/** `RSGD`. */
const APPLICATION_ID = 0x52534744;

const names = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith('.sql'))
  .sort();

/** The version that the present program writes. */
export const NEWEST_VERSION = names.length;

export function versionOf(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  } finally {
    db.close();
  }
}

/** Makes `file` a database as an older program would have left it, with all that `from` holds and it has room for. */
export function makeOlder(file: string, version: number, from: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA foreign_keys = OFF`,
    );
    for (const name of names.slice(0, version)) db.exec(readFileSync(join(MIGRATIONS, name), 'utf8'));
    db.exec(`PRAGMA user_version = ${version}`);
    db.prepare('ATTACH ? AS newer').run(from);
    const columns = (schema: string, table: string): string[] =>
      db
        .prepare(`PRAGMA ${schema}.table_info("${table}")`)
        .all()
        .map((row) => `"${String(row['name'])}"`);
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    for (const row of tables) {
      const table = String(row['name']);
      const newer = new Set(columns('newer', table));
      const shared = columns('main', table)
        .filter((column) => newer.has(column))
        .join(', ');
      db.exec(`INSERT OR REPLACE INTO main."${table}" (${shared}) SELECT ${shared} FROM newer."${table}"`);
    }
    db.exec('DETACH newer');
  } finally {
    db.close();
  }
}
