import type { OutboxEntry } from '../outbox/entry.ts';
import type { SendOutcome } from '../outbox/outcome.ts';

/** The part of an entry that goes on the wire. */
export interface Sendable extends Pick<OutboxEntry, 'controlId'> {
  readonly bytes: Uint8Array;
}

/** One way to a destination. */
export interface Client {
  /**
   * Sends one message and waits for its acknowledgement, within the deadlines of the destination. Whatever the
   * network or the LIS does is an outcome, never an error. Only one message may be in flight.
   */
  send(message: Sendable, signal?: AbortSignal): Promise<SendOutcome>;
  /** Ends what is kept open between messages; a promise where that takes time, and never for long. */
  close(): Promise<void> | void;
  /** Until when the certificate is valid that the LIS showed last; null where it showed none. */
  peerValidTo?(): Date | null;
}
