import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { EntryState, Outbox, OutboxEntry } from '../outbox/entry.ts';
import { createConversation } from './conversation.ts';
import type { ConversationLine } from './conversation.ts';
import { ITEM, MAY_ARRIVE, toItem } from './outbox-item.ts';
import type { OutboxItem } from './outbox-item.ts';
import { createOutboxWishes } from './outbox-wishes.ts';
import type { OutboxWishes } from './outbox-wishes.ts';
import { date, dateOrNull, number, only, text } from './row.ts';
import type { Row } from './row.ts';
import { createTransaction } from './transaction.ts';
import type { Transaction } from './transaction.ts';

export interface NewEntry {
  readonly controlId: string;
  readonly destination: string;
  readonly resultKey: string;
  readonly resultVersionId: number;
  readonly bytes: Uint8Array;
  readonly createdAt: Date;
}

/** What waits for one destination. A destination for which nothing waits has no row. */
export interface QueueStats {
  readonly destination: string;
  readonly queued: number;
  readonly held: number;
  /** When the oldest queued message was made; null where none is queued. */
  readonly oldestQueuedAt: Date | null;
}

export interface ListFilter {
  /** Default: queued and held. */
  readonly states?: readonly EntryState[];
  readonly destination?: string;
  /** Only entries with a larger id, for paging. */
  readonly afterId?: number;
  readonly limit: number;
}

export interface OutboxStore extends Outbox, OutboxWishes {
  /** Call it in the transaction that records the result; returns the entry's id. */
  enqueue(entry: NewEntry): number;
  /** Oldest first. */
  list(filter: ListFilter): OutboxItem[];
  /** The messages of one result version, oldest first. */
  ofVersion(resultVersionId: number): OutboxItem[];
  /** `bytes` is null where retention has removed them, or where they are damaged: the item's `bytesRemovedAt` tells. */
  show(id: number): {
    readonly item: OutboxItem;
    readonly bytes: Uint8Array | null;
    readonly conversation: readonly ConversationLine[];
  } | null;
  /** Notes a person's wish in the conversation of a message. */
  note(id: number, line: ConversationLine): void;
  /** SHA-256 (hex) of the trace file that a message is about; null for an unknown control ID. */
  contentOf(controlId: string): string | null;
  stats(): QueueStats[];
  /** Whether a message for the destination is held; costs nothing, however many wait. */
  holdsAny(destination: string): boolean;
  /** The names of the destinations that have, or may get, something of a result. */
  holdersOf(resultKey: string): readonly string[];
  /** Whether the destination ever took a message. */
  hasDelivered(destination: string): boolean;
  /** Counts deliveries; `since` is younger than anything that retention removes. */
  deliveredSince(since: Date): number;
  /** Removes the bytes of at most `limit` messages delivered before `before`; returns how many. In a transaction. */
  removeBytes(before: Date, at: Date, limit: number): number;
}

/** A correction never overtakes what it corrects, not even where that is held. */
const NOT_BLOCKED = `NOT EXISTS (SELECT 1 FROM outbox AS earlier INDEXED BY outbox_open
  WHERE earlier.destination = o.destination AND earlier.result_key = o.result_key
    AND earlier.state IN ('queued', 'held') AND earlier.id < o.id)`;

const NOT_EXCEPTED = 'o.id NOT IN (SELECT value FROM json_each(?))';

