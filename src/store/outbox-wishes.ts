import type { DatabaseSync } from 'node:sqlite';
import { ITEM, toItem } from './outbox-item.ts';
import type { OutboxItem } from './outbox-item.ts';

/** What became of a person's wish; `not-possible` where the entry is in a state that does not allow it. */
export type Change =
  { readonly kind: 'done' | 'not-possible'; readonly item: OutboxItem } | { readonly kind: 'unknown' };

/** Which entries a wish for many is about. */
export interface Many {
  /** Only entries of this destination. */
  readonly destination: string | null;
}

/** What people change in the outbox. Each wish is one statement; the caller audits it in the same transaction. */
export interface OutboxWishes {
  /** Puts a held entry back in the queue, and a queued one at its head, with its count of rejections at zero. */
  retry(id: number): Change;
  /** As `retry`, for each that is held or waits for its next try; oldest first. */
  retryAll(which: Many): OutboxItem[];
  /** Keeps a queued entry from being sent until a person retries it. */
  hold(id: number): Change;
  /** Ends a queued or held entry undelivered; why is for the audit log to tell. */
  drop(id: number, at: Date): Change;
  /** Queues a delivered entry again, with its bytes. Not possible where they are removed, or another came after. */
  resend(id: number): Change;
  /** As `resend`, for all that were delivered since a time, each after what came before it. */
  resendAll(which: Many & { readonly since: Date }): OutboxItem[];
  /** The messages about the same version of a result, one a destination; empty for an unknown id. */
  siblings(id: number): OutboxItem[];
  /** A delivered or waiting message of the same result and destination that was made after this one. */
  successor(id: number): OutboxItem | null;
  /** Gives all that waits for one destination to another. */
  move(from: string, to: string): OutboxItem[];
}

export function createOutboxWishes(db: DatabaseSync): OutboxWishes {
  const one = db.prepare(`SELECT ${ITEM} FROM outbox WHERE id = ?`);
  const requeue = `UPDATE outbox SET state = 'queued', rejections = 0, next_attempt_at = NULL`;
  const retry = db.prepare(`${requeue} WHERE id = ? AND state IN ('queued', 'held')`);
  const retryAll = db.prepare(`${requeue}
    WHERE (state = 'held' OR state = 'queued' AND next_attempt_at IS NOT NULL)
      AND (?1 IS NULL OR destination = ?1) RETURNING ${ITEM}`);
  const hold = db.prepare(
    "UPDATE outbox SET state = 'held', next_attempt_at = NULL WHERE id = ? AND state = 'queued'",
  );
  const drop = db.prepare(`
    UPDATE outbox SET state = 'dropped', next_attempt_at = NULL, finished_at = ?
    WHERE id = ? AND state IN ('queued', 'held')`);
  const resend = db.prepare(`
    UPDATE outbox SET state = 'queued', rejections = 0, finished_at = NULL
    WHERE id = ? AND state = 'delivered' AND bytes_removed_at IS NULL`);
  const resendAll = db.prepare(`
    UPDATE outbox SET state = 'queued', rejections = 0, finished_at = NULL
    WHERE state = 'delivered' AND bytes_removed_at IS NULL AND finished_at >= ?2
      AND (?1 IS NULL OR destination = ?1) RETURNING ${ITEM}`);
  const siblings = db.prepare(`
    SELECT ${ITEM} FROM outbox WHERE (result_key, result_version_id) =
      (SELECT result_key, result_version_id FROM outbox WHERE id = ?) ORDER BY id`);
  const successor = db.prepare(`
    SELECT ${ITEM} FROM outbox WHERE (result_key, destination) =
      (SELECT result_key, destination FROM outbox WHERE id = ?1) AND id > ?1 AND state <> 'dropped'
    ORDER BY id DESC LIMIT 1`);
  const move = db.prepare(`
    UPDATE outbox SET destination = ?2, next_attempt_at = NULL
    WHERE destination = ?1 AND state IN ('queued', 'held') RETURNING ${ITEM}`);

  const change = (id: number, act: () => number | bigint): Change => {
    const kind = act() === 0 ? 'not-possible' : 'done';
    const row = one.get(id);
    return row === undefined ? { kind: 'unknown' } : { kind, item: toItem(row) };
  };
  const inOrder = (items: OutboxItem[]): OutboxItem[] => items.sort((a, b) => a.id - b.id);
  const successorOf = (id: number): OutboxItem | null => {
    const row = successor.get(id);
    return row === undefined ? null : toItem(row);
  };

  return {
    retry: (id) => change(id, () => retry.run(id).changes),
    retryAll: ({ destination }) => inOrder(retryAll.all(destination).map(toItem)),
    hold: (id) => change(id, () => hold.run(id).changes),
    drop: (id, at) => change(id, () => drop.run(at.toISOString(), id).changes),
    // What was corrected meanwhile would arrive as if it were the news.
    resend: (id) => change(id, () => (successorOf(id) === null ? resend.run(id).changes : 0)),
    resendAll: ({ destination, since }) =>
      inOrder(resendAll.all(destination, since.toISOString()).map(toItem)),
    siblings: (id) => siblings.all(id).map(toItem),
    successor: successorOf,
    move: (from, to) => inOrder(move.all(from, to).map(toItem)),
  };
}
