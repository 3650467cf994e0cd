import type { Destination } from '../config/schema.ts';
import type { Outbox, OutboxEntry } from '../outbox/entry.ts';
import { describeOutcome, judge, wordsOfTheLis } from '../outbox/outcome.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import { retryDelay } from '../outbox/retry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { createBell } from '../platform/bell.ts';
import { createBatchLoads, type Load } from './batch-loads.ts';
import type { Client } from './client.ts';
import { takesLonger } from './deadline.ts';
import { createLink } from './link.ts';
import type { LinkEvent, Outage } from './link.ts';

/** How often the outbox is looked at unasked: another process may have changed it (`raisingd queue retry`). */
const POLL_MS = 1000;

/** How long to wait before the outbox is told again what it could not note. */
const NOTE_AGAIN_MS = 5000;

/** Deliveries that are noted together, and how long the first of them may wait for that. */
const NOTED_TOGETHER = 32;
const NOTE_WITHIN_MS = 100;

/** A message that was out, and what came of it. */
interface Sent {
  readonly entry: OutboxEntry;
  readonly outcome: SendOutcome;
  readonly at: Date;
  /** Sending and waiting. */
  readonly ms: number;
}

/** What became of one message. `ms`: sending and waiting. `outcome`: in words without patient data. */
export interface MessageEvent {
  readonly kind: 'delivered' | 'held' | 'retry';
  readonly destination: string;
  readonly controlId: string;
  readonly ms: number;
  readonly outcome: string;
  readonly cause: SendOutcome['kind'];
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

/** Carries the messages of one destination, one after another or batch by batch, until it is stopped. */
export interface Courier {
  start(): void;
  /** Something was queued. Never cuts short a wait that the destination asks for. */
  wake(): void;
  /** Lets what is out be answered, and an open batch be written, for `stopSeconds`; what is not stays queued. */
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
  const loads = client.batches === undefined ? null : createBatchLoads(name, outbox, client.batches);
  const bell = createBell();
  const aborter = new AbortController();
  let stopping = false;
  let running = Promise.resolve();
  let nextSendAt = 0;
  /** Judged by the LIS and not noted yet. After a crash these are sent again: the same bytes. */
  let unnoted: Sent[] = [];
  let oldestAt = 0;
  let lastProgress = performance.now();
  let progressDueBy = lastProgress;

  const progress = (nextWithinMs: number): void => {
    lastProgress = performance.now();
    progressDueBy = lastProgress + nextWithinMs;
  };

  /** What goes out next, or for how many milliseconds there is nothing to do. */
  const look = (): Load | number => {
    const pause = Math.max(nextSendAt, link.retryAt()) - performance.now();
    if (pause > 0) return Math.min(pause, POLL_MS);
    const now = clock.now();
    if (loads !== null) {
      const found = loads.next(now, stopping);
      return typeof found === 'number' ? Math.min(found, POLL_MS) : found;
    }
    const entry = outbox.next(
      name,
      now,
      unnoted.map(({ entry: { id } }) => id),
    );
    if (entry !== null) return [entry];
    const due = outbox.nextDueAt(name);
    if (due === null) return POLL_MS;
    const wait = due.getTime() - now.getTime();
    // What is due and yet not to be had must not make this loop spin.
    return wait > 0 ? Math.min(wait, POLL_MS) : POLL_MS;
  };

