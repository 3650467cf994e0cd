import { watch } from 'chokidar';
import type { FSWatcher } from 'chokidar';
import { fromText, join, toBytes, toText } from './path.ts';
import type { RawPath } from './path.ts';
import type { Scanned } from './scan.ts';

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

/**
 * Listens through chokidar to folders alone, one watch each, as the scan finds them. Given the root, chokidar
 * would ask every file for its state and remember it: 100,000 old files took it 300 MB, and polling them two
 * cores. Its raw events name the file all the same.
 */
export function createHints({ polling, pollMs, onHint, onTrouble }: HintOptions): Hints {
  let watcher: FSWatcher | null = null;
  let identity: Scanned['identity'] | null = null;
  let listening = new Set<RawPath>();
  const troubles = new Set<string>();

  function open(): FSWatcher {
    const opened = watch([], {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      ignorePermissionErrors: true,
      usePolling: polling,
      interval: pollMs,
      ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
    });
    opened.on('raw', (event: string, path: string | null, details: unknown) => {
      const { watchedPath } = details as { readonly watchedPath?: string };
      // Polling names the folder itself; some systems name nothing.
      if (watchedPath === undefined || path === null) onHint(fromText(watchedPath ?? path ?? ''), true);
      else onHint(join(fromText(watchedPath), fromText(path)), event === 'rename');
    });
    opened.on('error', (error) => {
      const detail = error instanceof Error ? error.message : String(error);
      const reason = error instanceof Error && 'code' in error ? String(error.code) : detail;
      if (!troubles.has(reason)) onTrouble(`cannot be listened to, scans go on: ${detail}`);
      troubles.add(reason);
    });
    return opened;
  }

  return {
    listen(scan) {
      const moved = identity?.device !== scan.identity.device || identity.inode !== scan.identity.inode;
      if (watcher === null || moved) {
        // Watches of a folder that was replaced or mounted anew stay silent for ever.
        void watcher?.close();
        watcher = open();
        listening = new Set();
        identity = scan.identity;
      }
      // chokidar knows only names in UTF-8; the others are left to the scan.
      const present = new Set(scan.directories.filter((path) => fromText(toText(path)) === path));
      const gone = [...listening].filter((path) => !present.has(path));
      const fresh = [...present].filter((path) => !listening.has(path));
      if (gone.length > 0) watcher.unwatch(gone.map((path) => toBytes(path).toString()));
      if (fresh.length > 0) watcher.add(fresh.map((path) => toBytes(path).toString()));
      listening = present;
    },
    async close() {
      await watcher?.close();
    },
  };
}
