import type { DatabaseSync } from 'node:sqlite';
import { date, json, number, only, text, word, type Row } from './row.ts';

const ANSWERS = ['AA', 'AE', 'AR'] as const;
export type InboxAnswer = (typeof ANSWERS)[number];

/** Why a message was refused. Says what and where, and never quotes the message: it may name a patient. */
export interface Problem {
  /** HL7 table 0357. */
  readonly code: string;
  readonly text: string;
  /** Such as `PID-3` or `OBX[2]-5`; null where it concerns the message as a whole. */
  readonly place: string | null;
}

export interface NewInboxMessage {
  /** MSH-3 and MSH-4. */
  readonly sender: string;
  /** MSH-10; empty where there is none. */
  readonly controlId: string;
  readonly type: string;
  /** SHA-256 (hex) of all but MSH. */
  readonly sha256: string;
  readonly answer: InboxAnswer;
  /** Null when and only when it was accepted. */
  readonly problem: Problem | null;
  /** What in an accepted message is not used: unknown codes, values that are bounds. No names. */
  readonly remarks: readonly string[];
}

export interface InboxMessage extends NewInboxMessage {
  readonly id: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** How often it came. */
  readonly times: number;
}

/** Every HL7 message that came in, and what was answered. */
export interface Inbox {
  /** Whether this very message was accepted before. */
  knows(message: Pick<NewInboxMessage, 'sender' | 'controlId' | 'sha256'>): boolean;
  /** Remembers a message; one that came before with the same answer is counted. */
  record(message: NewInboxMessage, at: Date): InboxMessage;
  /** Those that were not accepted later either, the last first. */
  refused(limit: number): InboxMessage[];
  /** Accepted ones of which something was not used, the last first. */
  remarked(limit: number): InboxMessage[];
}

export function createInbox(db: DatabaseSync): Inbox {
  const known = db.prepare(
    "SELECT 1 FROM inbox WHERE sender = ? AND control_id = ? AND sha256 = ? AND answer = 'AA'",
  );
  const record = db.prepare(`
    INSERT INTO inbox (sender, control_id, type, sha256, answer, problem, remarks, first_at, last_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
    ON CONFLICT (sender, control_id, sha256, answer) DO UPDATE
    SET times = times + 1, last_at = excluded.last_at, problem = excluded.problem, remarks = excluded.remarks
    RETURNING *`);
  const refused = db.prepare(
    `SELECT * FROM inbox AS one INDEXED BY inbox_refused WHERE answer <> 'AA' AND NOT EXISTS (
       SELECT 1 FROM inbox AS other WHERE other.sender = one.sender AND other.control_id = one.control_id
         AND other.sha256 = one.sha256 AND other.answer = 'AA')
     ORDER BY last_at DESC LIMIT ?`,
  );
  const remarked = db.prepare(
    "SELECT * FROM inbox WHERE answer = 'AA' AND remarks <> '[]' ORDER BY id DESC LIMIT ?",
  );
  return {
    knows: ({ sender, controlId, sha256 }) => known.get(sender, controlId, sha256) !== undefined,
    record(message, at) {
      const { sender, controlId, type, sha256, answer, problem, remarks } = message;
      const row = record.get(
        ...[sender, controlId, type, sha256, answer, JSON.stringify(problem), JSON.stringify(remarks)],
        at.toISOString(),
      );
      return toMessage(only(row));
    },
    refused: (limit) => refused.all(limit).map(toMessage),
    remarked: (limit) => remarked.all(limit).map(toMessage),
  };
}

function toMessage(row: Row): InboxMessage {
  return {
    id: number(row, 'id'),
    sender: text(row, 'sender'),
    controlId: text(row, 'control_id'),
    type: text(row, 'type'),
    sha256: text(row, 'sha256'),
    answer: word(row, 'answer', ANSWERS),
    problem: json(row, 'problem') as Problem | null,
    remarks: json(row, 'remarks') as readonly string[],
    firstAt: date(row, 'first_at'),
    lastAt: date(row, 'last_at'),
    times: number(row, 'times'),
  };
}
