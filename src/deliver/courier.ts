import type { Destination } from '../config/schema.ts';
import type { Outbox, OutboxEntry } from '../outbox/entry.ts';
import { describeOutcome, judge, wordsOfTheLis } from '../outbox/outcome.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import { retryDelay } from '../outbox/retry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { createBell } from '../platform/bell.ts';
import type { Client } from './client.ts';
import { createLink } from './link.ts';
import type { LinkEvent, Outage } from './link.ts';

/** How often the outbox is looked at unasked: another process may have changed it (`raisingd queue retry`). */
const POLL_MS = 1000;

/** How long to wait before the outbox is told again what it could not note. */
const NOTE_AGAIN_MS = 5000;

/** What became of one message. `ms`: sending and waiting. `outcome`: in words without patient data. */
export interface MessageEvent {
  readonly kind: 'delivered' | 'held' | 'retry';
  readonly destination: string;
  readonly controlId: string;
  readonly ms: number;
  readonly outcome: string;
}

export type CourierEvent = MessageEvent | LinkEvent;

export interface CourierDeps {
  readonly destination: Destination;
  readonly outbox: Outbox;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Told once the outbox has it. */
  readonly onEvent: (event: CourierEvent) => void;
  /** Whether the outbox may take later what it refused just now: the disk is full, or another process writes. */
  readonly isPassing: (error: unknown) => boolean;
  /** Told each time the outbox refuses to note what became of a message. */
  readonly onRefusal: (error: unknown) => void;
  /** The outbox threw for good. The courier has ended; what it could not mark is queued still. */
  readonly onFatal: (error: unknown) => void;
  /** How long `stop` waits for an answer that is due; default 5. */
  readonly stopSeconds?: number;
}

export interface CourierState {
  readonly outage: Outage | null;
  /** On the clock of performance.now(): when the courier last came round, and by when it has to again. */
  readonly lastProgress: number;
  readonly progressDueBy: number;
}

/** Carries the messages of one destination, one after another, until it is stopped. */
export interface Courier {
  start(): void;
  /** Something was queued. Never cuts short a wait that the destination asks for. */
  wake(): void;
  /** Lets the message that is out be answered, for `stopSeconds`; unanswered, it stays queued. */
  stop(): Promise<void>;
  state(): CourierState;
}

export function createCourier(deps: CourierDeps): Courier {
  const { destination, outbox, client, clock, log, onEvent, stopSeconds = 5 } = deps;
  const { name, timeouts, retry, minIntervalMs } = destination;
  const longestSendMs =
    1000 *
    (timeouts.connectSeconds +
      timeouts.ackSeconds +
      (destination.acknowledge === 'enhanced' ? timeouts.applicationSeconds : 0));
  const link = createLink({ destination, clock, log, onEvent });
  const bell = createBell();
  const aborter = new AbortController();
  let stopping = false;
  let running = Promise.resolve();
  let nextSendAt = 0;
  let lastProgress = performance.now();
  let progressDueBy = lastProgress;

  const progress = (nextWithinMs: number): void => {
    lastProgress = performance.now();
    progressDueBy = lastProgress + nextWithinMs;
  };

  /** The next message, or for how many milliseconds there is nothing to do. */
  const look = (): OutboxEntry | number => {
    const pause = Math.max(nextSendAt, link.retryAt()) - performance.now();
    if (pause > 0) return Math.min(pause, POLL_MS);
    const now = clock.now();
    const entry = outbox.next(name, now);
    if (entry !== null) return entry;
    const due = outbox.nextDueAt(name);
    if (due === null) return POLL_MS;
    const wait = due.getTime() - now.getTime();
    // What is due and yet not to be had must not make this loop spin.
    return wait > 0 ? Math.min(wait, POLL_MS) : POLL_MS;
  };

  /** Writes down what became of a message. An entry leaves the queue here and nowhere else. */
  const settle = (entry: OutboxEntry, outcome: SendOutcome, ms: number): void => {
    const at = clock.now();
    const words = describeOutcome(outcome);
    const answer = wordsOfTheLis(outcome);
    const tell = (kind: MessageEvent['kind']): void => {
      onEvent({ kind, destination: name, controlId: entry.controlId, ms, outcome: words });
    };
    const retryIn = (delayMs: number, rejected: boolean): void => {
      outbox.markRetry(entry.id, at, new Date(at.getTime() + delayMs), words, rejected, answer);
      tell('retry');
    };
    const verdict = judge(outcome, destination, entry.rejections);
    if (outcome.kind === 'acknowledged' || outcome.kind === 'written') link.answered();
    switch (verdict.kind) {
      case 'delivered':
        outbox.markDelivered(entry.id, at, words, answer);
        tell('delivered');
        return;
      case 'hold':
        outbox.markHeld(entry.id, at, words, answer);
        tell('held');
        return;
      case 'leave':
        return;
      case 'retry':
        switch (verdict.trouble) {
          case 'message':
            retryIn(retryDelay(entry.rejections + 1, retry), true);
            return;
          case 'stale':
            retryIn(0, false);
            return;
          case 'unclear':
            retryIn(retryDelay(entry.attempts + 1, retry), false);
            link.failed(outcome, true);
            return;
          case 'link':
            link.failed(outcome, false);
            return;
        }
    }
  };

  /**
   * Settles until the outbox takes it. The message is not sent again meanwhile: what became of it is known here, and
   * a full disk must not turn into a flood of repeats.
   */
  const note = async (entry: OutboxEntry, outcome: SendOutcome, ms: number): Promise<void> => {
    for (;;) {
      try {
        settle(entry, outcome, ms);
        return;
      } catch (error) {
        if (!deps.isPassing(error)) throw error;
        deps.onRefusal(error);
        // Unmarked it stays queued, and is sent again after the next start: the same bytes.
        if (stopping) return;
        progress(NOTE_AGAIN_MS);
        await bell.sleep(NOTE_AGAIN_MS);
      }
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const found = look();
      if (typeof found === 'number') {
        progress(found);
        await bell.sleep(found);
        continue;
      }
      progress(longestSendMs);
      const began = performance.now();
      const outcome = await client.send(found, aborter.signal);
      const ended = performance.now();
      await note(found, outcome, Math.round(ended - began));
      nextSendAt = ended + minIntervalMs;
    }
  };

  return {
    start() {
      running = run()
        .finally(() => client.close())
        .catch(deps.onFatal);
    },
    wake: () => {
      bell.ring();
    },
    async stop() {
      stopping = true;
      bell.ring();
      const timer = setTimeout(() => {
        aborter.abort();
      }, 1000 * stopSeconds);
      await running;
      clearTimeout(timer);
    },
    state: () => ({ outage: link.outage(), lastProgress, progressDueBy }),
  };
}
