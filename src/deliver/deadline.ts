/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `expire` once after so many seconds of the monotonic clock; the function returned calls it off.
 * What has arrived by then counts: where this process itself was busy, waiting input is read first.
 */
export function startDeadline(seconds: number, expire: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(
    () => {
      immediate = setImmediate(expire);
    },
    Math.min(1000 * seconds, LONGEST_TIMER_MS),
  );
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

/** Whether something takes longer than so many milliseconds; waits no longer than that to tell. */
export async function takesLonger(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<true>();
  const timer = setTimeout(() => late.resolve(true), ms);
  try {
    return await Promise.race([late.promise, work.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}
