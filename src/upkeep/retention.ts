import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Holding } from '../store/holdings.ts';
import type { Store } from '../store/store.ts';
import { figureFiles, removeFigureFiles } from './figure-files.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Few enough that nothing else waits long for the database. */
const AT_ONCE = 200;

/**
 * Removes the bytes of messages that were delivered more than `days` ago; what happened to them stays known, and
 * what was not delivered is never touched. Returns how many messages lost their bytes.
 */
async function removeOldMessages(
  store: Pick<Store, 'transaction' | 'outbox'>,
  { now, days, signal }: { readonly now: Date; readonly days: number; readonly signal?: AbortSignal },
): Promise<number> {
  const before = daysAgo(days, now);
  return inBatches(signal, () => store.transaction(() => store.outbox.removeBytes(before, now, AT_ONCE)));
}

/** Removes the pictures of traces that were read more than `days` ago. Returns how many. */
async function removeOldPictures(
  store: Pick<Store, 'transaction' | 'pictures'>,
  { now, days, signal }: { readonly now: Date; readonly days: number; readonly signal?: AbortSignal },
): Promise<number> {
  const before = daysAgo(days, now);
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

/** How long each class of data is kept, days. */
export interface RetentionDays {
  readonly messageDays: number;
  readonly figureDays: number;
}

/** Removes what is too old, in the database and of the pictures beside it. Returns how many of each class. */
export async function removeOld(
  store: Pick<Store, 'file' | 'transaction' | 'outbox' | 'pictures'>,
  { messageDays, figureDays }: RetentionDays,
  now: Date,
  signal?: AbortSignal,
): Promise<{ readonly messages: number; readonly figures: number }> {
  const stop = signal === undefined ? {} : { signal };
  const messages = await removeOldMessages(store, { now, days: messageDays, ...stop });
  const figures = await removeOldPictures(store, { now, days: figureDays, ...stop });
  return { messages, figures: figures + removeFigureFiles(dirname(store.file), daysAgo(figureDays, now)) };
}

/** One class of data as `raisingd retention` shows it. */
export interface ClassDue {
  readonly name: 'figures' | 'messages' | 'analyses';
  /** Null: kept for good. */
  readonly days: number | null;
  /** What is older is removed; null where nothing is. */
  readonly before: Date | null;
  readonly due: number;
  readonly dueBytes: number;
  readonly kept: number;
  readonly oldest: Date | null;
}

/** What `removeOld` would remove. An analysis is never removed: it proves how a value came about, and takes 2 KB. */
export function retentionDue(
  { file, holdings }: Pick<Store, 'file' | 'holdings'>,
  { messageDays, figureDays }: RetentionDays,
  now: Date,
): readonly ClassDue[] {
  const figuresBefore = daysAgo(figureDays, now);
  const messagesBefore = daysAgo(messageDays, now);
  const stored = holdings.figures(figuresBefore);
  const drawn = figureFiles(dirname(file), figuresBefore);
  const { kept, oldest } = holdings.analyses();
  return [
    { name: 'figures', days: figureDays, before: figuresBefore, ...together(stored, drawn) },
    { name: 'messages', days: messageDays, before: messagesBefore, ...holdings.messages(messagesBefore) },
    { name: 'analyses', days: null, before: null, due: 0, dueBytes: 0, kept, oldest },
  ];
}

function together(one: Holding, other: Holding): Holding {
  const times = [one.oldest, other.oldest].filter((time) => time !== null).map((time) => time.getTime());
  return {
    due: one.due + other.due,
    dueBytes: one.dueBytes + other.dueBytes,
    kept: one.kept + other.kept,
    oldest: times.length === 0 ? null : new Date(Math.min(...times)),
  };
}

function daysAgo(days: number, now: Date): Date {
  return new Date(now.getTime() - days * DAY_MS);
}
