import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromBytes, join, toBytes } from './path.ts';
import type { RawPath } from './path.ts';
import { errorCode } from './read-file.ts';

/** Something in a folder that will not be read, for the administrator. */
export interface Oddity {
  readonly path: RawPath;
  readonly detail: string;
}

export interface Scanned {
  readonly kind: 'scanned';
  /** Differs when another file system or another folder is found under the root's path. */
  readonly identity: { readonly device: bigint; readonly inode: bigint };
  /** Every folder that could be listed, the root first. */
  readonly directories: readonly RawPath[];
  readonly oddities: readonly Oddity[];
  /** False where a subfolder could not be listed: what was not seen may still be there. */
  readonly complete: boolean;
  /** Nothing at all is in the root. */
  readonly empty: boolean;
}

export type ScanOutcome = Scanned | { readonly kind: 'unavailable'; readonly detail: string };

export interface ScanOptions {
  /** Whether a file is wanted, by its name's bytes. */
  readonly matches: (name: RawPath) => boolean;
  readonly recursive: boolean;
  /** Told of each wanted regular file. */
  readonly onFile: (path: RawPath) => void;
  /** Wraps each wait for the file system, so that a hang can be seen from outside. */
  readonly during: <T>(operation: Promise<T>) => Promise<T>;
}

/** So many names are looked at before the loop gets a turn. */
const NAMES_A_TURN = 5000;

/**
 * Lists a folder by names only: no file is opened or asked for its size, so that many old files cost little.
 * Symbolic links are never followed (the root itself may be one: the administrator named it).
 */
export async function scanFolder(root: RawPath, options: ScanOptions): Promise<ScanOutcome> {
  const { during, recursive } = options;
  let identity: Scanned['identity'];
  try {
    const stats = await during(stat(toBytes(root), { bigint: true }));
    if (!stats.isDirectory()) return { kind: 'unavailable', detail: 'is not a folder' };
    identity = { device: stats.dev, inode: stats.ino };
  } catch (error) {
    return { kind: 'unavailable', detail: errorCode(error) };
  }

  const directories: RawPath[] = [];
  const oddities: Oddity[] = [];
  const open: RawPath[] = [root];
  let complete = true;
  let empty = false;
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    let entries: Dirent<Buffer>[];
    try {
      entries = await during(readdir(toBytes(directory), { encoding: 'buffer', withFileTypes: true }));
    } catch (error) {
      const code = errorCode(error);
      if (directory === root) return { kind: 'unavailable', detail: code };
      complete = false;
      // A folder that was removed meanwhile is no complaint.
      if (code !== 'ENOENT') oddities.push({ path: directory, detail: `cannot be listed: ${code}` });
      continue;
    }
    directories.push(directory);
    if (directory === root) empty = entries.length === 0;
    for (let at = 0; at < entries.length; at += NAMES_A_TURN) {
      if (at > 0) await nextTurn();
      for (const entry of entries.slice(at, at + NAMES_A_TURN)) sort(directory, entry);
    }
  }
  return { kind: 'scanned', identity, directories, oddities, complete, empty };

  function sort(directory: RawPath, entry: Dirent<Buffer>): void {
    const name = fromBytes(entry.name);
    const wanted = options.matches(name);
    const path = join(directory, name);
    if (entry.isFile()) {
      if (wanted) options.onFile(path);
    } else if (entry.isDirectory()) {
      if (wanted) oddities.push({ path, detail: 'is a folder, not a file' });
      if (recursive) open.push(path);
    } else if (entry.isSymbolicLink()) {
      if (wanted || recursive) oddities.push({ path, detail: 'is a symbolic link and is not followed' });
    } else if (wanted) {
      oddities.push({ path, detail: `is ${kindOf(entry)}, not a file, and is never opened` });
    }
  }
}

function kindOf(entry: Dirent<Buffer>): string {
  if (entry.isFIFO()) return 'a FIFO';
  return entry.isSocket() ? 'a socket' : 'a device';
}

/** Matches name endings in any case (of ASCII letters: the rest of a name may be in any encoding). */
export function endingMatcher(endings: readonly string[]): (name: RawPath) => boolean {
  const wanted = endings.map((ending) => Buffer.from(ending.toLowerCase()).toString('latin1'));
  return (name) => wanted.some((ending) => lowerAscii(name.slice(-ending.length)) === ending);
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