  /**
   * Writes down what became of a message, and gives what is to be told of it once that is durable. An entry leaves the
   * queue here and nowhere else.
   */
  const settle = ({ entry, outcome, at, ms }: Sent): (() => void) => {
    const words = describeOutcome(outcome);
    const answer = wordsOfTheLis(outcome);
    const tell = (kind: MessageEvent['kind']): void => {
      const { controlId } = entry;
      onEvent({ kind, destination: name, controlId, ms, outcome: words, cause: outcome.kind });
    };
    const retryIn = (delayMs: number, rejected: boolean): void => {
      outbox.markRetry(entry.id, at, new Date(at.getTime() + delayMs), words, rejected, answer);
    };
    const verdict = judge(outcome, destination, entry.rejections);
    switch (verdict.kind) {
      case 'delivered':
        outbox.markDelivered(entry.id, at, words, answer);
        return () => tell('delivered');
      case 'hold':
        outbox.markHeld(entry.id, at, words, answer);
        return () => tell('held');
      case 'leave':
        return () => undefined;
      case 'retry':
        switch (verdict.trouble) {
          case 'message':
            retryIn(retryDelay(entry.rejections + 1, retry), true);
            return () => tell('retry');
          case 'stale':
            retryIn(0, false);
            return () => tell('retry');
          case 'unclear':
            retryIn(retryDelay(entry.attempts + 1, retry), false);
            return () => {
              tell('retry');
              link.failed(outcome, true);
            };
          case 'link':
            return () => link.failed(outcome, false);
        }
    }
  };

  /**
   * Notes what is not noted, until the outbox takes it. No message is sent again meanwhile: what became of it is known
   * here, and a full disk must not turn into a flood of repeats.
   */
  const note = async (): Promise<void> => {
    while (unnoted.length > 0) {
      try {
        const told = outbox.together(() => unnoted.map(settle));
        unnoted = [];
        for (const tell of told) tell();
      } catch (error) {
        if (!deps.isPassing(error)) throw error;
        deps.onRefusal(error);
        // Unmarked they stay queued, and are sent again after the next start: the same bytes.
        if (stopping) return;
        progress(NOTE_AGAIN_MS);
        await bell.sleep(NOTE_AGAIN_MS);
      }
    }
  };

  /**
   * Deliveries come in crowds, and one commit for a crowd costs as much as for one of them. Nothing else may wait, nor a
   * batch, which is a crowd.
   */
  const mayWait = ({ entry, outcome }: Sent): boolean =>
    loads === null &&
    unnoted.length < NOTED_TOGETHER &&
    performance.now() - oldestAt < NOTE_WITHIN_MS &&
    judge(outcome, destination, entry.rejections).kind === 'delivered';

  /** One message that cannot be trusted is held like one that is refused; the others go on. */
  const send = async (load: Load): Promise<SendOutcome> => {
    const [first, ...others] = load.flatMap(({ controlId, bytes }) =>
      bytes === null ? [] : [{ controlId, bytes }],
    );
    if (first === undefined) return { kind: 'damaged' };
    const { batches = null } = client;
    return batches === null
      ? client.send(first, aborter.signal)
      : batches.send([first, ...others], aborter.signal);
  };

  const carry = async (load: Load): Promise<void> => {
    progress(longestSendMs);
    const began = performance.now();
    const sending = send(load);
    if (unnoted.length > 0 && (await takesLonger(sending, NOTE_WITHIN_MS))) {
      await note();
      progress(longestSendMs);
    }
    const outcome = await sending;
    const ended = performance.now();
    const [at, ms] = [clock.now(), Math.round(ended - began)];
    const sentOf = (entry: OutboxEntry): Sent => ({ entry, outcome, at, ms });
    const [first, ...others] = load;
    const sent = sentOf(first);
    if (outcome.kind === 'acknowledged' || outcome.kind === 'written') link.answered();
    if (unnoted.length === 0) oldestAt = ended;
    unnoted.push(sent);
    // A batch that could not be written is one failure, of the destination and of none of its messages.
    if (outcome.kind === 'written') unnoted.push(...others.map(sentOf));
    if (!mayWait(sent)) await note();
    nextSendAt = ended + minIntervalMs;
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const found = look();
      if (typeof found !== 'number') {
        await carry(found);
        continue;
      }
      if (unnoted.length === 0) {
        progress(found);
        await bell.sleep(found);
      }
      await note();
    }
    // What waits for a batch to fill goes out with the stop; what cannot is queued still.
    const open = loads === null ? 0 : look();
    if (typeof open !== 'number') await carry(open);
    await note();
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
