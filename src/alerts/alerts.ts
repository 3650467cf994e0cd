import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { createPump, type Pump } from './pump.ts';
import type { SendAlert } from './sending.ts';
import { introduce, type ChannelRules } from './due.ts';
import { begin, end, happen, lapse, openEpisode, tidy, type Book, type Episode } from './episodes.ts';
import type { AlertKey } from './kinds.ts';
import type { Sender } from './message.ts';
import { endingOf } from './words.ts';
import { wordsOf } from '../platform/words-of.ts';

/**
 * Calls for a person, once an episode, through the log and the channels of the configuration. No method waits or
 * throws. No patient data in a text.
 */
export interface Alerts {
  /** Begins an episode; does nothing while it lasts. */
  raise(key: AlertKey, text: string): void;
  /** Ends an episode; does nothing where there is none. "after 2 h 10 min" is put behind the text. */
  clear(key: AlertKey, text: string): void;
  /** Something that happened and has no end. */
  tell(key: AlertKey, text: string): void;
  /** Keys of the episodes that last, oldest first. */
  open(): readonly AlertKey[];
  /** The same as they are. */
  episodes(): readonly Episode[];
}

/** Who speaks, and to whom. */
export interface AlertSettings {
  readonly from: Sender;
  readonly channels: readonly { readonly rules: ChannelRules; readonly send: SendAlert }[];
}

/** The alerts of one data folder, through reloads and restarts. */
export interface AlertDesk extends Alerts {
  /** Takes changed settings. What lasts is not told again to a channel that knows of it. */
  configure(settings: AlertSettings): void;
  /** Tries again what could not be sent, and sends what has waited for the end of quiet hours. */
  tick(): void;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  /** Sends what is due for at most so long; the rest is sent after the next start. */
  stop(timeoutMs: number): Promise<void>;
}

export interface AlertDeskDeps {
  readonly settings: AlertSettings;
  readonly book: Book;
  /** Keeps the book, once for all that came together. May throw: it is tried again at the next tick. */
  readonly save: (book: Book) => void;
  readonly clock: Clock;
  /** Monotonic, milliseconds. */
  readonly elapsed: () => number;
  readonly log: Log;
}

export function createAlerts(deps: AlertDeskDeps): AlertDesk {
  const { clock, elapsed, log } = deps;
  let { book } = deps;
  let saved: Book | null = null;
  let pumps: readonly Pump[] = [];
  let gathering: Promise<unknown> | null = null;

  const save = (): void => {
    if (saved === book) return;
    try {
      deps.save(book);
      saved = book;
    } catch (error) {
      log.debug('What alerts lasts could not be kept', {
        error: wordsOf(error),
      });
    }
  };
  const change = (next: Book): void => {
    book = next;
    save();
  };

  const configure = ({ from, channels }: AlertSettings): void => {
    const before = pumps;
    pumps = channels.map(({ rules, send }) => {
      const after = before.find(({ name }) => name === rules.name)?.idle() ?? Promise.resolve();
      return createPump({ rules, send, from, book: () => book, change, clock, elapsed, log, after });
    });
    book = channels.map(({ rules }) => rules.name).reduce(introduce, book);
    keep();
  };

  /** Forgets what nobody need hear of any more, and has the rest on the disk. */
  const keep = (): void => {
    const names = pumps.map(({ name }) => name);
    change(tidy(book, names, clock.now()));
  };

  const run = async (pump: Pump): Promise<void> => {
    await pump.run();
    keep();
  };

  /**
   * Lets what belongs together gather first, so that it is written once and goes out as one message: ten thousand
   * files may be rejected at once. Nobody is told of what is not yet kept.
   */
  const go = (): void => {
    gathering ??= setImmediate().then(() => {
      gathering = null;
      keep();
      for (const pump of pumps) void run(pump);
    });
  };

  const settled = async (): Promise<void> => {
    await gathering;
    await Promise.all(pumps.map((pump) => pump.idle()));
  };

  const episodes = (): readonly Episode[] => book.episodes.filter(({ ended }) => ended === null);

  configure(deps.settings);
  return {
    raise(key, text) {
      const next = begin(book, key, text, clock.now());
      if (next === book) return;
      log.error(text, { alert: key, event: 'raised' });
      book = next;
      go();
    },
    clear(key, text) {
      const open = openEpisode(book, key);
      if (open === null) return;
      const next = end(book, key, text, clock.now());
      const over = next.episodes.find(({ id }) => id === open.id) ?? open;
      log.info(endingOf(over) ?? text, { alert: key, event: 'cleared' });
      book = next;
      go();
    },
    tell(key, text) {
      // A summary is no alarm, and its job has logged its figures.
      if (key !== 'summary') log.error(text, { alert: key, event: 'raised' });
      book = happen(book, key, text, clock.now());
      go();
    },
    open: () => episodes().map(({ key }) => key),
    episodes,
    configure,
    tick() {
      book = lapse(book, clock.now());
      go();
    },
    settled,
    async stop(timeoutMs) {
      const timer = setTimeout(() => pumps.forEach((pump) => pump.abort()), timeoutMs);
      await settled();
      clearTimeout(timer);
    },
  };
}
