import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { date, json, number, only, text } from './row.ts';
import type { Row } from './row.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Who did what to what. Ids, hashes and settings only: never the name of a patient. */
export interface AuditEvent {
  readonly at: Date;
  /** `raisingd`, or the person who gave the command. */
  readonly actor: string;
  /** Such as `result.released` or `queue.dropped`. */
  readonly action: string;
  /** What it was done to: an accession, a control ID, a result key. */
  readonly subject: string;
  /** Why, before, after. */
  readonly detail: Readonly<Record<string, Json>>;
}

/** Where the log of a database ends. */
export interface AuditEnd {
  readonly seq: number;
  readonly at: Date;
  readonly hash: string;
}

/** `head` is the hash of the last row: noted elsewhere, it proves that the rows up to it are still the same. */
export type AuditVerdict =
  | { readonly ok: true; readonly rows: number; readonly head: string }
  | { readonly ok: false; readonly firstBroken: number; readonly found: string };

export interface Audit {
  /** Call it in the transaction that does what the event tells of. */
  append(event: AuditEvent): void;
  /** What was done to any of the subjects, oldest first. */
  about(subjects: readonly string[]): AuditEvent[];
  /** The last row; null where there is none. */
  last(): AuditEnd | null;
  /** Hash of one row, by its number; null where there is none. Two databases with the same have the same past. */
  hashAt(seq: number): string | null;
  /** What was done after a row, oldest first. */
  after(seq: number): AuditEvent[];
  /** Recomputes the chain. Finds any row that was changed, taken out, put in or cut off the end. */
  verify(): AuditVerdict;
}

/** What the first row is chained to. */
const GENESIS = '0'.repeat(64);

export function createAudit(db: DatabaseSync): Audit {
  const last = db.prepare('SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const hashAt = db.prepare('SELECT hash FROM audit WHERE seq = ?');
  const after = db.prepare('SELECT * FROM audit WHERE seq > ? ORDER BY seq');
  const insert = db.prepare(
    'INSERT INTO audit (seq, at, actor, action, subject, detail, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const rows = db.prepare('SELECT * FROM audit ORDER BY seq');
  const about = db.prepare(
    'SELECT * FROM audit WHERE subject IN (SELECT value FROM json_each(?)) ORDER BY seq',
  );
  const issued = db.prepare("SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'audit'");
  // Not one more than the last row that is there: a cut end would be written over and never show.
  const next = db.prepare(`
    SELECT coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'audit'), 0) + 1 AS seq,
      coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '${GENESIS}') AS previous_hash`);

  const verify = (): AuditVerdict => {
    let seq = 0;
    let head = GENESIS;
    for (const row of rows.iterate()) {
      seq += 1;
      const found = faultOf(row, seq, head);
      if (found !== null) return { ok: false, firstBroken: seq, found };
      head = text(row, 'hash');
    }
    const written = number(only(issued.get()), 'seq');
    if (written !== seq) {
      const found = `${written} rows were written and ${seq} are there`;
      return { ok: false, firstBroken: seq + 1, found };
    }
    return { ok: true, rows: seq, head };
  };

  return {
    append(event) {
      const place = only(next.get());
      const row = [
        number(place, 'seq'),
        event.at.toISOString(),
        // SQLite keeps well-formed text only, and what is hashed has to be what is kept.
        ...[event.actor, event.action, event.subject].map((value) => value.toWellFormed()),
        JSON.stringify(event.detail),
        text(place, 'previous_hash'),
      ];
      insert.run(...row, hashOf(row));
    },
    last() {
      const row = last.get();
      return row === undefined
        ? null
        : { seq: number(row, 'seq'), at: date(row, 'at'), hash: text(row, 'hash') };
    },
    hashAt(seq) {
      const row = hashAt.get(seq);
      return row === undefined ? null : text(row, 'hash');
    },
    after: (seq) => after.all(seq).map(toEvent),
    about: (subjects) => about.all(JSON.stringify(subjects)).map(toEvent),
    verify() {
      if (db.isTransaction) return verify();
      // One look at the whole: the service may be writing meanwhile.
      db.exec('BEGIN');
      try {
        return verify();
      } finally {
        db.exec('COMMIT');
      }
    },
  };
}

function toEvent(row: Row): AuditEvent {
  return {
    at: date(row, 'at'),
    actor: text(row, 'actor'),
    action: text(row, 'action'),
    subject: text(row, 'subject'),
    detail: json(row, 'detail') as AuditEvent['detail'],
  };
}

/** The row as one JSON array, so that no two rows read the same; the detail is hashed as the text that is stored. */
function hashOf(row: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(row), 'hex');
}

function faultOf(row: Row, seq: number, previous: string): string | null {
  if (number(row, 'seq') !== seq) return `row ${seq} is missing`;
  if (text(row, 'previous_hash') !== previous) return `row ${seq} does not follow the row before it`;
  const columns = ['at', 'actor', 'action', 'subject', 'detail', 'previous_hash'];
  const expected = hashOf([seq, ...columns.map((column) => text(row, column))]);
  return text(row, 'hash') === expected ? null : `row ${seq} was changed`;
}
