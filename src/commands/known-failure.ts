import { wordsOf } from '../platform/words-of.ts';
import { sqliteFault, StoreError } from '../store/failure.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'use sudo, or make it accessible for this user',
  EPERM: 'use sudo, or make it accessible for this user',
  EROFS: 'it is on a file system that is mounted read-only',
  ENOSPC: 'its disk is full: free some space',
  EEXIST: 'something else has this name: choose another, or move that away',
  ENOTDIR: 'a part of this path is no folder: choose another, or move that away',
};

/** What an error that may come of any command means, in words and with a remedy; null where it is a defect. */
export function knownFailure(error: unknown): string | null {
  if (error instanceof StoreError) return error.message;
  const fault = sqliteFault(error);
  if (fault === 'damaged')
    return `the database is damaged (${wordsOf(error)}): raisingd doctor says more (docs/operations.md)`;
  if (fault === 'busy') return 'the database is busy: somebody else writes to it; try again';
  if (fault === 'full') return 'the disk of dataDir is full: free some space';
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return null;
  const remedy = REMEDIES[String(error.code)];
  return remedy === undefined ? null : `${String(error.path)}: ${wordsOf(error)}; ${remedy}`;
}
