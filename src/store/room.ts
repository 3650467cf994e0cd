import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sqliteFault } from './failure.ts';
import type { SqliteFault } from './failure.ts';
import { DATABASE_FILE } from './file.ts';

/** What SQLite says of a write, or of an enlargement, that the system refused: https://www.sqlite.org/rescode.html */
const REFUSED_WRITES: ReadonlySet<unknown> = new Set([778, 4874]);
/** No room, a quota that is used up, a file as large as it may be (ulimit -f). All three end by themselves. */
const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * As `sqliteFault`, but tells a limit from a failing disk. SQLite calls only a full disk full; a quota and a limit on
 * the size of files it reports as it does a broken disk, which would end the service.
 */
export function faultsIn(dataDir: string): (error: unknown) => SqliteFault | null {
  return (error) => {
    const fault = sqliteFault(error);
    return fault === 'io' && isRefusedWrite(error) && isWithoutRoom(dataDir) ? 'full' : fault;
  };
}

function isRefusedWrite(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && REFUSED_WRITES.has(error.errcode);
}

/** Writes one byte of a file of its own, as far from its beginning as the database's largest file is long. */
function isWithoutRoom(dataDir: string): boolean {
  const file = join(dataDir, DATABASE_FILE);
  const probe = `${file}-room`;
  try {
    const handle = openSync(probe, 'w', 0o600);
    try {
      writeSync(handle, '\n', Math.max(sizeOf(file), sizeOf(`${file}-wal`)));
    } finally {
      closeSync(handle);
    }
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && NO_ROOM.has(error.code);
  } finally {
    rmSync(probe, { force: true });
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
