import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteFault } from './failure.ts';
import { giveToOwner } from '../platform/owner.ts';

/** The right to be the one daemon of a data folder; the kernel frees it however the process ends. */
export interface Lock {
  release(): void;
}

/** Who holds the lock, for messages only; null where that could not be written down. */
export interface LockHolder {
  readonly pid: number | null;
  readonly startedAt: string | null;
}

/**
 * How long to wait for a lock that is held, milliseconds: lockHolder takes it for an instant, and a daemon that
 * starts in that instant must not be turned away.
 */
const WAIT_MS = 250;

/** A database that nothing refers to is closed by the garbage collector, and its lock would go with it. */
const held = new Set<DatabaseSync>();

/** Takes the lock of a data folder, which is made where there is none; null where another process has it. */
export function acquireLock(dataDir: string, now: Date): Lock | null {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = tryLock(lockFile(dataDir), WAIT_MS);
  if (db === null) return null;
  giveToOwner(dataDir, lockFile(dataDir));
  const holder: LockHolder = { pid: process.pid, startedAt: now.toISOString() };
  try {
    writeFileSync(holderFile(dataDir), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    giveToOwner(dataDir, holderFile(dataDir));
  } catch {
    // On a full disk: the lock holds without it, and delivery has to go on.
  }
  held.add(db);
  return {
    release() {
      held.delete(db);
      db.close();
    },
  };
}

/** Who runs on a data folder; null where nobody does. Makes nothing and disturbs nobody. */
export function lockHolder(dataDir: string): LockHolder | null {
  if (!existsSync(lockFile(dataDir))) return null;
  const db = tryLock(lockFile(dataDir), 0);
  if (db !== null) {
    db.close();
    return null;
  }
  return readHolder(holderFile(dataDir));
}

/**
 * An empty database with a write transaction open. Never read or copy this file with node:fs in the process that
 * holds it: closing any other handle of a file ends a process's POSIX locks on it.
 */
function tryLock(file: string, waitMs: number): DatabaseSync | null {
  const db = new DatabaseSync(file, { open: false, timeout: waitMs });
  try {
    db.open();
    // Never committed, so there is nothing that a crash could leave half done. Of a file that cannot be written BEGIN
    // IMMEDIATE takes a lock that others can have as well; only a statement that writes is refused.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE; PRAGMA user_version = 1');
    return db;
  } catch (cause) {
    if (db.isOpen) db.close();
    if (sqliteFault(cause) === 'busy') return null;
    const remedy = 'make it and its folder writable for this user, on a local disk';
    throw new Error(`${file}: cannot be locked; ${remedy}`, { cause });
  }
}

const lockFile = (dataDir: string): string => join(dataDir, 'raisingd.lock');
const holderFile = (dataDir: string): string => join(dataDir, 'raisingd.pid');

function readHolder(file: string): LockHolder {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof holder === 'object' && holder !== null && 'pid' in holder && 'startedAt' in holder) {
      const { pid, startedAt } = holder;
      if (typeof pid === 'number' && typeof startedAt === 'string') return { pid, startedAt };
    }
  } catch {
    // Not there or half written: the lock itself has told what matters.
  }
  return { pid: null, startedAt: null };
}
