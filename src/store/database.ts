import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError, damaged, sqliteFault } from './failure.ts';
import { assertUndamaged } from './integrity.ts';
import { migrate, newestVersion, versionOf } from './migrate.ts';
import { acquit, isSuspect } from './quarantine.ts';
import { number, only } from './row.ts';
import { syncPath } from './sync.ts';
import { newTag } from './tag.ts';
import { assertNotBehind, witnessOf } from './witness.ts';
import { wordsOf } from '../platform/words-of.ts';

/**
 * service: the daemon; makes the database where there is none and brings an older one up to date.
 * write: a command that changes something beside the daemon. read: one that only looks.
 * Both need a database of this program's own version.
 */
export type Access = 'service' | 'write' | 'read';

/** `RSGD`, in the header of every database of this program (`PRAGMA application_id`). */
const APPLICATION_ID = 0x52534744;

/** How long a statement waits while another process writes, milliseconds. */
const BUSY_MS = 5000;

/** Versions of a database that is about to be changed. */
export interface Upgrade {
  readonly from: number;
  readonly to: number;
}

export interface OpenDatabase {
  readonly db: DatabaseSync;
  /** There was none before. */
  readonly created: boolean;
}

/**
 * Opens the database file and proves that it can be trusted: it is ours, of a known version, undamaged as far as
 * start-up can tell, and every commit will be durable. Throws StoreError; never replaces a file that is there.
 * @param beforeUpgrade called with a sound database that is older than this program; whatever it throws stops the upgrade
 */
export function openDatabase(
  file: string,
  access: Access,
  now: Date,
  beforeUpgrade: (upgrade: Upgrade) => void = () => undefined,
): OpenDatabase {
  const exists = statSync(file, { throwIfNoEntry: false }) !== undefined;
  if (!exists) {
    if (sizeOf(`${file}-wal`) > 0) throw damaged(file, 'the file is gone, but its -wal file is still there');
    assertNeverHere(file);
    if (access !== 'service') {
      throw new StoreError('missing', file, 'there is no database yet; it is made when raisingd first runs');
    }
    create(file, now);
  }
  if (sizeOf(file) === 0) throw damaged(file, 'the file is empty');
  assertOwnLog(file);

  // On a connection that cannot write: another one would fold its -wal file into a database that is refused.
  const trusted = orClosed(connect(file, 'read'), file, (db) => {
    assertOurs(db, file);
    assertVersion(db, file, access);
    assertNotBehind(db, file);
    if (access === 'service') assertUndamaged(db, file, isSuspect(file));
  });
  if (access === 'read') return { db: trusted, created: false };
  trusted.close();

  const db = orClosed(connect(file, access), file, (opened) => {
    configure(opened, file);
    if (access !== 'service') return;
    acquit(file);
    const upgrade = { from: versionOf(opened), to: newestVersion() };
    if (upgrade.from < upgrade.to) beforeUpgrade(upgrade);
    migrate(opened);
  });
  return { db, created: !exists };
}

/** The database, once `work` has done with it; closed again where that throws. */
function orClosed(db: DatabaseSync, file: string, work: (db: DatabaseSync) => void): DatabaseSync {
  try {
    work(db);
    return db;
  } catch (error) {
    db.close();
    if (sqliteFault(error) !== 'damaged') throw error;
    throw damaged(file, wordsOf(error), error);
  }
}

function connect(file: string, access: Access): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: BUSY_MS, readOnly: access === 'read' });
  } catch (cause) {
    const remedy = 'make it and its folder readable and writable for this user';
    throw new StoreError('unsuitable', file, `the database cannot be opened; ${remedy}`, { cause });
  }
}

/**
 * Durable from the first statement on, or not opened at all: each setting is read back, since SQLite may refuse.
 * @internal
 */
