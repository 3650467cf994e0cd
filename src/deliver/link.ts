import type { Destination } from '../config/schema.ts';
import { describeOutcome } from '../outbox/outcome.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import { retryDelay } from '../outbox/retry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';

/** An outage: since when, and what was seen last, in words without patient data. */
export interface Outage {
  readonly since: Date;
  readonly outcome: string;
}

/** One `down` when an outage begins and one `up` when it is over, however many tries lie between. */
export type LinkEvent =
  | ({ readonly kind: 'down'; readonly destination: string } & Outage)
  | { readonly kind: 'up'; readonly destination: string; readonly since: Date; readonly outageMs: number };

/** Whether a destination can be reached at all, apart from what becomes of single messages. */
export interface Link {
  /** `reached`: a message went out, but was not judged. */
  failed(outcome: SendOutcome, reached: boolean): void;
  /** The LIS answered; whatever it said, it is there. */
  answered(): void;
  /** Not to be tried before this, on the clock of performance.now(). */
  retryAt(): number;
  outage(): Outage | null;
}

export interface LinkDeps {
  readonly destination: Pick<Destination, 'name' | 'retry'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (event: LinkEvent) => void;
}

export function createLink({ destination, clock, log, onEvent }: LinkDeps): Link {
  const { name, retry } = destination;
  let failures = 0;
  let retryAt = 0;
  let down: { outage: Outage; began: number } | null = null;

  return {
    failed(outcome, reached) {
      failures += 1;
      const delay = retryDelay(failures, retry);
      retryAt = performance.now() + delay;
      const words = describeOutcome(outcome);
      log.info('destination gave no answer', {
        destination: name,
        outcome: words,
        failures,
        retryInMs: delay,
      });
      if (down !== null) {
        down = { ...down, outage: { ...down.outage, outcome: words } };
      } else if (!reached || failures > 1) {
        // One message without an answer may be that message's fault: the next try, with another one, will tell.
        down = { outage: { since: clock.now(), outcome: words }, began: performance.now() };
        onEvent({ kind: 'down', destination: name, ...down.outage });
      }
    },
    answered() {
      failures = 0;
      retryAt = 0;
      if (down === null) return;
      const { outage, began } = down;
      down = null;
      onEvent({
        kind: 'up',
        destination: name,
        since: outage.since,
        outageMs: Math.round(performance.now() - began),
      });
    },
    retryAt: () => retryAt,
    outage: () => down?.outage ?? null,
  };
}
