/** By how much the clock of the worklists' folder may be ahead of ours. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Whether a time has not come yet, so that it says nothing of a file's age. */
export function isAhead(mtimeMs: number, now: Date): boolean {
  return mtimeMs > now.getTime() + CLOCK_TOLERANCE_MS;
}
