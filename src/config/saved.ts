/** How the files of a configuration stand on the disk: what was seen of each, in one text. */
export interface Standing {
  readonly signature: string;
  /** A file is empty or not there, as it is for a moment while an editor saves it. */
  readonly isHalf: boolean;
}

/** What is remembered between two looks. */
export interface Watched {
  /** As it was when it was last taken. */
  readonly taken: string;
  /** As it was at the last look, and since when, milliseconds. */
  readonly seen: string;
  readonly since: number;
}

/** Editors save in several steps; what has not changed for so long is saved. */
const QUIET_MS = 1000;
/** What stays half for so long is meant. */
const HALF_MS = 30_000;

/** Whether what stands on the disk is to be taken now. Pure: `at` is a monotonic time in milliseconds. */
export function lookAtSaved(
  before: Watched,
  now: Standing,
  at: number,
): { readonly next: Watched; readonly take: boolean } {
  const { signature, isHalf } = now;
  if (signature !== before.seen) return { next: { ...before, seen: signature, since: at }, take: false };
  if (signature === before.taken) return { next: before, take: false };
  const take = at - before.since >= (isHalf ? HALF_MS : QUIET_MS);
  return { next: take ? { ...before, taken: signature } : before, take };
}
