import type { Destination } from '../config/schema.ts';

/**
 * Milliseconds to wait after the n-th failure in a row (n from 1): `firstSeconds`, doubling up to `maxSeconds`.
 * It never says "give up": a message that the LIS has not taken stays due for ever.
 */
export function retryDelay(failures: number, retry: Destination['retry']): number {
  const doublings = Math.max(0, failures - 1);
  return 1000 * Math.min(retry.maxSeconds, retry.firstSeconds * 2 ** doublings);
}
