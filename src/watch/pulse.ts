import type { Instant } from './settle.ts';

/** Tells from outside whether somebody waits for a file system that does not answer. */
export interface Pulse {
  /** Wraps one wait for the file system. */
  during<T>(operation: Promise<T>): Promise<T>;
  /** For how long something has been waited for while nothing else was answered, milliseconds. */
  stuckMs(): number;
}

export function createPulse(now: () => Instant): Pulse {
  let waiting = 0;
  let last = now();
  return {
    async during(operation) {
      if (waiting === 0) last = now();
      waiting += 1;
      try {
        return await operation;
      } finally {
        waiting -= 1;
        last = now();
      }
    },
    stuckMs: () => (waiting === 0 ? 0 : now() - last),
  };
}
