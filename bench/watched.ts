import { setTimeout as wait } from 'node:timers/promises';
import type { Received } from './receiver.ts';

/** How long the service under measurement waits for a file to stay the same. */
export const QUIET_SECONDS = 2;
const PATIENCE_MS = 10 * 60 * 1000;

/** A running service from outside: where traces go in and what has come out. */
export interface Watched {
  readonly inbox: string;
  /** What the LIS has received, in its order. */
  readonly received: () => readonly Received[];
}

export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the service took too long');
    await wait(20);
  }
}