export function createOutbox(db: DatabaseSync): OutboxStore {
  const insert = db.prepare(`
    INSERT INTO outbox (control_id, destination, result_key, result_version_id, bytes_sha256, created_at)
    VALUES (?, ?, ?, ?, ?, ?)`);
  const insertBytes = db.prepare('INSERT INTO messages (outbox_id, bytes) VALUES (?, ?)');
  // The indexes are named, so that a change that would make these slow makes them fail instead.
  const ready = db.prepare(`
    SELECT id, created_at AS due_at FROM outbox AS o INDEXED BY outbox_ready
    WHERE destination = ? AND state = 'queued' AND next_attempt_at IS NULL AND ${NOT_EXCEPTED} AND ${NOT_BLOCKED}
    ORDER BY created_at, id LIMIT 1`);
  const waiting = db.prepare(`
    SELECT id, next_attempt_at AS due_at FROM outbox AS o INDEXED BY outbox_waiting
    WHERE destination = ? AND state = 'queued' AND next_attempt_at IS NOT NULL AND ${NOT_EXCEPTED} AND ${NOT_BLOCKED}
    ORDER BY next_attempt_at, id LIMIT 1`);
  const waitingLongest = db.prepare(`
    SELECT id, next_attempt_at AS due_at, last_attempt_at FROM outbox AS o INDEXED BY outbox_waiting
    WHERE destination = ? AND state = 'queued' AND next_attempt_at IS NOT NULL AND ${NOT_EXCEPTED} AND ${NOT_BLOCKED}
    ORDER BY next_attempt_at DESC, id DESC LIMIT 1`);
  // As `ready` and `waiting`; where the clock was put back, what was tried in its future is due as well.
  const due = db.prepare(`
    SELECT id FROM (
      SELECT * FROM (
        SELECT id, created_at AS due_at FROM outbox AS o INDEXED BY outbox_ready
        WHERE destination = ?1 AND state = 'queued' AND next_attempt_at IS NULL AND ${NOT_BLOCKED}
        ORDER BY created_at, id LIMIT ?3)
      UNION ALL SELECT * FROM (
        SELECT id, next_attempt_at FROM outbox AS o INDEXED BY outbox_waiting
        WHERE destination = ?1 AND state = 'queued' AND next_attempt_at IS NOT NULL AND ${NOT_BLOCKED}
          AND (next_attempt_at <= ?2 OR last_attempt_at > ?2)
        ORDER BY next_attempt_at, id LIMIT ?3))
    ORDER BY due_at, id LIMIT ?3`);
  const entry = db.prepare(`
    SELECT ${ITEM}, bytes_sha256, bytes FROM outbox LEFT JOIN messages ON outbox_id = id WHERE id = ?`);
  const deliver = db.prepare(`
    UPDATE outbox SET state = 'delivered', attempts = attempts + 1, next_attempt_at = NULL, last_attempt_at = ?2,
      finished_at = ?2, last_outcome = ?3 WHERE id = ?1`);
  // Whatever a person decided meanwhile stays; that it was on the wire is known all the same.
  const hold = db.prepare(`
    UPDATE outbox SET state = iif(state = 'queued', 'held', state), attempts = attempts + 1, next_attempt_at = NULL,
      last_attempt_at = ?2, last_outcome = ?3 WHERE id = ?1`);
  const postpone = db.prepare(`
    UPDATE outbox SET attempts = attempts + 1, rejections = rejections + ?4,
      next_attempt_at = iif(state = 'queued', ?5, NULL), last_attempt_at = ?2, last_outcome = ?3 WHERE id = ?1`);
  const list = db.prepare(`
    SELECT ${ITEM} FROM outbox
    WHERE id > ?1 AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR destination = ?3)
    ORDER BY id LIMIT ?4`);
  const ofVersion = db.prepare(`SELECT ${ITEM} FROM outbox WHERE result_version_id = ? ORDER BY id`);
  const contentOf = db.prepare(`
    SELECT sha256 FROM outbox AS o
    JOIN result_versions AS v ON v.id = o.result_version_id
    JOIN analyses AS a ON a.id = v.analysis_id WHERE o.control_id = ?`);
  // Half a million may wait: each count is read from an index alone, and the oldest entry has the smallest id.
  const stats = db.prepare(`
    WITH open AS (
      SELECT destination, count(*) AS queued, 0 AS held, min(id) AS first FROM outbox INDEXED BY outbox_ready
        WHERE state = 'queued' AND next_attempt_at IS NULL GROUP BY destination
      UNION ALL SELECT destination, count(*), 0, min(id) FROM outbox INDEXED BY outbox_waiting
        WHERE state = 'queued' AND next_attempt_at IS NOT NULL GROUP BY destination
      UNION ALL SELECT destination, 0, count(*), NULL FROM outbox INDEXED BY outbox_held
        WHERE state = 'held' GROUP BY destination)
    SELECT sums.*, created_at AS oldest FROM (
      SELECT destination, sum(queued) AS queued, sum(held) AS held, min(first) AS first
      FROM open GROUP BY destination) AS sums LEFT JOIN outbox ON id = first ORDER BY sums.destination`);
  const held = db.prepare(
    "SELECT 1 FROM outbox INDEXED BY outbox_held WHERE destination = ? AND state = 'held' LIMIT 1",
  );
  const holders = db.prepare(`
    SELECT DISTINCT destination FROM outbox INDEXED BY outbox_of_result
    WHERE result_key = ? AND ${MAY_ARRIVE} ORDER BY destination`);
  const everDelivered = db.prepare(
    "SELECT 1 FROM outbox WHERE destination = ? AND state = 'delivered' LIMIT 1",
  );
  const delivered = db.prepare(
    "SELECT count(*) AS count FROM outbox WHERE state = 'delivered' AND bytes_removed_at IS NULL AND finished_at >= ?",
  );
  const expired = db.prepare(`
    SELECT id FROM outbox INDEXED BY outbox_delivered
    WHERE state = 'delivered' AND bytes_removed_at IS NULL AND finished_at < ? ORDER BY finished_at LIMIT ?`);
  const removeMessage = db.prepare('DELETE FROM messages WHERE outbox_id = ?');
  const markRemoved = db.prepare('UPDATE outbox SET bytes_removed_at = ? WHERE id = ?');

  const conversation = createConversation(db);
  const transaction = createTransaction(db);

  const load = (id: number): OutboxEntry => {
    const row = only(entry.get(id));
    return { ...toItem(row), bytes: trusted(row) };
  };
  /** Throws for an id that does not exist. */
  const assertKnown = (id: number, changes: number | bigint): void => {
    if (changes === 0) only(entry.get(id));
  };
  const told = (id: number, at: Date, event: string, answer: string | null): void => {
    conversation.add(id, { at, actor: null, event, answer });
  };
  /** The attempt and its line in the conversation become durable together. */
  const together: Transaction = (work) => (db.isTransaction ? work() : transaction(work));

  return {
    enqueue({ controlId, destination, resultKey, resultVersionId, bytes: content, createdAt }) {
      const identity = [controlId, destination, resultKey, resultVersionId] as const;
      const { lastInsertRowid } = insert.run(...identity, sha256(content), createdAt.toISOString());
      const id = Number(lastInsertRowid);
      insertBytes.run(id, content);
      return id;
    },
    next(destination, now, except = []) {
      const excepted = JSON.stringify(except);
      const untried = ready.get(destination, excepted);
      const retried = waiting.get(destination, excepted);
      const dueOf = (soonest: Row): Row | undefined =>
        date(soonest, 'due_at') <= now ? soonest : stranded(waitingLongest.get(destination, excepted), now);
      const due = retried === undefined ? undefined : dueOf(retried);
      const first =
        untried !== undefined && due !== undefined && text(due, 'due_at') < text(untried, 'due_at')
          ? due
          : (untried ?? due);
      return first === undefined ? null : load(number(first, 'id'));
    },
    nextDueAt(destination) {
      const times = [ready.get(destination, '[]'), waiting.get(destination, '[]')].flatMap((row) =>
        row === undefined ? [] : [date(row, 'due_at').getTime()],
      );
      return times.length === 0 ? null : new Date(Math.min(...times));
    },
    due: (destination, now, most) =>
      due.all(destination, now.toISOString(), most).map((row) => number(row, 'id')),
    queued(id) {
      const found = load(id);
      return found.state === 'queued' ? found : null;
    },
    together,
    markDelivered(id, at, outcome, answer = null) {
      together(() => {
        // Whatever a person decided meanwhile: the LIS has it, and that is what must be known.
        assertKnown(id, deliver.run(id, at.toISOString(), outcome).changes);
        told(id, at, outcome, answer);
      });
    },
    markHeld(id, at, outcome, answer = null) {
      together(() => {
        assertKnown(id, hold.run(id, at.toISOString(), outcome).changes);
        told(id, at, outcome, answer);
      });
    },
    markRetry(id, at, nextAttemptAt, outcome, rejected, answer = null) {
      const next = nextAttemptAt.toISOString();
      together(() => {
        assertKnown(id, postpone.run(id, at.toISOString(), outcome, rejected ? 1 : 0, next).changes);
        told(id, at, outcome, answer);
      });
    },
    ofVersion: (resultVersionId) => ofVersion.all(resultVersionId).map(toItem),
    list({ states = ['queued', 'held'], destination, afterId = 0, limit }) {
      return list.all(afterId, JSON.stringify(states), destination ?? null, limit).map(toItem);
    },
    show(id) {
      const row = entry.get(id);
      if (row === undefined) return null;
      return { item: toItem(row), bytes: trusted(row), conversation: conversation.of(id) };
    },
    ...createOutboxWishes(db),
    note: (id, line) => conversation.add(id, line),
    contentOf(controlId) {
      const row = contentOf.get(controlId);
      return row === undefined ? null : text(row, 'sha256');
    },
    stats: () =>
      stats.all().map((row) => ({
        destination: text(row, 'destination'),
        queued: number(row, 'queued'),
        held: number(row, 'held'),
        oldestQueuedAt: dateOrNull(row, 'oldest'),
      })),
    holdsAny: (destination) => held.get(destination) !== undefined,
    holdersOf: (resultKey) => holders.all(resultKey).map((row) => text(row, 'destination')),
    hasDelivered: (destination) => everDelivered.get(destination) !== undefined,
    deliveredSince: (since) => number(only(delivered.get(since.toISOString())), 'count'),
    removeBytes(before, at, limit) {
      const ids = expired.all(before.toISOString(), limit).map((row) => number(row, 'id'));
      for (const id of ids) {
        removeMessage.run(id);
        conversation.removeAnswers(id);
        markRemoved.run(at.toISOString(), id);
      }
      return ids.length;
    },
  };
}

/** The one that waits longest, where it was tried in the future: the clock was put back since. */
function stranded(longest: Row | undefined, now: Date): Row | undefined {
  const triedAt = longest === undefined ? null : dateOrNull(longest, 'last_attempt_at');
  return triedAt !== null && triedAt > now ? longest : undefined;
}

/** SQLite keeps no checksum of what it stores, and a flipped bit here could be another patient or value. */
function trusted(row: Row): Uint8Array | null {
  const content = row['bytes'];
  return content instanceof Uint8Array && sha256(content) === text(row, 'bytes_sha256') ? content : null;
}

function sha256(content: Uint8Array): string {
  return hash('sha256', content, 'hex');
}
