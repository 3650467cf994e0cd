import type { EntryState, OutboxEntry } from '../outbox/entry.ts';
import { date, dateOrNull, number, text, textOrNull, word } from './row.ts';
import type { Row } from './row.ts';

const STATES = ['queued', 'delivered', 'held', 'dropped'] as const satisfies readonly EntryState[];

/** An entry as lists show it, without its bytes. */
export interface OutboxItem extends Omit<OutboxEntry, 'bytes'> {
  readonly resultVersionId: number;
  readonly lastAttemptAt: Date | null;
  /** When it was delivered or dropped. */
  readonly finishedAt: Date | null;
  /** When retention removed its bytes; such a message cannot be sent again. */
  readonly bytesRemovedAt: Date | null;
}

/**
 * What its destination has, will have, or may have. Dropped after it was on the wire, it may have arrived, whatever came
 * back: only what was dropped untried is known to be nowhere.
 */
export const MAY_ARRIVE = "(state <> 'dropped' OR attempts > 0)";

/** The columns that `toItem` reads. */
export const ITEM = `id, control_id, destination, result_key, result_version_id, state, attempts, rejections, created_at,
  next_attempt_at, last_attempt_at, last_outcome, finished_at, bytes_removed_at`;

export function toItem(row: Row): OutboxItem {
  return {
    id: number(row, 'id'),
    controlId: text(row, 'control_id'),
    destination: text(row, 'destination'),
    resultKey: text(row, 'result_key'),
    resultVersionId: number(row, 'result_version_id'),
    state: word(row, 'state', STATES),
    attempts: number(row, 'attempts'),
    rejections: number(row, 'rejections'),
    createdAt: date(row, 'created_at'),
    nextAttemptAt: dateOrNull(row, 'next_attempt_at'),
    lastAttemptAt: dateOrNull(row, 'last_attempt_at'),
    lastOutcome: textOrNull(row, 'last_outcome'),
    finishedAt: dateOrNull(row, 'finished_at'),
    bytesRemovedAt: dateOrNull(row, 'bytes_removed_at'),
  };
}