export function configure(db: DatabaseSync, file: string): void {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = ${BUSY_MS};
    PRAGMA cell_size_check = ON;   -- notices damage when a page is read
    PRAGMA secure_delete = ON;     -- what retention removes is overwritten
    PRAGMA trusted_schema = OFF;
    PRAGMA cache_size = -16000;    -- KiB
    PRAGMA journal_size_limit = 67108864;
  `);
  const wanted = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, secure_delete: 1 };
  for (const [name, value] of Object.entries(wanted)) {
    const actual = Object.values(only(db.prepare(`PRAGMA ${name}`).get()))[0];
    if (actual === value) continue;
    throw new StoreError(
      'unsuitable',
      file,
      `PRAGMA ${name} is ${String(actual)} instead of ${value}, so results would not be safe here; ` +
        'put dataDir on a local disk',
    );
  }
}

/** A new database would know nothing of what was sent, and send all of it again. */
function assertNeverHere(file: string): void {
  const left = leftBeside(file);
  if (left === null) return;
  throw new StoreError(
    'missing',
    file,
    `the database is gone, although there was one: ${left} is still beside it. Put it back, or restore the newest copy ` +
      '(raisingd restore). To begin anew, which sends every trace in the watched folders again, empty this folder',
  );
}

/** Whether a database has been under this name, there or not. */
export function wasHere(file: string): boolean {
  return leftBeside(file) !== null;
}

/** What a service has left beside its database; null where it has never run here. */
function leftBeside(file: string): string | null {
  const folder = dirname(file);
  const note = [join(folder, 'state.json'), witnessOf(file)].find((path) => existsSync(path));
  if (note !== undefined) return basename(note);
  const backups = join(folder, 'backups');
  const copies = existsSync(backups) ? readdirSync(backups).filter((name) => name.endsWith('.db')) : [];
  return copies.length === 0 ? null : 'backups/';
}

/** Makes the database under another name, so that a file under its own name is always a whole one. */
function create(file: string, now: Date): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
  // Made here and not by SQLite, so that it and the files that SQLite puts beside it are readable by us alone.
  closeSync(openSync(draft, 'wx', 0o600));
  const db = new DatabaseSync(draft);
  try {
    // Before anything is written: it cannot be switched on later.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    configure(db, draft);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    migrate(db);
    db.prepare('INSERT INTO installation (id, tag, created_at) VALUES (1, ?, ?)').run(
      newTag(),
      now.toISOString(),
    );
  } finally {
    db.close();
  }
  syncPath(draft);
  renameSync(draft, file);
  syncPath(folder);
}

/**
 * A copy put in the place of a damaged database must not meet that one's -wal file: SQLite would write the old pages
 * over the copy's. Copies are not in WAL mode and databases in use always are, which tells them apart.
 */
function assertOwnLog(file: string): void {
  const log = `${file}-wal`;
  if (sizeOf(log) === 0) return;
  const handle = openSync(file, 'r');
  try {
    const header = Buffer.alloc(20);
    readSync(handle, header, 0, header.length, 0);
    // Offset 19, read version: 1 rollback journal, 2 WAL (https://www.sqlite.org/fileformat2.html).
    if (header[19] !== 1) return;
  } finally {
    closeSync(handle);
  }
  throw new StoreError(
    'damaged',
    file,
    `${log} belongs to another database: move it away, and its -shm file too`,
  );
}

function assertOurs(db: DatabaseSync, file: string): void {
  const id = number(only(db.prepare('PRAGMA application_id').get()), 'application_id');
  if (id === APPLICATION_ID) return;
  const found = id === 0 ? 'none' : `0x${id.toString(16)}`;
  throw new StoreError(
    'foreign',
    file,
    `this is no database of raisingd (application id ${found}); move it away or set another dataDir`,
  );
}

function assertVersion(db: DatabaseSync, file: string, access: Access): void {
  const version = versionOf(db);
  const newest = newestVersion();
  const has = `the database has version ${version}`;
  if (version > newest) {
    const message = `${has}, and this program knows up to version ${newest}; install the newer program`;
    throw new StoreError('newer', file, message);
  }
  if (version < newest && access !== 'service') {
    const message = `${has}, and this program needs version ${newest}; restart the service to update it`;
    throw new StoreError('older', file, message);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
