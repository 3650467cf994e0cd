import type { TargetName } from './targets.ts';

/** What a thread is told to do, and the cells that it counts in. */
export interface Shift {
  readonly target: TargetName;
  readonly seed: number;
  /** Its first case, and how far apart its cases are. */
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** Milliseconds since 1970 at which it stops, wherever it is. */
  readonly until: number;
  readonly slowMs: number;
  readonly cells: Int32Array<SharedArrayBuffer>;
}

/** A case on which a reader failed. */
export interface Found {
  readonly at: number;
  readonly what: string;
}

/** The cells: the case at hand, cases done, cases accepted, the slowest in microseconds, and whether to stop. */
export const CELL = { at: 0, done: 1, accepted: 2, slowestUs: 3, stop: 4 } as const;
export const CELLS = Object.keys(CELL).length;
