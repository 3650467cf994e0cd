import type { DatabaseSync } from 'node:sqlite';
import { ITEM, MAY_ARRIVE, toItem } from './outbox-item.ts';
import type { OutboxItem } from './outbox-item.ts';
import { number, only } from './row.ts';

/** What became of a person's wish; `not-possible` where the entry is in a state that does not allow it. */
export type Change =
  { readonly kind: 'done' | 'not-possible'; readonly item: OutboxItem } | { readonly kind: 'unknown' };

/** All the names that the destination of a name has or had, the present one first; else that name alone. */
export type NamesOf = (destination: string) => readonly string[];

/** What became of a wish for many. */
export interface Sorted {
  readonly done: readonly OutboxItem[];
  readonly left: readonly Left[];
}

/** A message that was left alone, because of another one: it would arrive behind that, as if it were the news. */
export interface Left {
  readonly item: OutboxItem;
  readonly because: OutboxItem;
}

/** What people change in the outbox. The caller audits each wish (`noteWish`) in the same transaction. */
export interface OutboxWishes {
  /** Puts a held entry back in the queue, and a queued one at its head, with its count of rejections at zero. */
  retry(id: number): Change;
  /** As `retry`, for each that is held or waits for its next try; oldest first. */
  retryAll(destination: string | null): OutboxItem[];
  /** Keeps a queued entry from being sent until a person retries it. */
  hold(id: number): Change;
  /**
   * Ends a queued or held entry undelivered; why is for the audit log to tell. One that was delivered before it was
   * resent is delivered again: the LIS has it, whatever came of the second time.
   */
  drop(id: number, at: Date): Change;
  /**
   * Queues a delivered entry again, with its bytes, for the name that its destination has now. Not possible where they
   * are removed, or another came after.
   */
  resend(id: number, namesOf: NamesOf): Change;
  /**
   * As `resend`, for all that were delivered since a time, each after what came before it. What came after one of them
   * goes with it, whenever that was delivered: the clock may have been put back.
   * @param names of one destination; null: of all
   */
  resendAll(since: Date, names: readonly string[] | null, namesOf: NamesOf): Sorted;
  /** The messages about the same version of a result, one a destination; empty for an unknown id. */
  siblings(id: number): OutboxItem[];
  /** The last message of the same result that was made after this one and that its destination has, or may get. */
  successor(id: number, namesOf: NamesOf): OutboxItem | null;
  /**
   * Gives what waits for one destination to another, but for what that has, or may get, of the same version or a later.
   * @param names all that `to` has or had
   */
  move(from: string, to: string, names: readonly string[]): Sorted;
}

