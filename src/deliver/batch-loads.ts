import type { Outbox, OutboxEntry } from '../outbox/entry.ts';
import type { Batches } from './client.ts';

/** What goes out together: one message, or all of a batch. */
export type Load = readonly [OutboxEntry, ...OutboxEntry[]];

/** Decides which messages make the next batch. What is in none that is finished is in the queue, and nowhere else. */
export interface BatchLoads {
  /**
   * The messages of the next batch, or for how many milliseconds there is none. One that is damaged comes alone.
   * @param isLast whether the batch that is open is to be ended now
   */
  next(now: Date, isLast: boolean): Load | number;
}

/** A batch is held in memory while it is written: with pictures in them, ten thousand messages are too many for that. */
const MOST_BYTES = 8 * 2 ** 20;

/** How often it is counted what waits for an open batch: each message of a crowd rings, and counting takes its time. */
const COUNT_MS = 1000;

export function createBatchLoads(
  destination: string,
  outbox: Outbox,
  { messages, seconds }: Pick<Batches, 'messages' | 'seconds'>,
): BatchLoads {
  /** On the clock of performance.now(). What an earlier run left has waited long enough. */
  let openedAt: number | null = -Infinity;
  let countAgainAt = 0;
  let tried: readonly number[] = [];

  const load = (ids: readonly number[]): OutboxEntry[] => {
    const loaded: OutboxEntry[] = [];
    let bytes = 0;
    for (const id of ids) {
      const entry = outbox.queued(id);
      // A person held or dropped it meanwhile.
      if (entry === null) continue;
      if (entry.bytes === null) return [entry];
      bytes += entry.bytes.length;
      if (loaded.length > 0 && bytes > MOST_BYTES) break;
      loaded.push(entry);
    }
    return loaded;
  };

  const collect = (now: Date, isLast: boolean): OutboxEntry[] | number => {
    const restMs = countAgainAt - performance.now();
    if (restMs > 0 && !isLast) return restMs;
    const due = outbox.due(destination, now, messages);
    if (due.length === 0) {
      openedAt = null;
      return Infinity;
    }
    openedAt ??= performance.now();
    const openMs = openedAt + 1000 * seconds - performance.now();
    if (due.length < messages && openMs > 0 && !isLast) {
      countAgainAt = performance.now() + Math.min(openMs, COUNT_MS);
      return Math.min(openMs, COUNT_MS);
    }
    const found = load(due);
    // What a batch had no room for has waited as long as the others.
    if (found.length === due.length) openedAt = null;
    return found;
  };

  return {
    next(now, isLast) {
      // What could not be written may have been, all the same: the same messages make the same file, and not a second.
      const again = load(tried);
      const found = again.length > 0 ? again : collect(now, isLast);
      if (typeof found === 'number') {
        tried = [];
        return found;
      }
      tried = found.map(({ id }) => id);
      const [first, ...others] = found;
      return first === undefined ? Infinity : [first, ...others];
    },
  };
}
