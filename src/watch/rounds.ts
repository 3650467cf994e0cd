import type { Instant } from './settle.ts';

/** Tells from outside whether a loop still comes round. */
export interface Rounds {
  /** It came round, and will again within so many milliseconds. */
  next(withinMs: number): void;
  /** Wraps a wait for somebody else, who may take as long as it takes. */
  during<T>(wait: Promise<T>): Promise<T>;
  /** For how long it should have come round, milliseconds. */
  overdueMs(): number;
}

export function createRounds(now: () => Instant): Rounds {
  let waits = 0;
  let dueBy = now();
  return {
    next(withinMs) {
      dueBy = now() + withinMs;
    },
    async during(wait) {
      waits += 1;
      try {
        return await wait;
      } finally {
        waits -= 1;
        dueBy = Math.max(dueBy, now());
      }
    },
    overdueMs: () => (waits > 0 ? 0 : Math.max(0, now() - dueBy)),
  };
}
