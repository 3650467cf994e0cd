import type { DatabaseSync } from 'node:sqlite';
import { ITEM, toItem, type OutboxItem } from './outbox-item.ts';
import { date, number, only, text, type Row } from './row.ts';
import { newTag } from './tag.ts';

/** That this database took the place of another one. */
export interface Restore {
  readonly at: Date;
  /** Name of the copy that it was made from. */
  readonly backup: string;
  /** When the last thing happened that the copy knows of. */
  readonly madeAt: Date;
  readonly actor: string;
  /** Messages that waited in the copy, and are held since. */
  readonly messagesHeld: number;
}

export interface Restores {
  /** When the database was made. */
  madeAt(): Date;
  /** The latest one; null where there was none. */
  last(): Restore | null;
  /** The latest one at or before a time. */
  before(time: Date): Restore | null;
  /**
   * Makes a copy ready to take the place of another database: numbers of its own from here on, and nothing queued
   * any more, since what became of that meanwhile is not known. In a transaction. Returns what it has put on hold.
   */
  apply(restore: Omit<Restore, 'messagesHeld'>): OutboxItem[];
}

export function createRestores(db: DatabaseSync): Restores {
  const before = db.prepare('SELECT * FROM restores WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1');
  const last = db.prepare('SELECT * FROM restores ORDER BY id DESC LIMIT 1');
  const made = db.prepare('SELECT created_at FROM installation');
  const retag = db.prepare('UPDATE installation SET tag = ?');
  const hold = db.prepare(`
    UPDATE outbox SET state = 'held', next_attempt_at = NULL, last_outcome = ? WHERE state = 'queued' RETURNING ${ITEM}`);
  const doubt = db.prepare("UPDATE outbox SET attempts = attempts + 1 WHERE state IN ('queued', 'held')");
  const add = db.prepare(
    'INSERT INTO restores (at, backup, made_at, actor, messages_held) VALUES (?, ?, ?, ?, ?)',
  );
  const found = (row: Row | undefined): Restore | null => (row === undefined ? null : toRestore(row));
  return {
    madeAt: () => date(only(made.get()), 'created_at'),
    last: () => found(last.get()),
    before: (time) => found(before.get(time.toISOString())),
    apply({ at, backup, madeAt, actor }) {
      // The same copy may be restored twice, and must not give the same numbers out twice.
      retag.run(newTag());
      // The replaced database may have sent it: dropped, it may have arrived.
      doubt.run();
      const held = hold.all(`held since the restore of ${backup}`).map(toItem);
      add.run(at.toISOString(), backup, madeAt.toISOString(), actor, held.length);
      return held.sort((a, b) => a.id - b.id);
    },
  };
}

function toRestore(row: Row): Restore {
  return {
    at: date(row, 'at'),
    backup: text(row, 'backup'),
    madeAt: date(row, 'made_at'),
    actor: text(row, 'actor'),
    messagesHeld: number(row, 'messages_held'),
  };
}
