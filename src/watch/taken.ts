import type { RawPath } from './path.ts';

/** By what a changed file is told from the one that was taken. */
export interface Stamp {
  readonly size: number;
  readonly mtimeNs: bigint;
}

/** What was already taken from one folder. Holds only paths that exist, once the folder has been scanned. */
export interface TakenFiles {
  take(path: RawPath, stamp: Stamp): void;
  /** Whether the path was taken; marks it as still there. */
  see(path: RawPath): boolean;
  /** Ends a complete scan: forgets what was not seen since the last call. */
  forgetUnseen(): void;
  stampOf(path: RawPath): Stamp | null;
  /** The next `count` paths in turn, for asking whether they changed; all of them come up, then again. */
  nextToCheck(count: number): readonly RawPath[];
}

export function createTakenFiles(): TakenFiles {
  const files = new Map<RawPath, Stamp & { scan: number }>();
  let scan = 0;
  let turn = files.keys();
  return {
    take(path, { size, mtimeNs }) {
      files.set(path, { size, mtimeNs, scan });
    },
    see(path) {
      const file = files.get(path);
      if (file === undefined) return false;
      file.scan = scan;
      return true;
    },
    forgetUnseen() {
      for (const [path, file] of files) if (file.scan !== scan) files.delete(path);
      scan += 1;
    },
    stampOf: (path) => files.get(path) ?? null,
    nextToCheck(count) {
      const paths: RawPath[] = [];
      while (paths.length < Math.min(count, files.size)) {
        const next = turn.next();
        if (next.done === true) turn = files.keys();
        else paths.push(next.value);
      }
      return paths;
    },
  };
}
