import type { Analysis } from '../analysis.ts';
import type { Reason } from '../reason.ts';

/** A file as it was when it was taken. */
export interface SeenFile {
  /** The path's own bytes: names need not be UTF-8. */
  readonly path: Uint8Array;
  /** The file's name for people and patterns; what is not UTF-8 in it is U+FFFD. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Modification time, nanoseconds since 1970. */
  readonly mtimeNs: bigint;
}

/** An analysis with its picture as PNG; null where there is none or no destination wants one. */
export interface Scored {
  readonly analysis: Analysis;
  readonly picture: Uint8Array | null;
  /** How long it took to score; absent where nobody measured. */
  readonly scoringMs?: number;
}

/**
 * What the intake found. Handling the same finding twice must change nothing: after a crash it comes again.
 *
 * analysed: content that was not known. unusable: nothing that could be scored (too large, empty for too long),
 * identified by its path. sighting: known content under a new path or with a new time.
 */
export type Finding =
  | ({ readonly kind: 'analysed'; readonly file: SeenFile } & Scored)
  | { readonly kind: 'unusable'; readonly file: SeenFile; readonly reason: Reason }
  | { readonly kind: 'sighting'; readonly file: SeenFile; readonly sha256: string };

/** What is remembered of a path: it is taken again only when its size or time differs. */
export interface Known {
  readonly path: Uint8Array;
  readonly size: number;
  readonly mtimeNs: bigint;
  /** Null where the content was not read. */
  readonly sha256: string | null;
}

/**
 * unavailable: the folder is not there or not mounted; nothing in it counts as deleted. hanging: the share does
 * not answer. Both end by themselves.
 */
export type FolderState = 'starting' | 'available' | 'unavailable' | 'hanging';

/**
 * The file system on which each folder was when it was there last. A share that is not mounted can look like an empty
 * folder: only this tells, and it has to outlive the process that saw it.
 */
export type Devices = ReadonlyMap<string, string>;

export interface FolderStatus {
  /** As in the config. */
  readonly folder: string;
  readonly state: FolderState;
  /** Why it is not available, else empty. */
  readonly detail: string;
  /** The file system it was on when it was there last; null where that is not known, or does not matter. */
  readonly device: string | null;
  /** Matching files at the last full scan. */
  readonly files: number;
  /** Files that are not finished yet, or could not be read yet. */
  readonly waiting: number;
  /** How long the last full scan took, milliseconds; null before the first. */
  readonly scanMs: number | null;
  /** For how long it should have been looked at again, milliseconds, where nobody is waited for. */
  readonly overdueMs: number;
}
