import { setImmediate } from 'node:timers/promises';
import type { Store } from '../store/store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Few enough that nothing else waits long for the database. */
const AT_ONCE = 200;

/**
 * Removes the bytes of messages that were delivered more than `days` ago; what happened to them stays known, and
 * what was not delivered is never touched. Returns how many messages lost their bytes.
 */
export async function removeOldMessages(
  store: Pick<Store, 'transaction' | 'outbox'>,
  { now, days, signal }: { readonly now: Date; readonly days: number; readonly signal?: AbortSignal },
): Promise<number> {
  const before = new Date(now.getTime() - days * DAY_MS);
  return inBatches(signal, () => store.transaction(() => store.outbox.removeBytes(before, now, AT_ONCE)));
}

/** Removes the pictures of traces that were read more than `days` ago. Returns how many. */
export async function removeOldPictures(
  store: Pick<Store, 'transaction' | 'pictures'>,
  { now, days, signal }: { readonly now: Date; readonly days: number; readonly signal?: AbortSignal },
): Promise<number> {
  const before = new Date(now.getTime() - days * DAY_MS);
  return inBatches(signal, () => store.transaction(() => store.pictures.removeBefore(before, AT_ONCE)));
}

async function inBatches(signal: AbortSignal | undefined, remove: () => number): Promise<number> {
  let removed = 0;
  while (signal?.aborted !== true) {
    const batch = remove();
    removed += batch;
    if (batch < AT_ONCE) break;
    await setImmediate();
  }
  return removed;
}
