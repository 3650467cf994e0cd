/**
 * queued: to be sent, now or at `nextAttemptAt`. delivered: the LIS took it. held: a person decides.
 * dropped: a person decided that it is never sent. Only queued entries are ever sent.
 */
export type EntryState = 'queued' | 'delivered' | 'held' | 'dropped';

/** One message for one destination. `controlId` and `bytes` never change once the entry is committed. */
export interface OutboxEntry {
  readonly id: number;
  /** MSH-10. */
  readonly controlId: string;
  readonly destination: string;
  /** OBR-3; entries of one key and destination are delivered in the order in which they were made. */
  readonly resultKey: string;
  /** Null where the database does not hold any more what was recorded: such a message is never sent. */
  readonly bytes: Uint8Array | null;
  readonly state: EntryState;
  /** How often the message was put on the wire; after a restore once more, for what is not known. */
  readonly attempts: number;
  /** How often the LIS answered with a code whose verdict is retry. */
  readonly rejections: number;
  readonly createdAt: Date;
  /** Earliest time of the next try; null: now. */
  readonly nextAttemptAt: Date | null;
  /** What happened last, in words without patient data. */
  readonly lastOutcome: string | null;
}

/** What a courier needs of the store; every call is durable when it returns. */
export interface Outbox {
  /**
   * The queued entry that has been due longest, leaving out any with an earlier queued or held entry of the
   * same destination and result key: a correction never overtakes what it corrects. An entry is due from
   * `nextAttemptAt`, or, where that is null, at once (whatever `now` says) and in the place of its `createdAt`.
   * The order is by due time, not by id: what was tried in vain goes behind what is waiting, so that no message,
   * and no number of messages, that a LIS never answers can keep the others from being tried. Where the clock was
   * put back to before the last attempt, the wait is over: it would not end while anybody remembers why.
   * @param except ids of entries that were sent and are not marked yet; they still block what comes after them
   */
  next(destination: string, now: Date, except?: readonly number[]): OutboxEntry | null;
  /** When the next queued entry of the destination falls due; null where none waits. */
  nextDueAt(destination: string): Date | null;
  /**
   * The ids of what is due, in the order of `next`, at most `most`. None waits for another: a correction is never in one
   * batch with what it corrects.
   */
  due(destination: string, now: Date, most: number): readonly number[];
  /** The entry where it is still queued; else null. */
  queued(id: number): OutboxEntry | null;
  /**
   * What became of an attempt, for the three that follow. `outcome`: in words without patient data. `answer`: the
   * LIS's own words, which may name a patient; kept with the message and never logged.
   */
  markDelivered(id: number, at: Date, outcome: string, answer?: string | null): void;
  markHeld(id: number, at: Date, outcome: string, answer?: string | null): void;
  /** What `work` marks becomes durable together: all of it, or, where this throws, none. */
  together<T>(work: () => T extends PromiseLike<unknown> ? never : T): T;
  /** Leaves the entry queued; `rejected` tells whether the LIS itself refused it. */
  markRetry(
    id: number,
    at: Date,
    nextAttemptAt: Date,
    outcome: string,
    rejected: boolean,
    answer?: string | null,
  ): void;
}
