import { readFileSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** The database's own guards would not let anything be planted. */
export function dropTriggers(database: DatabaseSync): void {
  for (const row of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
    database.exec(`DROP TRIGGER "${String(row['name'])}"`);
  }
}

/** Another version of the first result; `changes` are expressions by column. */
export function addVersion(database: DatabaseSync, changes: Readonly<Record<string, string>>): void {
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('result_versions') WHERE name <> 'id'")
    .all()
    .map(({ name }) => String(name));
  const all: Readonly<Record<string, string>> = {
    version: '(SELECT max(version) FROM result_versions) + 1',
    ...changes,
  };
  database.exec(`
    INSERT INTO result_versions (${columns.join(', ')})
    SELECT ${columns.map((name) => all[name] ?? name).join(', ')} FROM result_versions WHERE id = 1`);
}

/** The first message waits for a person. */
export function hold(database: DatabaseSync): void {
  database.exec("UPDATE outbox SET state = 'held', finished_at = NULL WHERE id = 1");
}

/** A file was looked at and rejected when it had this time and size. */
export function reject(
  database: DatabaseSync,
  path: string,
  { size, mtimeNs }: { readonly size: bigint; readonly mtimeNs: bigint },
): void {
  database
    .prepare(`INSERT INTO sightings (path, size, mtime_ns, first_seen, last_seen) VALUES (?, ?, ?, '', '')`)
    .run(Buffer.from(path), size, mtimeNs);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const hash = '0'.repeat(64);
  database
    .prepare(
      `INSERT INTO audit (at, actor, action, subject, detail, previous_hash, hash)
       VALUES ('', 'raisingd', 'file.rejected', ?, '{}', ?, ?)`,
    )
    .run(name, hash, hash);
}

/** Overwrites the first page of an index; closes the database for it. */
export function damageIndex(database: DatabaseSync, file: string, index: string): void {
  const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  const root = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(index);
  database.close();
  const at = (Number(root?.['rootpage']) - 1) * pageSize;
  writeFileSync(file, readFileSync(file).fill(0, at, at + pageSize));
}

export function writeJournal(path: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(path, `${change(lines).join('\n')}\n`);
}

/** A received line with its message changed. */
export function changed(line: string | undefined, what: RegExp | string, into: string): string {
  const entry = JSON.parse(line ?? '') as { bytes: string };
  const text = Buffer.from(entry.bytes, 'base64').toString('latin1');
  const other = text.replace(what, into);
  if (other === text) throw new Error(`nothing to change: ${text}`);
  return JSON.stringify({ ...entry, bytes: Buffer.from(other, 'latin1').toString('base64') });
}
