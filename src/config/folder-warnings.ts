import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatValue, type Remark } from './faults.ts';
import type { Config } from './schema.ts';

/** A share that does not answer within this time, in milliseconds, is reported instead of waited for. */
const PATIENCE_MS = 3000;

/** What the service does with a place; to make it is to write it, or to put it into the nearest folder above. */
type Use = 'read' | 'write' | 'make';
type Kind = 'folder' | 'file';

interface Place {
  /** Of its setting. */
  readonly path: string;
  readonly place: string;
  readonly kind: Kind;
  readonly use: Use;
}

/**
 * What cannot be read or written now, by this user. No fault: a share may be away while the service starts.
 * @param isStrange whether an output folder is another one than was written to before
 */
export async function folderWarnings(
  config: Config,
  isStrange: (folder: string) => Promise<boolean>,
): Promise<Remark[]> {
  const look = async ({ place, kind, use }: Place): Promise<string | null> =>
    (await whyNot(place, kind, use)) ??
    (use === 'write' && (await isStrange(place))
      ? 'is not the folder that was written to: not mounted?'
      : null);
  const found = await Promise.all(
    placesOf(config).map(async (one) => {
      const { path, place, use } = one;
      const patience = wait(PATIENCE_MS, 'does not answer', { ref: false });
      const message = await Promise.race([look(one), patience]);
      const remedy =
        use === 'make'
          ? 'Make it writable for the user of the service.'
          : 'It is looked for again and again.';
      return { path, message, value: formatValue(place), remedy };
    }),
  );
  return found.flatMap(({ message, ...rest }) => (message === null ? [] : [{ ...rest, message }]));
}

function placesOf({ dataDir, watch, worklist, lis, upkeep, log }: Config): Place[] {
  const folder = (path: string, place: string | undefined, use: Use): Place[] =>
    place === undefined ? [] : [{ path, place, kind: 'folder', use }];
  return [
    ...folder('dataDir', dataDir, 'make'),
    ...watch.folders.flatMap((place, index) => folder(`watch.folders[${index}]`, place, 'read')),
    ...folder('worklist.folder', worklist?.folder, 'read'),
    ...lis.flatMap(({ file }, index) => folder(`lis[${index}].file.folder`, file?.folder, 'write')),
    ...folder('upkeep.backup.folder', upkeep.backup.folder, 'make'),
    ...(log.file === undefined
      ? []
      : [{ path: 'log.file', place: log.file, kind: 'file', use: 'make' } as const]),
  ];
}

/** Null where nothing is in the way. */
async function whyNot(place: string, kind: Kind, use: Use): Promise<string | null> {
  try {
    const found = await stat(place);
    if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) return `is not a ${kind}`;
    const right = use === 'read' ? constants.R_OK : constants.W_OK;
    await access(place, kind === 'folder' ? right | constants.X_OK : right);
    return null;
  } catch (error) {
    const code = codeOf(error);
    if (use === 'make' && isAbsent(code)) {
      const above = await nearest(dirname(place));
      const message = await whyNot(above, 'folder', 'write');
      return message === null ? null : `cannot be made in ${above}, which ${message}`;
    }
    const done = use === 'read' ? 'read' : 'written';
    if (isAbsent(code)) return 'is not there now';
    if (code === 'EACCES') return `may not be ${done} by this user`;
    return `cannot be ${done} now (${code})`;
  }
}

/** The folder or the nearest one above it that is there. */
async function nearest(folder: string): Promise<string> {
  try {
    await stat(folder);
  } catch (error) {
    // Whatever else is wrong with it is told of it.
    if (isAbsent(codeOf(error)) && dirname(folder) !== folder) return nearest(dirname(folder));
  }
  return folder;
}

/** ENOTDIR: what is above it is a file. */
const isAbsent = (code: string): boolean => code === 'ENOENT' || code === 'ENOTDIR';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
