import { setImmediate } from 'node:timers/promises';
import type { Maintenance } from '../store/maintenance.ts';

export interface Maintained {
  /** Pages given back to the file system. */
  readonly freed: number;
  readonly pages: number;
  /** Whether the write-ahead log was emptied. */
  readonly checkpointed: boolean;
}

/** Few enough that nothing else waits long for the database: 2 MB. */
const AT_ONCE = 500;
/** Less of it is soon used again, and giving it back would only be work. */
const WORTH_SHARE = 0.2;

/** Renews statistics, gives back what retention has left free, and empties the write-ahead log. */
export async function maintain(maintenance: Maintenance, signal: AbortSignal): Promise<Maintained> {
  maintenance.optimize();
  const { all, free } = maintenance.pages();
  let freed = 0;
  while (free / all > WORTH_SHARE && !signal.aborted) {
    const step = maintenance.shrink(AT_ONCE);
    freed += step;
    if (step < AT_ONCE) break;
    await setImmediate();
  }
  return { freed, pages: all - freed, checkpointed: maintenance.checkpoint() };
}
