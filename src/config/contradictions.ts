import { isAbsolute, relative, resolve, sep } from 'node:path';
import { validate as isCron } from 'node-cron';
import { formatPath, valueAt } from './faults.ts';

/** Keys that cannot both mean what they say, or a value that only another library can judge. */
export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly remedy: string;
}

const WRITTEN = [['dataDir'], ['upkeep', 'backup', 'folder'], ['log', 'file']] as const;
const JOBS = ['backup', 'retention', 'summary'] as const;

/**
 * What no single key shows. Works on the document as written, so that these are listed together with the faults
 * of the schema; parts that are missing or of another type are left to it.
 * @param folder against which relative paths are resolved
 */
export function contradictions(document: unknown, folder: string): Contradiction[] {
  return [...foldersInEachOther(document, folder), ...jobsWithoutTime(document)];
}

/** What is read and what is written are kept apart: nothing is ever written to a watched folder. */
function foldersInEachOther(document: unknown, folder: string): Contradiction[] {
  const pathAt = (path: readonly PropertyKey[]) => {
    const text = valueAt(document, path);
    return typeof text === 'string' && text.trim() !== '' ? resolve(folder, text.trim()) : null;
  };
  const watched = valueAt(document, ['watch', 'folders']);
  const read: (readonly PropertyKey[])[] = [
    ...(Array.isArray(watched) ? watched.map((_, index) => ['watch', 'folders', index]) : []),
    ['worklist', 'folder'],
  ];
  return read.flatMap((path) => {
    const source = pathAt(path);
    return WRITTEN.flatMap((target) => {
      const written = pathAt(target);
      if (source === null || written === null) return [];
      const remedy = 'Keep them apart: nothing is ever written to a folder that is read.';
      if (contains(source, written)) {
        return [{ path, message: `must not contain ${formatPath(target)} (${written})`, remedy }];
      }
      if (contains(written, source)) {
        return [{ path, message: `must not be inside ${formatPath(target)} (${written})`, remedy }];
      }
      return [];
    });
  });
}

/** Whether `inner` is `outer` or lies in it, by name alone: a share that is away must not hold up a start. */
function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

function jobsWithoutTime(document: unknown): Contradiction[] {
  return JOBS.flatMap((job) => {
    const path = ['upkeep', job, 'cron'];
    const expression = valueAt(document, path);
    if (typeof expression !== 'string' || isCron(expression)) return [];
    const remedy = 'Five or six fields, UTC, such as "0 18 * * *" for 18:00 every day.';
    return [{ path, message: 'must be a cron expression', remedy }];
  });
}
