import { closeSync, linkSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AuditEnd } from '../store/audit.ts';
import { DATABASE_FILE } from '../store/file.ts';
import { findDamage } from '../store/integrity.ts';
import { giveToOwner } from '../platform/owner.ts';
import { openStore, type Store } from '../store/store.ts';
import { syncPath } from '../store/sync.ts';
import { dismissWitness } from '../store/witness.ts';
import { wordsOf } from '../platform/words-of.ts';

/** The copy cannot be trusted, or cannot be put in place; the database is as it was. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
}

/** A verified copy that lies beside the database, ready to take its place. */
export interface Prepared {
  readonly draft: string;
  /** Name of the copy that it was made from. */
  readonly backup: string;
  /** The last thing that it knows. */
  readonly end: AuditEnd;
  /** Messages that waited in it. */
  readonly queued: number;
  readonly heldResults: number;
}

export interface Restored {
  /** Folder that holds the replaced database; null where there was none. */
  readonly aside: string | null;
  readonly messagesHeld: number;
}

const BESIDE = ['-wal', '-shm'];

/**
 * Copies a backup beside the database and proves the copy: sound in every table and index, ours, of a version that
 * this program knows, and its audit chain whole. Touches nothing else. Hold the lock of the data folder.
 * @param from a copy, or a folder that an earlier restore has kept
 * @throws RestoreError
 */
export function prepareRestore(dataDir: string, from: string, now: Date): Prepared {
  const isFolder = statSync(from, { throwIfNoEntry: false })?.isDirectory() === true;
  const backup = isFolder ? join(from, DATABASE_FILE) : from;
  const draft = join(dataDir, `${DATABASE_FILE}.restored`);
  try {
    if (resolve(backup) === join(dataDir, DATABASE_FILE)) throw new Error('it is the database itself');
    if (statSync(backup, { throwIfNoEntry: false })?.isFile() !== true)
      throw new Error('there is no such file');
    discard(draft);
    // Made here and not by SQLite, so that it is readable by its owner alone.
    closeSync(openSync(draft, 'wx', 0o600));
    copy(backup, draft);
    return { draft, backup: basename(backup), ...proven(draft, now) };
  } catch (cause) {
    discard(draft);
    throw new RestoreError(`${backup} cannot be restored: ${wordsOf(cause)}`, { cause });
  }
}

/**
 * Puts a prepared copy in the place of the database, which is kept aside. Whenever it is cut off, there is a database
 * under the name, the old or the new one, or one that the service refuses to open until this is run again.
 */
export function finishRestore(dataDir: string, prepared: Prepared, actor: string, now: Date): Restored {
  const { draft } = prepared;
  const file = join(dataDir, DATABASE_FILE);
  const held = mark(prepared, actor, now);
  giveToOwner(dataDir, draft);
  syncPath(draft);

  const aside = setAside(dataDir, file, now);
  renameSync(draft, file);
  syncPath(dataDir);
  // Not before: cut off here, the service refuses the new database as it would have refused the old one.
  dismissWitness(file);
  // Only now: without them the old database would have forgotten its last hours. Beside the new one, whose header
  // says that it has none, they keep the service from starting (src/store/database.ts).
  for (const suffix of BESIDE) rmSync(`${file}${suffix}`, { force: true });
  syncPath(dataDir);
  return { aside, messagesHeld: held.length };
}

export function discard(draft: string): void {
  for (const suffix of ['', '-journal', ...BESIDE]) rmSync(`${draft}${suffix}`, { force: true });
}

function copy(backup: string, draft: string): void {
  const source = new DatabaseSync(backup, { readOnly: true });
  try {
    // Copying makes every index anew, and would hide a damaged one.
    const problems = findDamage(source, 'integrity_check');
    if (problems.length > 0) throw new Error(`it is damaged: ${problems.join('; ')}`);
    source.prepare('VACUUM INTO ?').run(draft);
  } finally {
    source.close();
  }
}

function proven(draft: string, now: Date): Pick<Prepared, 'end' | 'queued' | 'heldResults'> {
  const store = openStore(draft, { access: 'service', now });
  try {
    const verdict = store.audit.verify();
    if (!verdict.ok) throw new Error(`its audit log was changed: ${verdict.found}`);
    const end = store.audit.last() ?? { seq: 0, at: store.restores.madeAt(), hash: verdict.head };
    const queued = store.outbox.stats().reduce((sum, queue) => sum + queue.queued, 0);
    return { end, queued, heldResults: store.results.heldCount() };
  } finally {
    store.close();
  }
}

/** Holds what waited, takes new numbers, and writes down in the audit log that and why. */
function mark(
  { draft, backup, end }: Prepared,
  actor: string,
  now: Date,
): readonly { readonly id: number }[] {
  const store = openStore(draft, { access: 'service', now });
  let held;
  try {
    held = store.transaction(() => holdAll(store, backup, end, actor, now));
  } finally {
    store.close();
  }
  const db = new DatabaseSync(draft);
  try {
    // Tells it from the database whose -wal file may still lie there when it gets its name.
    db.exec('PRAGMA journal_mode = DELETE');
  } finally {
    db.close();
  }
  return held;
}

function holdAll(store: Store, backup: string, end: AuditEnd, actor: string, at: Date) {
  const held = store.restores.apply({ at, backup, madeAt: end.at, actor });
  for (const { id } of held) {
    const event = `held: the database was restored from ${backup}, and what became of this since is not known`;
    store.outbox.note(id, { at, actor, event, answer: null });
  }
  const detail = { backup, madeAt: end.at.toISOString(), head: end.hash, messagesHeld: held.length };
  store.audit.append({ at, actor, action: 'service.restored', subject: 'service', detail });
  return held;
}

/** Second names for the replaced files, so that none is without one at any moment. */
function setAside(dataDir: string, file: string, now: Date): string | null {
  const there = ['', ...BESIDE].filter((suffix) => isThere(`${file}${suffix}`));
  if (there.length === 0) return null;
  const aside = join(dataDir, `replaced-${now.toISOString().replaceAll(/[-:.]/g, '')}`);
  mkdirSync(aside, { mode: 0o700 });
  giveToOwner(dataDir, aside);
  for (const suffix of there) linkSync(`${file}${suffix}`, join(aside, `${DATABASE_FILE}${suffix}`));
  syncPath(aside);
  syncPath(dataDir);
  return aside;
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
