import { watch } from 'chokidar';
import { fromText, join, toBytes, toText } from './path.ts';
import type { RawPath } from './path.ts';
import type { Scanned } from './scan.ts';
import { wordsOf } from '../platform/words-of.ts';

export interface HintOptions {
  /** Ask each folder for its time instead of listening: shares tell nobody what other machines do. */
  readonly polling: boolean;
  readonly pollMs: number;
  /** Something happened to this path; `renamed` where it may have come, gone or been moved. */
  readonly onHint: (path: RawPath, renamed: boolean) => void;
  /** Listening failed, wholly or in part; told once for each reason. */
  readonly onTrouble: (detail: string) => void;
}

/** Events that make a scan worthwhile sooner. Nothing may depend on them: they get lost, and some shares send none. */
export interface Hints {
  /** Listens to what a scan has just seen, and to no more. */
  listen(scan: Scanned): void;
  close(): Promise<void>;
}

/** How long to wait for one folder before the next is listened to. */
const ARMING_MS = 10_000;

/**
 * Listens through chokidar to folders alone, one watcher each and one after another, as the scan finds them. Given
 * the root, chokidar would ask all files for their state at once and remember them: 100,000 old files took it
 * 300 MB, and polling them two cores. Its raw events name the file all the same.
 */
export function createHints({ polling, pollMs, onHint, onTrouble }: HintOptions): Hints {
  /** Ends listening to a folder. */
  const closers = new Map<RawPath, () => Promise<void>>();
  const troubles = new Set<string>();
  let identity: Scanned['identity'] | null = null;
  let wanted: RawPath[] = [];
  let arming = false;

  async function arm(): Promise<void> {
    if (arming) return;
    arming = true;
    for (let folder = wanted.shift(); folder !== undefined; folder = wanted.shift()) await open(folder);
    arming = false;
  }

  async function open(folder: RawPath): Promise<void> {
    const watcher = watch(toBytes(folder).toString(), {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      ignorePermissionErrors: true,
      usePolling: polling,
      interval: pollMs,
      ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
    });
    const { promise: ready, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), ARMING_MS);
    closers.set(folder, () => {
      resolve(undefined);
      return watcher.close();
    });
    watcher.on('raw', (event: string, name: string | null) => {
      // Polling tells only that something came or went, and names the folder.
      if (polling || name === null) onHint(folder, true);
      else onHint(join(folder, fromText(name)), event === 'rename');
    });
    watcher.once('ready', () => resolve(undefined));
    watcher.on('error', (error) => {
      resolve(undefined);
      complain(error);
    });
    await ready;
    clearTimeout(timer);
  }

  function complain(error: unknown): void {
    const detail = wordsOf(error);
    const reason = error instanceof Error && 'code' in error ? String(error.code) : detail;
    if (!troubles.has(reason)) onTrouble(`cannot be listened to, scans go on: ${detail}`);
    troubles.add(reason);
  }

  async function closeAllBut(present: ReadonlySet<RawPath>): Promise<void> {
    const gone = [...closers].filter(([folder]) => !present.has(folder));
    for (const [folder] of gone) closers.delete(folder);
    await Promise.all(gone.map(([, close]) => close()));
  }

  return {
    listen(scan) {
      const moved = identity?.device !== scan.identity.device || identity.inode !== scan.identity.inode;
      identity = scan.identity;
      // chokidar knows only names in UTF-8; the others are left to the scan.
      const present = new Set(scan.directories.filter((path) => fromText(toText(path)) === path));
      // Watches of a folder that was replaced or mounted anew stay silent for ever.
      closeAllBut(moved ? new Set() : present).catch(complain);
      wanted = [...present].filter((path) => !closers.has(path));
      void arm();
    },
    async close() {
      wanted = [];
      await closeAllBut(new Set());
    },
  };
}
