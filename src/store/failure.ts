/**
 * What is wrong with the database as a whole.
 * missing: there is none. damaged: it was ours and cannot be trusted. foreign: another program's file.
 * newer, older: written by another version of this program. behind: sound, but without its newest commits.
 * unsuitable: the file system cannot keep the promises.
 */
export type StoreFault = 'missing' | 'damaged' | 'foreign' | 'newer' | 'older' | 'behind' | 'unsuitable';

/** The database cannot be used. The message names the file, what was found and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly fault: StoreFault;
  readonly file: string;

  constructor(fault: StoreFault, file: string, message: string, options?: ErrorOptions) {
    super(`${file}: ${message}`, options);
    this.fault = fault;
    this.file = file;
  }
}

/** The remedy for a database that must not be used any more. It is never made anew where one has been. */
const RESTORE =
  'stop raisingd and give the newest copy from backups to raisingd restore, which keeps this one aside (docs/operations.md)';

export function damaged(file: string, found: string, cause?: unknown): StoreError {
  return new StoreError('damaged', file, `the database is damaged: ${found}; ${RESTORE}`, { cause });
}

/**
 * What SQLite's own failure means for the service; null where `error` did not come from SQLite.
 * full: no space, try again later (a limit or a quota is told from a failing disk by room.ts). busy: another process writes. damaged: stop sending. read-only and io: the
 * disk cannot be relied on, so end; after a failed fsync only a restart tells what was kept.
 */
export type SqliteFault = 'full' | 'busy' | 'damaged' | 'read-only' | 'io' | 'other';

/** Primary result codes: https://www.sqlite.org/rescode.html */
const FAULTS: ReadonlyMap<number, SqliteFault> = new Map([
  [5, 'busy'],
  [8, 'read-only'],
  [10, 'io'],
  [11, 'damaged'],
  [13, 'full'],
  [14, 'io'],
  [26, 'damaged'],
]);

export function sqliteFault(error: unknown): SqliteFault | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  // The low byte is the primary code, the rest tells which call failed.
  return FAULTS.get(error.errcode & 0xff) ?? 'other';
}

/** Whether it ends by itself, so that the same work is tried again. */
export function isPassing(fault: SqliteFault | null): boolean {
  return fault === 'full' || fault === 'busy';
}

/** Whether the database itself is at fault: nothing may be sent from it any more. */
export function isDamage(error: unknown): boolean {
  return error instanceof StoreError ? error.fault === 'damaged' : sqliteFault(error) === 'damaged';
}
