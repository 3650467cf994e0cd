import type { Book, Episode, Told } from './episodes.ts';
import { kindOf, type AlertKind } from './kinds.ts';
import { isQuiet, type QuietHours } from './quiet.ts';

/**
 * What one channel is to be told of an episode. begun: it lasts. ended: what the channel knows of is over.
 * passed: over before the channel could be told of it. happened: it has no end.
 */
export interface Notice {
  readonly event: 'begun' | 'ended' | 'passed' | 'happened';
  readonly episode: Episode;
}

/** What a channel wants to hear, and when. */
export interface ChannelRules {
  readonly name: string;
  readonly quiet: QuietHours | null;
  readonly urgent: ReadonlySet<AlertKind>;
  /** Kinds that are only logged. */
  readonly off: ReadonlySet<AlertKind>;
  readonly timeZone: string;
}

/** Something that comes and goes is told again only after this: a flapping link must not fill a mailbox. */
const AGAIN_MS = 5 * 60_000;

const NOTHING_TOLD: Told = { begun: [], settled: [], lastBegun: {} };

/** What a channel is to be told now, in the order in which it began. */
export function dueNotices(book: Book, rules: ChannelRules, now: Date): readonly Notice[] {
  const told = book.told[rules.name] ?? NOTHING_TOLD;
  const quietNow = isQuiet(rules.quiet, now, rules.timeZone);
  return book.episodes.flatMap((episode) => {
    const event = eventOf(episode, told);
    if (event === null || isNeverTold(episode, event, rules)) return [];
    const isUrgent = rules.urgent.has(kindOf(episode.key));
    if (quietNow && !isUrgent) return [];
    if (event !== 'ended' && isTooSoon(told.lastBegun[episode.key], now)) return [];
    return [{ event, episode }];
  });
}

/** The book once a channel has been told. */
export function markTold(book: Book, rules: ChannelRules, notices: readonly Notice[], now: Date): Book {
  const told = book.told[rules.name] ?? NOTHING_TOLD;
  const begun = notices.filter(({ event }) => event === 'begun').map(({ episode }) => episode.id);
  const over = notices.filter(({ event }) => event !== 'begun').map(({ episode }) => episode.id);
  const at = now.toISOString();
  const starts = notices.filter(({ event }) => event !== 'ended');
  const lastBegun = Object.fromEntries(starts.map(({ episode }): [string, string] => [episode.key, at]));
  const next: Told = {
    begun: [...told.begun.filter((id) => !over.includes(id)), ...begun],
    settled: [...told.settled, ...over],
    lastBegun: { ...told.lastBegun, ...lastBegun },
  };
  return { ...book, told: { ...book.told, [rules.name]: next } };
}

/** The book without what a channel need not hear of any more: it is over, and was while the channel kept quiet. */
export function markMissed(book: Book, rules: ChannelRules): Book {
  const told = book.told[rules.name] ?? NOTHING_TOLD;
  const missed = book.episodes.filter((episode) => {
    const event = eventOf(episode, told);
    return event !== null && episode.ended !== null && isNeverTold(episode, event, rules);
  });
  if (missed.length === 0) return book;
  const settled = [...told.settled, ...missed.map(({ id }) => id)];
  return { ...book, told: { ...book.told, [rules.name]: { ...told, settled } } };
}

/** A channel that is new hears of what lasts, and of nothing that is over. */
export function introduce(book: Book, name: string): Book {
  if (book.told[name] !== undefined) return book;
  const settled = book.episodes.filter(({ ended }) => ended !== null).map(({ id }) => id);
  return { ...book, told: { ...book.told, [name]: { ...NOTHING_TOLD, settled } } };
}

function eventOf({ id, ended }: Episode, { begun, settled }: Told): Notice['event'] | null {
  if (settled.includes(id)) return null;
  if (ended === null) return begun.includes(id) ? null : 'begun';
  if (ended.text === null) return 'happened';
  return begun.includes(id) ? 'ended' : 'passed';
}

/** What a channel does not want, and what began and ended while it kept quiet. */
function isNeverTold(episode: Episode, event: Notice['event'], rules: ChannelRules): boolean {
  const kind = kindOf(episode.key);
  if (rules.off.has(kind)) return true;
  if (event !== 'passed' || episode.ended === null || rules.urgent.has(kind)) return false;
  const isQuietAt = (time: string): boolean => isQuiet(rules.quiet, new Date(time), rules.timeZone);
  return isQuietAt(episode.since) && isQuietAt(episode.ended.at);
}

function isTooSoon(last: string | undefined, now: Date): boolean {
  if (last === undefined) return false;
  const since = now.getTime() - Date.parse(last);
  // Where the clock went back, nothing is put off for years.
  return since >= 0 && since < AGAIN_MS;
}
