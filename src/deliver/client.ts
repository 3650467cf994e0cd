import type { OutboxEntry } from '../outbox/entry.ts';
import type { SendOutcome } from '../outbox/outcome.ts';

/** The part of an entry that goes on the wire. */
export interface Sendable extends Pick<OutboxEntry, 'controlId'> {
  readonly bytes: Uint8Array;
}

/** Several messages that go out as one. */
export interface Batches {
  /** How many at most. */
  readonly messages: number;
  /** For how long a batch is open after its first message. */
  readonly seconds: number;
  /** As `send` of a client; the outcome is that of each of them. */
  send(messages: readonly [Sendable, ...Sendable[]], signal?: AbortSignal): Promise<SendOutcome>;
}

/** One way to a destination. */
export interface Client {
  /**
   * Sends one message and waits for its acknowledgement, within the deadlines of the destination. Whatever the
   * network or the LIS does is an outcome, never an error. Only one message may be in flight.
   */
  send(message: Sendable, signal?: AbortSignal): Promise<SendOutcome>;
  /** There where messages go out in batches; a courier then uses this instead of `send`. */
  readonly batches?: Batches;
  /** Ends what is kept open between messages; waits for nothing. */
  close(): void;
  /** Until when the certificate is valid that the LIS showed last; null where it showed none. */
  peerValidTo?(): Date | null;
}
