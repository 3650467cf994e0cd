import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { damaged } from '../store/failure.ts';
import { findDamage } from '../store/integrity.ts';
import { number, only, text } from '../store/row.ts';
import { syncPath } from '../store/sync.ts';
import { newTag } from '../store/tag.ts';
import {
  BACKUP_NAME,
  DRAFT_NAME,
  backupName,
  beforeUpgradeEnding,
  beforeUpgradeName,
  draftName,
} from './backup-name.ts';

export interface BackupRequest {
  /** The database; others may write to it meanwhile. */
  readonly file: string;
  readonly folder: string;
  /** How many copies stay, the new one included. */
  readonly keep: number;
  /** UTC, as toISOString writes it. */
  readonly now: string;
}

interface NewCopy {
  readonly path: string;
  readonly bytes: number;
  /** Rows of all tables together. */
  readonly rows: number;
}

export interface Backup extends NewCopy {
  /** Paths of the older copies that were removed. */
  readonly removed: readonly string[];
}

/** Rows by table. */
type Counts = ReadonlyMap<string, number>;

const BUSY_MS = 30_000;

/**
 * Checks the database, copies it, checks the copy, and only then gives it its name and removes the oldest ones.
 * Takes as long as the database is large, and runs in a process of its own (see backup.ts).
 * @throws StoreError where the database itself is damaged
 */
export function makeBackup({ file, folder, keep, now }: BackupRequest): Backup {
  const made = copyAs(backupName(new Date(now)), file, folder);
  return { ...made, removed: rotate(folder, made.path, keep) };
}

/**
 * The copy that a new version of the program makes before it changes the database: verified like any other, and never
 * rotated away. Takes as long as the database is large.
 */
export function copyBeforeUpgrade(file: string, folder: string, version: number, now: Date): NewCopy {
  return earlierCopy(file, folder, version) ?? copyAs(beforeUpgradeName(now, version), file, folder);
}

/**
 * The copy that an upgrade made which was cut short, where nothing was recorded since: one that fails at each start
 * must not fill the disk.
 */
function earlierCopy(file: string, folder: string, version: number): NewCopy | null {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => name.endsWith(beforeUpgradeEnding(version)));
  const path = names
    .map((name) => join(folder, name))
    .find((copy) => lastAudited(copy) === lastAudited(file));
  return path === undefined ? null : { path, bytes: statSync(path).size, rows: rowsOf(path) };
}

/** Hash of the last audit row, which stands for all that was ever recorded; empty where there is none. */
function lastAudited(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  try {
    const row = db.prepare('SELECT hash FROM audit ORDER BY seq DESC LIMIT 1').get();
    return row === undefined ? '' : text(row, 'hash');
  } finally {
    db.close();
  }
}

function rowsOf(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return sum(countRows(db));
  } finally {
    db.close();
  }
}

const sum = (counts: Counts): number => [...counts.values()].reduce((total, rows) => total + rows, 0);

function copyAs(name: string, file: string, folder: string): NewCopy {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const left of readdirSync(folder).filter((entry) => DRAFT_NAME.test(entry)))
    rmSync(join(folder, left));

  const path = join(folder, name);
  const draft = join(folder, draftName(name));
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    const { before, after } = copy(file, draft);
    const rows = verifyCopy(draft, before, after);
    syncPath(draft);
    renameSync(draft, path);
    syncPath(folder);
    return { path, bytes: statSync(path).size, rows };
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function copy(file: string, draft: string): { readonly before: Counts; readonly after: Counts } {
  const source = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    // Copying makes every index anew, so a damaged one would leave no trace in the copy.
    const problems = findDamage(source, 'integrity_check');
    if (problems.length > 0) throw damaged(file, problems.join('; '));
    const before = countRows(source);
    source.prepare('VACUUM INTO ?').run(draft);
    return { before, after: countRows(source) };
  } finally {
    source.close();
  }
}

/**
 * Proves a copy sound and whole, and makes it one that can be restored; returns how many rows it has.
 * @internal
 */
export function verifyCopy(draft: string, before: Counts, after: Counts): number {
  const db = new DatabaseSync(draft);
  try {
    // A restored copy has forgotten the numbers that were given out after it, so it must not go on with that series.
    db.prepare('UPDATE installation SET tag = ?').run(newTag());
    const problems = findDamage(db, 'quick_check');
    if (problems.length > 0) throw new Error(`the copy is damaged: ${problems.join('; ')}`);
    const copied = countRows(db);
    for (const table of before.keys()) {
      const [rows = -1, first = -1, last = -1] = [copied, before, after].map((counts) => counts.get(table));
      // The database may have grown, or shrunk by retention, while it was copied.
      if (rows >= Math.min(first, last) && rows <= Math.max(first, last)) continue;
      throw new Error(
        `the copy has ${rows} rows of ${table}, the database ${first} before and ${last} after`,
      );
    }
    return sum(copied);
  } finally {
    db.close();
  }
}

function countRows(db: DatabaseSync): Counts {
  const tables = db.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  return new Map(
    tables.all().map((row) => {
      const name = text(row, 'name');
      return [name, number(only(db.prepare(`SELECT count(*) AS rows FROM "${name}"`).get()), 'rows')];
    }),
  );
}

/** Never removes the copy just made, whatever the clock did to its name. */
function rotate(folder: string, made: string, keep: number): string[] {
  const older = readdirSync(folder)
    .filter((name) => BACKUP_NAME.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name))
    .filter((path) => path !== made);
  const surplus = older.slice(keep - 1);
  for (const path of surplus) rmSync(path);
  return surplus;
}
