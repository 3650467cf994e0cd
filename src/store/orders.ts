import type { DatabaseSync } from 'node:sqlite';
import { plainPatientId } from '../context/patient.ts';
import {
  SOURCES,
  STATEMENT_KINDS,
  topicOf,
  type NewStatement,
  type Said,
  type Statement,
} from '../context/statement.ts';
import { date, json, number, text, textOrNull, word, type Row } from './row.ts';

/** What the sources of orders said, all of it. Holds personal data. */
export interface Orders {
  /**
   * Puts a statement beside those before it and marks what it can change as stirred. Call it in a transaction.
   * @param patientId of a specimen's statement; kept in the form in which ids are compared
   */
  say(statement: NewStatement, at: Date): void;
  /** All that was said of a specimen, oldest first. */
  about(accession: string): Statement[];
  /** Measured sIL-2R of a patient, and its withdrawals, oldest first. */
  sil2rOf(patientId: string): Statement[];
  /** The statement that one of the same source, topic and key about the same specimen or patient would replace. */
  last(like: NewStatement): Statement | null;
  /** Accessions that an order statement names, the last mentioned first. */
  accessions(limit: number): string[];
  /** Measured sIL-2R of patients and specimens that no order names, the last first. */
  unmatchedSil2r(limit: number): Statement[];
  /** Accessions to look at again, at most so many. */
  stirred(limit: number): string[];
  /** An accession was looked at. */
  settle(accession: string): void;
  /** Accessions whose result waits for an order or sIL-2R, or is preliminary. */
  waiting(limit: number): string[];
}

export function createOrders(db: DatabaseSync): Orders {
  const insert = db.prepare(
    'INSERT INTO statements (source, kind, accession, patient_id, key, said, origin, as_of, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const stir = db.prepare('INSERT INTO stirred (accession) VALUES (?) ON CONFLICT DO NOTHING');
  const stirPatient = db.prepare(`
    INSERT INTO stirred (accession)
    SELECT DISTINCT accession FROM statements WHERE patient_id = ? AND kind = 'order' AND accession IS NOT NULL
    ON CONFLICT DO NOTHING`);
  const about = db.prepare('SELECT * FROM statements WHERE accession = ? ORDER BY id');
  const sil2rOf = db.prepare(
    "SELECT * FROM statements WHERE patient_id = ? AND kind IN ('sil2r', 'sil2r-withdrawn') ORDER BY id",
  );
  const accessions = db.prepare(`
    SELECT accession FROM statements WHERE accession IS NOT NULL AND kind IN ('order', 'cancelled', 'doubtful')
    GROUP BY accession ORDER BY max(id) DESC LIMIT ?`);
  const unmatched = db.prepare(`
    SELECT * FROM statements AS one WHERE kind = 'sil2r' AND NOT EXISTS (
      SELECT 1 FROM statements AS other WHERE other.kind IN ('order', 'cancelled')
        AND (other.patient_id = one.patient_id OR other.accession = one.accession))
    ORDER BY id DESC LIMIT ?`);
  const stirred = db.prepare('SELECT accession FROM stirred ORDER BY accession LIMIT ?');
  const settle = db.prepare('DELETE FROM stirred WHERE accession = ?');
  const waiting = db.prepare(`
    SELECT DISTINCT r.accession FROM results AS r JOIN result_versions AS v ON v.result_id = r.id
    WHERE r.accession IS NOT NULL
      AND (v.report_status = 'P' OR (v.disposition = 'held' AND
        (v.reasons LIKE '%"NO_ORDER"%' OR v.reasons LIKE '%"AWAITING_SIL2R"%')))
      AND NOT EXISTS (SELECT 1 FROM result_versions AS later WHERE later.result_id = r.id AND later.version > v.version)
    ORDER BY v.id DESC LIMIT ?`);

  return {
    say(statement, at) {
      const { source, kind, accession, key, said, origin, asOf } = statement;
      const patientId = statement.patientId === null ? null : plainPatientId(statement.patientId);
      insert.run(
        ...[source, kind, accession, patientId, key, JSON.stringify(said), origin, asOf, at.toISOString()],
      );
      if (accession !== null) stir.run(accession);
      if (patientId !== null && (kind === 'sil2r' || kind === 'sil2r-withdrawn')) stirPatient.run(patientId);
    },
    about: (accession) => about.all(accession).map(toStatement),
    sil2rOf: (patientId) => sil2rOf.all(plainPatientId(patientId)).map(toStatement),
    last({ source, kind, accession, patientId, key }) {
      const rows = accession === null ? sil2rOf.all(plainPatientId(patientId ?? '')) : about.all(accession);
      return (
        rows
          .map(toStatement)
          .findLast(
            (one) =>
              one.source === source &&
              one.key === key &&
              one.accession === accession &&
              topicOf(one.kind) === topicOf(kind),
          ) ?? null
      );
    },
    accessions: (limit) => accessions.all(limit).map((row) => text(row, 'accession')),
    unmatchedSil2r: (limit) => unmatched.all(limit).map(toStatement),
    stirred: (limit) => stirred.all(limit).map((row) => text(row, 'accession')),
    settle: (accession) => void settle.run(accession),
    waiting: (limit) => waiting.all(limit).map((row) => text(row, 'accession')),
  };
}

function toStatement(row: Row): Statement {
  return {
    id: number(row, 'id'),
    source: word(row, 'source', SOURCES),
    kind: word(row, 'kind', STATEMENT_KINDS),
    accession: textOrNull(row, 'accession'),
    patientId: textOrNull(row, 'patient_id'),
    key: text(row, 'key'),
    said: json(row, 'said') as Said,
    origin: text(row, 'origin'),
    asOf: textOrNull(row, 'as_of'),
    at: date(row, 'at'),
  };
}
