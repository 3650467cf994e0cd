import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { SendAlert } from './sending.ts';
import { dueNotices, markMissed, markTold, type ChannelRules } from './due.ts';
import type { Book } from './episodes.ts';
import { composeAlert, type Sender } from './message.ts';

/** Brings one channel up to date, one message after another: "back" never arrives before "down". */
export interface Pump {
  readonly name: string;
  /** Sends what is due; does nothing while it is under way, or has to wait after a failure. Never rejects. */
  run(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Gives up what is on its way. It stays due. */
  abort(): void;
}

export interface PumpDeps {
  readonly rules: ChannelRules;
  readonly send: SendAlert;
  readonly from: Sender;
  readonly book: () => Book;
  readonly change: (book: Book) => void;
  readonly clock: Clock;
  /** Monotonic, milliseconds. */
  readonly elapsed: () => number;
  readonly log: Log;
  /** What has to be over before anything is sent. */
  readonly after: Promise<void>;
}

/** Pause after a failure, milliseconds; doubled each time up to the second. Tries never end. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

export function createPump(deps: PumpDeps): Pump {
  const { rules, send, from, book, change, clock, elapsed, log } = deps;
  const aborter = new AbortController();
  const channel = rules.name;
  let running: Promise<void> | null = null;
  let failures = 0;
  let notBefore = -Infinity;

  const sendOne = async (): Promise<boolean> => {
    change(markMissed(book(), rules));
    const notices = dueNotices(book(), rules, clock.now());
    if (notices.length === 0 || elapsed() < notBefore || aborter.signal.aborted) return false;
    const sent = await send(composeAlert(notices, from, clock.now()), aborter.signal);
    if (sent.kind !== 'failed') {
      change(markTold(book(), rules, notices, clock.now()));
      if (sent.kind === 'partly')
        log.error('An alert did not reach everybody', { channel, problem: sent.problem });
      if (failures > 0) log.info('An alert channel works again', { channel, failures });
      failures = 0;
      return true;
    }
    failures += 1;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    notBefore = elapsed() + pauseMs;
    const alerts = notices.map(({ episode }) => episode.key);
    log.error('An alert was not sent', {
      channel,
      alerts,
      problem: sent.problem,
      failures,
      retryInMs: pauseMs,
    });
    return false;
  };

  const drain = async (): Promise<void> => {
    await deps.after;
    while (await sendOne());
  };

  return {
    name: channel,
    run: () =>
      (running ??= drain().finally(() => {
        running = null;
      })),
    idle: () => running ?? deps.after,
    abort: () => aborter.abort(),
  };
}
