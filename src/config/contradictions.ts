import { isAbsolute, relative, resolve, sep } from 'node:path';
import { createTask, validate as isCron } from 'node-cron';
import { channelContradictions } from './channel-contradictions.ts';
import type { Contradiction } from './contradiction.ts';
import { formatPath, valueAt } from './faults.ts';
import { TRANSPORTS } from './transport.ts';

const WRITTEN = [['dataDir'], ['upkeep', 'backup', 'folder'], ['log', 'file']] as const;
const JOBS = ['backup', 'retention', 'certificates', 'audit', 'summary', 'weekly', 'maintenance'] as const;

/**
 * What no single key shows. Works on the document as written, so that these are listed together with the faults
 * of the schema; parts that are missing or of another type are left to it.
 * @param folder against which relative paths are resolved
 */
export function contradictions(document: unknown, folder: string): Contradiction[] {
  return [
    ...foldersInEachOther(document, folder),
    ...jobsWithoutTime(document),
    ...channelContradictions(document),
    ...destinationsOf(document).flatMap((_, index) => transportsOf(document, ['lis', index])),
  ];
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
  const written = [...WRITTEN, ...destinationsOf(document).map((_, at) => ['lis', at, 'file', 'folder'])];
  return read.flatMap((path) => {
    const source = pathAt(path);
    return written.flatMap((target) => {
      const folderWritten = pathAt(target);
      if (source === null || folderWritten === null) return [];
      const remedy = 'Keep them apart: nothing is ever written to a folder that is read.';
      if (contains(source, folderWritten)) {
        return [{ path, message: `must not contain ${formatPath(target)} (${folderWritten})`, remedy }];
      }
      if (contains(folderWritten, source)) {
        return [{ path, message: `must not be inside ${formatPath(target)} (${folderWritten})`, remedy }];
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
    if (typeof expression !== 'string') return [];
    const remedy = 'Five or six fields, UTC, such as "0 18 * * *" for 18:00 every day.';
    if (!isCron(expression)) return [{ path, message: 'must be a cron expression', remedy }];
    return comes(expression) ? [] : [{ path, message: 'is a time that never comes', remedy }];
  });
}

/** Whether there is a next time: node-cron finds out only when it is to wait for it. */
function comes(expression: string): boolean {
  const task = createTask(expression, () => undefined, { timezone: 'UTC' });
  try {
    void task.start();
    return true;
  } catch {
    return false;
  } finally {
    void task.destroy();
  }
}

function destinationsOf(document: unknown): readonly unknown[] {
  const lis = valueAt(document, ['lis']);
  return Array.isArray(lis) ? lis : [];
}

/** What a destination says about how it is reached, and what that way cannot do. */
function transportsOf(document: unknown, lis: readonly PropertyKey[]): Contradiction[] {
  const destination = valueAt(document, lis);
  if (typeof destination !== 'object' || destination === null) return [];
  const at = (...path: readonly PropertyKey[]): unknown => valueAt(destination, path);
  const [first, ...others] = TRANSPORTS.filter((kind) => at(kind) !== undefined);
  const remedy = `A destination has one of ${TRANSPORTS.join(', ')}.`;
  if (first === undefined) return [{ path: [...lis, 'mllp'], message: 'is missing', remedy }];
  const found = others.map((kind) => ({
    path: [...lis, kind],
    message: `cannot be used together with ${first}`,
    remedy,
  }));
  const { cert, key } = { cert: at(first, 'tls', 'cert'), key: at(first, 'tls', 'key') };
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    const path = [...lis, first, 'tls', given];
    found.push({ path, message: `needs ${missing}`, remedy: 'Give both, or neither.' });
  }
  if (first === 'http' && at('http', 'tls') !== undefined && /^http:/i.test(String(at('http', 'url')))) {
    const path = [...lis, 'http', 'tls'];
    found.push({ path, message: 'does nothing for an http URL', remedy: 'Use https, or leave it out.' });
  }
  const wanted = at('acknowledge');
  if (first !== 'mllp' && (wanted === 'enhanced' || (wanted === 'commit' && first === 'file'))) {
    found.push({
      path: [...lis, 'acknowledge'],
      message: `cannot be had over ${first}`,
      remedy: first === 'file' ? 'Nothing answers a file.' : 'One answer comes back over HTTP.',
    });
  }
  return found;
}