/** Only what was delivered can be resent, and each wish is audited. */
const WAS_DELIVERED = "EXISTS (SELECT 1 FROM audit WHERE subject = control_id AND action = 'queue.resent')";

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
    UPDATE outbox SET state = iif(${WAS_DELIVERED}, 'delivered', 'dropped'), next_attempt_at = NULL, finished_at = ?,
      last_outcome = iif(${WAS_DELIVERED}, 'delivered before it was resent', last_outcome)
    WHERE id = ? AND state IN ('queued', 'held')`);
  const resend = db.prepare(`
    UPDATE outbox SET state = 'queued', rejections = 0, finished_at = NULL
    WHERE id = ? AND state = 'delivered' AND bytes_removed_at IS NULL`);
  const readdress = db.prepare('UPDATE outbox SET destination = ? WHERE id = ?');
  const deliveredSince = db.prepare(`
    SELECT ${ITEM} FROM outbox INDEXED BY outbox_delivered
    WHERE state = 'delivered' AND bytes_removed_at IS NULL AND finished_at >= ?1
      AND (?2 IS NULL OR destination IN (SELECT value FROM json_each(?2)))`);
  const siblings = db.prepare(`
    SELECT ${ITEM} FROM outbox WHERE (result_key, result_version_id) =
      (SELECT result_key, result_version_id FROM outbox WHERE id = ?) ORDER BY id`);
  const successors = db.prepare(`
    SELECT ${ITEM} FROM outbox INDEXED BY outbox_of_result
    WHERE result_key = ? AND destination IN (SELECT value FROM json_each(?)) AND id > ? AND ${MAY_ARRIVE}
    ORDER BY id`);
  const inTheWay = db.prepare(`
    SELECT id, there FROM (
      SELECT id, (
        SELECT max(id) FROM outbox INDEXED BY outbox_of_result
        WHERE result_key = o.result_key AND destination IN (SELECT value FROM json_each(?2))
          AND result_version_id >= o.result_version_id AND ${MAY_ARRIVE}) AS there
      FROM outbox AS o INDEXED BY outbox_open WHERE destination = ?1 AND state IN ('queued', 'held'))
    WHERE there IS NOT NULL ORDER BY id`);
  const move = db.prepare(`
    UPDATE outbox SET destination = ?2, next_attempt_at = NULL
    WHERE destination = ?1 AND state IN ('queued', 'held') AND id NOT IN (SELECT value FROM json_each(?3))
    RETURNING ${ITEM}`);

  const change = (id: number, act: () => number | bigint): Change => {
    const kind = act() === 0 ? 'not-possible' : 'done';
    const row = one.get(id);
    return row === undefined ? { kind: 'unknown' } : { kind, item: toItem(row) };
  };
  const inOrder = (items: OutboxItem[]): OutboxItem[] => items.sort((a, b) => a.id - b.id);
  const itemOf = (id: number): OutboxItem => toItem(only(one.get(id)));
  const successorsOf = ({ id, resultKey, destination }: OutboxItem, namesOf: NamesOf): OutboxItem[] =>
    successors.all(resultKey, JSON.stringify(namesOf(destination)), id).map(toItem);
  const successorOf = (id: number, namesOf: NamesOf): OutboxItem | null => {
    const row = one.get(id);
    return row === undefined ? null : (successorsOf(toItem(row), namesOf).at(-1) ?? null);
  };
  const resendOne = (id: number, namesOf: NamesOf): number | bigint => {
    const { changes } = resend.run(id);
    const { destination } = itemOf(id);
    const [present = destination] = namesOf(destination);
    if (changes === 1 && present !== destination) readdress.run(present, id);
    return changes;
  };

  return {
    retry: (id) => change(id, () => retry.run(id).changes),
    retryAll: (destination) => inOrder(retryAll.all(destination).map(toItem)),
    hold: (id) => change(id, () => hold.run(id).changes),
    drop: (id, at) => change(id, () => drop.run(at.toISOString(), id).changes),
    // What was corrected meanwhile would arrive as if it were the news.
    resend: (id, namesOf) =>
      change(id, () =>
        one.get(id) !== undefined && successorOf(id, namesOf) === null ? resendOne(id, namesOf) : 0,
      ),
    resendAll(since, names, namesOf) {
      const wanted = names === null ? null : JSON.stringify(names);
      const found = deliveredSince.all(since.toISOString(), wanted).map(toItem);
      const left: Left[] = [];
      const ids = new Set<number>();
      for (const item of inOrder(found)) {
        const later = successorsOf(item, namesOf);
        const because = later.find((other) => !followsAgain(other));
        if (because === undefined)
          for (const { id, state } of [item, ...later]) if (state === 'delivered') ids.add(id);
        if (because !== undefined) left.push({ item, because });
      }
      for (const id of ids) resendOne(id, namesOf);
      return { done: inOrder([...ids].map(itemOf)), left };
    },
    siblings: (id) => siblings.all(id).map(toItem),
    successor: successorOf,
    move(from, to, names) {
      // What waits under the old name is in order with itself.
      const others = JSON.stringify(names.filter((name) => name !== from));
      const left = inTheWay.all(from, others).map((row) => ({
        item: itemOf(number(row, 'id')),
        because: itemOf(number(row, 'there')),
      }));
      const stay = JSON.stringify(left.map(({ item }) => item.id));
      return { done: inOrder(move.all(from, to, stay).map(toItem)), left };
    },
  };
}

/** Whether it comes to the LIS after what is sent once more before it: by itself, or because it is resent as well. */
function followsAgain({ state, bytesRemovedAt }: OutboxItem): boolean {
  return state === 'queued' || (state === 'delivered' && bytesRemovedAt === null);
}
