import { createAlerts, type AlertDesk } from '../../src/alerts/alerts.ts';
import type { SendAlert } from '../../src/alerts/sending.ts';
import type { ChannelRules } from '../../src/alerts/due.ts';
import { EMPTY_BOOK, type Book } from '../../src/alerts/episodes.ts';
import { ALERT_KIND_NAMES, ALERT_KINDS } from '../../src/alerts/kinds.ts';
import type { AlertMessage, Sender } from '../../src/alerts/message.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { silentLog, type Log } from '../../src/platform/log.ts';

export const FROM: Sender = { facility: 'SEQROOM', host: 'lab1', timeZone: 'Asia/Tokyo' };

export function rulesOf(name: string, changes: Partial<ChannelRules> = {}): ChannelRules {
  const urgent = new Set(ALERT_KIND_NAMES.filter((kind) => ALERT_KINDS[kind].urgent));
  return { name, quiet: null, urgent, off: new Set(), timeZone: 'Asia/Tokyo', ...changes };
}

/** Alerts that only go to the log. */
export function loggedAlerts({ log, clock }: { readonly log: Log; readonly clock: Clock }): AlertDesk {
  return createAlerts({
    ...{ log, clock, book: EMPTY_BOOK, settings: { from: FROM, channels: [] } },
    save: () => undefined,
    elapsed: () => performance.now(),
  });
}

/** A clock that stands still until it is told to go on; time and elapsed time move together. */
function handClock(start: string) {
  let at = Date.parse(start);
  return {
    now: () => new Date(at),
    elapsed: () => at,
    pass(minutes: number): void {
      at += minutes * 60_000;
    },
    to(time: string): void {
      at = Date.parse(time);
    },
  };
}

/** A desk with one channel, whose messages are kept and which may be told to fail. */
export function setUpDesk(start: string, changes: Partial<ChannelRules> = {}, log: Log = silentLog) {
  const clock = handClock(start);
  const got: AlertMessage[] = [];
  let problem: string | null = null;
  let kept: Book = EMPTY_BOOK;
  const send: SendAlert = (message) => {
    if (problem !== null) return Promise.resolve({ kind: 'failed', problem });
    got.push(message);
    return Promise.resolve({ kind: 'sent' });
  };
  const open = (rules = rulesOf('team', changes)): AlertDesk =>
    createAlerts({
      ...{
        log,
        clock,
        elapsed: clock.elapsed,
        book: kept,
        settings: { from: FROM, channels: [{ rules, send }] },
      },
      save: (book) => {
        kept = book;
      },
    });
  let desk = open();
  return {
    clock,
    got,
    send,
    desk: () => desk,
    kept: () => kept,
    fail(why: string | null): void {
      problem = why;
    },
    /** As after a restart: all that is known is what was kept. */
    restart(): void {
      desk = open();
    },
    /** Lets so many minutes pass and everything that is due be sent; returns the lines that arrived. */
    async after(minutes: number): Promise<string[]> {
      clock.pass(minutes);
      desk.tick();
      await desk.settled();
      return got.splice(0).flatMap(({ lines }) => lines);
    },
  };
}
