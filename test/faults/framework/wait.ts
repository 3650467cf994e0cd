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
    if (signal.aborted) throw new Error(`${what}: ${words(signal.reason)}`, { cause: signal.reason });
    const seen = await look();
    if (isSomething(seen)) return seen;
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(everyMs);
  }
}

function isSomething<T>(seen: T): seen is Exclude<T, null | undefined | false> {
  return seen !== null && seen !== undefined && seen !== false;
}

/** What some work comes to; throws where that takes longer. */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const tooLong = pause(1000 * seconds, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${what}: not within ${seconds} s`);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    done.abort();
  }
}

/** So long after the signal work may end by itself, and say in its own words what it waited for. */
const GRACE_MS = 1000;

/** What some work comes to; throws soon after the signal, also where the work does not heed that. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const end = (): void => {
      const giveUp = setTimeout(() => reject(signal.reason as Error), GRACE_MS);
      done.signal.addEventListener('abort', () => clearTimeout(giveUp));
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    done.abort();
  }
}

/** What an error says. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
