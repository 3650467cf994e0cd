import { ALERT_KINDS, kindOf, type AlertKey, type AlertKindFacts } from './kinds.ts';

/** Something that is wrong for a time. Times are ISO UTC: a book is kept as JSON. */
export interface Episode {
  readonly id: number;
  readonly key: AlertKey;
  /** What was found when it began. */
  readonly text: string;
  readonly since: string;
  /** Null while it lasts. `text` is null where nothing is over: it happened, and that was all. */
  readonly ended: { readonly at: string; readonly text: string | null } | null;
}

/** What one channel has been told, so that it hears of each episode once, and of its end. */
export interface Told {
  /** Ids of the episodes whose beginning it knows. */
  readonly begun: readonly number[];
  /** Ids of the episodes of which it need not hear any more. */
  readonly settled: readonly number[];
  /** When it was last told that something of a key began. */
  readonly lastBegun: Readonly<Record<string, string>>;
}

/** All that is remembered: what lasts, what is over and not told everywhere, and what each channel knows. */
export interface Book {
  readonly nextId: number;
  readonly episodes: readonly Episode[];
  readonly told: Readonly<Record<string, Told>>;
}

export const EMPTY_BOOK: Book = { nextId: 1, episodes: [], told: {} };

const HOUR_MS = 3_600_000;
/** What is over and could not be told anywhere for so many episodes is given up, oldest first. */
const MOST_KEPT = 500;

export function openEpisode(book: Book, key: AlertKey): Episode | null {
  return book.episodes.find((one) => one.key === key && one.ended === null) ?? null;
}

/** Begins an episode; the same book where one of that key lasts. */
export function begin(book: Book, key: AlertKey, text: string, now: Date): Book {
  if (openEpisode(book, key) !== null) return book;
  return add(book, { key, text, since: now.toISOString(), ended: null });
}

/** Ends an episode; the same book where there is none. */
export function end(book: Book, key: AlertKey, text: string, now: Date): Book {
  const open = openEpisode(book, key);
  if (open === null) return book;
  const ended = { at: now.toISOString(), text };
  return { ...book, episodes: book.episodes.map((one) => (one === open ? { ...open, ended } : one)) };
}

/** Something that happened and has no end. */
export function happen(book: Book, key: AlertKey, text: string, now: Date): Book {
  const at = now.toISOString();
  return add(book, { key, text, since: at, ended: { at, text: null } });
}

function add(book: Book, episode: Omit<Episode, 'id'>): Book {
  const episodes = [...book.episodes, { id: book.nextId, ...episode }];
  return { ...book, nextId: book.nextId + 1, episodes };
}

/** Ends what is no longer followed because nothing may ever tell that it is over. */
export function lapse(book: Book, now: Date): Book {
  return book.episodes.reduce((next, { key, since, ended }) => {
    const { lapseHours }: AlertKindFacts = ALERT_KINDS[kindOf(key)];
    const isOver =
      ended === null && lapseHours !== undefined && now.getTime() - Date.parse(since) >= lapseHours * HOUR_MS;
    return isOver ? end(next, key, 'Nothing more was heard of it, and it is no longer followed', now) : next;
  }, book);
}

/** Forgets channels that are not configured, and episodes that are over and known to all that are. */
export function tidy(book: Book, channels: readonly string[], now: Date): Book {
  const isDone = ({ id, ended }: Episode): boolean =>
    ended !== null && channels.every((name) => book.told[name]?.settled.includes(id) === true);
  const kept = book.episodes.filter((one) => !isDone(one));
  const over = kept.filter(({ ended }) => ended !== null);
  const surplus = new Set(over.slice(0, Math.max(0, over.length - MOST_KEPT)));
  const episodes = kept.filter((one) => !surplus.has(one));
  if (
    episodes.length === book.episodes.length &&
    Object.keys(book.told).every((name) => channels.includes(name))
  )
    return book;
  const ids = new Set(episodes.map(({ id }) => id));
  const isRecent = (at: string): boolean => Math.abs(now.getTime() - Date.parse(at)) < HOUR_MS;
  const told = channels.flatMap((name) => {
    const known = book.told[name];
    if (known === undefined) return [];
    return [
      [
        name,
        {
          begun: known.begun.filter((id) => ids.has(id)),
          settled: known.settled.filter((id) => ids.has(id)),
          lastBegun: Object.fromEntries(Object.entries(known.lastBegun).filter(([, at]) => isRecent(at))),
        },
      ] as const,
    ];
  });
  return { ...book, episodes, told: Object.fromEntries(told) };
}
