import type { DatabaseSync } from 'node:sqlite';
import { date, text, textOrNull } from './row.ts';

/** One line of what happened to a message. */
export interface ConversationLine {
  readonly at: Date;
  /** Who wished it; null for a try. */
  readonly actor: string | null;
  /** In words without patient data. */
  readonly event: string;
  /** The receiver's own words. They may name a patient: for the eyes of a person, never for a log. */
  readonly answer: string | null;
}

export interface Conversation {
  /** Call it in the transaction that does what the line tells of. */
  add(outboxId: number, line: ConversationLine): void;
  /** Oldest first. */
  of(outboxId: number): ConversationLine[];
  /** Removes the receiver's words. In the transaction that removes the message's bytes. */
  removeAnswers(outboxId: number): void;
}

export function createConversation(db: DatabaseSync): Conversation {
  const insert = db.prepare(
    'INSERT INTO conversation (outbox_id, at, actor, event, answer) VALUES (?, ?, ?, ?, ?)',
  );
  const select = db.prepare(
    'SELECT at, actor, event, answer FROM conversation WHERE outbox_id = ? ORDER BY id',
  );
  const clear = db.prepare('UPDATE conversation SET answer = NULL WHERE outbox_id = ?');
  return {
    add(outboxId, { at, actor, event, answer }) {
      insert.run(outboxId, at.toISOString(), actor, event, answer?.toWellFormed() ?? null);
    },
    of: (outboxId) =>
      select.all(outboxId).map((row) => ({
        at: date(row, 'at'),
        actor: textOrNull(row, 'actor'),
        event: text(row, 'event'),
        answer: textOrNull(row, 'answer'),
      })),
    removeAnswers(outboxId) {
      clear.run(outboxId);
    },
  };
}
