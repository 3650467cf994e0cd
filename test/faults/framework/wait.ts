import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  readonly signal: AbortSignal;
  /** Default 60. */
  readonly seconds?: number;
  /** Milliseconds between looks; default 20. */
  readonly everyMs?: number;
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
}

/** Looks again and again until `look` gives something other than null, undefined or false; returns that. */
export async function until<T>(
  look: () => T | Promise<T>,
  { signal, seconds = 60, everyMs = 20, what }: Patience,
): Promise<Exclude<T, null | undefined | false>> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (isSomething(seen)) return seen;
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(everyMs);
  }
}

function isSomething<T>(seen: T): seen is Exclude<T, null | undefined | false> {
  return seen !== null && seen !== undefined && seen !== false;
}
