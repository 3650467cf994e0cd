import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { syncPath } from './sync.ts';
import { wordsOf } from '../platform/words-of.ts';

/** Where a damaged database was copied to; null where that failed, with why. */
export interface Kept {
  readonly copy: string | null;
  readonly problem: string | null;
}

const SUFFIXES = ['', '-wal', '-shm'];

/**
 * Keeps a copy of a damaged database as it was found, one for each time that it becomes damaged, and remembers that it
 * is suspect. The file itself stays in its place: without it the next start would make a new one, and send everything
 * again. Call it when this process has closed the file: closing another handle of it ends its locks.
 */
export function quarantine(file: string, found: string, now: Date): Kept {
  const before = readNote(file);
  if (before !== null && existsSync(before)) return { copy: before, problem: null };
  const folder = join(dirname(file), `damaged-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`);
  const kept = copyInto(folder, file);
  try {
    writeFileSync(noteOf(file), `${JSON.stringify({ at: now.toISOString(), found, copy: kept.copy })}\n`, {
      mode: 0o600,
    });
    syncPath(noteOf(file));
    syncPath(dirname(file));
  } catch (error) {
    return { copy: kept.copy, problem: wordsOf(error) };
  }
  return kept;
}

/** Whether damage was found and no start has proved the whole database sound since. */
export function isSuspect(file: string): boolean {
  return existsSync(noteOf(file));
}

/** The database was found sound: mended, or replaced by a copy. What was kept of the damaged one stays. */
export function acquit(file: string): void {
  rmSync(noteOf(file), { force: true });
}

function copyInto(folder: string, file: string): Kept {
  const draft = `${folder}.new`;
  try {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    for (const suffix of SUFFIXES) {
      const path = `${file}${suffix}`;
      if (!existsSync(path)) continue;
      const copy = join(draft, path.slice(dirname(file).length + 1));
      copyFileSync(path, copy, constants.COPYFILE_FICLONE);
      syncPath(copy);
    }
    renameSync(draft, folder);
    return { copy: folder, problem: null };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    return { copy: null, problem: wordsOf(error) };
  }
}

const noteOf = (file: string): string => `${file}.damaged`;

/** Where the copy is that an earlier start kept; null where there is none. */
function readNote(file: string): string | null {
  try {
    const note: unknown = JSON.parse(readFileSync(noteOf(file), 'utf8'));
    return typeof note === 'object' && note !== null && 'copy' in note && typeof note.copy === 'string'
      ? note.copy
      : null;
  } catch {
    // None, or cut short by a crash: a copy is made once more.
    return null;
  }
}
