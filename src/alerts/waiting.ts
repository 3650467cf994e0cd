import type { Clock } from '../platform/clock.ts';

/**
 * For how long things have waited, milliseconds. The clock may be put back, and the monotonic time begins anew with each
 * start of the service: what either of them says counts.
 */
export function createWaiting(clock: Clock, elapsed: () => number) {
  const seen = new Map<string, { readonly since: number; readonly at: number }>();
  /** @param since when that began which has waited longest; null: nothing waits */
  return (what: string, since: Date | null): number => {
    if (since === null) {
      seen.delete(what);
      return 0;
    }
    const before = seen.get(what);
    const at = before?.since === since.getTime() ? before.at : elapsed();
    seen.set(what, { since: since.getTime(), at });
    return Math.max(clock.now().getTime() - since.getTime(), elapsed() - at);
  };
}
