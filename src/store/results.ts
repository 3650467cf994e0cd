import type { DatabaseSync } from 'node:sqlite';
import type { Context } from '../context/context.ts';
import type { ReportStatus } from '../hl7/report.ts';
import type { Reason } from '../reason.ts';
import type { Risk } from '../risk/classify.ts';
import { MAY_ARRIVE } from './outbox-item.ts';
import { date, dateOrNull, json, number, only, text, textOrNull, word, wordOrNull } from './row.ts';
import type { Row } from './row.ts';

const DISPOSITIONS = ['released', 'held', 'rejected', 'control'] as const;
/**
 * released: reported. held: a person decides; the only one that is not an end. rejected: a person decided against
 * it. control: a control sample, never reported. A later version takes the place of any of them.
 */
export type Disposition = (typeof DISPOSITIONS)[number];

const REPORT_STATUSES = ['P', 'F', 'C', 'X'] as const satisfies readonly ReportStatus[];

/** What is reported for one order, through all its versions. */
export interface Result {
  readonly id: number;
  /** OBR-3. */
  readonly key: string;
  /** Null where the trace has none, or more than one. */
  readonly accession: string | null;
  readonly assay: string;
  readonly createdAt: Date;
}

export interface NewVersion {
  readonly resultId: number;
  readonly analysisId: number;
  readonly disposition: Disposition;
  /** OBR-25; null where nothing is reported. */
  readonly reportStatus: ReportStatus | null;
  readonly reasons: readonly Reason[];
  /** What was known of the sample when this was decided. */
  readonly context: Context | null;
  readonly risk: Risk | null;
  readonly cutoffsVersion: string;
  /** OBR-22, see nextReportedAt; null when and only when reportStatus is. */
  readonly reportedAt: Date | null;
  readonly decidedAt: Date;
  /** AUTO, or the person who decided. */
  readonly decidedBy: string;
  /** Until when a held version waits for something to come by itself; null or absent: for a person. */
  readonly waitsUntil?: Date | null;
  /** Decided in shadow mode: nothing was sent. */
  readonly shadow?: boolean;
}

export interface ResultVersion extends NewVersion {
  readonly id: number;
  /** 1, 2, 3 … within the result. */
  readonly version: number;
  readonly waitsUntil: Date | null;
  readonly shadow: boolean;
}

/** The last message of a result that one destination has, will have, or may have. */
export interface LastSent {
  /** MSH-10. */
  readonly controlId: string;
  readonly version: ResultVersion;
}

/** A result as it stands in the LIS. */
export interface Standing {
  readonly result: Result;
  readonly version: ResultVersion;
}

export interface Results {
  create(result: Omit<Result, 'id'>): Result;
  /** Adds the next version; the earlier ones stay as they are. */
  addVersion(version: NewVersion): ResultVersion;
  byId(id: number): Result | null;
  byKey(key: string): Result | null;
  /** Oldest first. */
  byAccession(accession: string): Result[];
  latest(resultId: number): ResultVersion | null;
  /** First to last. */
  versions(resultId: number): ResultVersion[];
  /** Results whose latest version is held for a person, longest waiting first. */
  held(limit: number): Standing[];
  heldCount(): number;
  /** Results whose latest version waits for something to come by itself, soonest due first. */
  waiting(limit: number, inShadow: boolean): Standing[];
  waitingCount(): number;
  /** The result that an analysis belongs to. */
  byAnalysis(analysisId: number): Result | null;
  /**
   * What one destination was sent last of a result. What a person dropped counts where it may have arrived, but for a
   * withdrawal: what that was to withdraw may still be there.
   * @param names all that the destination has or had
   */
  lastSent(resultId: number, names: readonly string[]): LastSent | null;
  /** Results of a patient id that were reported since a time, latest report first, each as it was reported last. */
  reportedOf(patientId: string, since: Date): Standing[];
  /** Results that were reported since a time, oldest first, each as it was reported last. */
  reportedSince(since: Date): Standing[];
  /**
   * OBR-22 for the next version of a result: `now` to the second, as HL7 writes it, or, where the clock went back,
   * one second after the last. Receivers drop what is not later.
   */
  nextReportedAt(resultId: number, now: Date): Date;
}

const IS_LATEST = `NOT EXISTS (SELECT 1 FROM result_versions AS later
  WHERE later.result_id = v.result_id AND later.version > v.version)`;

/** Nothing was reported after it, neither a value nor that there is none. */
const IS_LAST_REPORT = `NOT EXISTS (SELECT 1 FROM result_versions AS later
  WHERE later.result_id = v.result_id AND later.version > v.version
    AND later.reported_at IS NOT NULL AND later.shadow = 0)`;

export function createResults(db: DatabaseSync): Results {
  const create = db.prepare('INSERT INTO results (key, accession, assay, created_at) VALUES (?, ?, ?, ?)');
  const add = db.prepare(`
    INSERT INTO result_versions (result_id, version, analysis_id, disposition, report_status, reasons, context, risk,
      cutoffs_version, reported_at, decided_at, decided_by, waits_until, shadow)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const next = db.prepare(
    'SELECT coalesce(max(version), 0) + 1 AS version FROM result_versions WHERE result_id = ?',
  );
  const byId = db.prepare('SELECT * FROM results WHERE id = ?');
  const byKey = db.prepare('SELECT * FROM results WHERE key = ?');
  const byAccession = db.prepare('SELECT * FROM results WHERE accession = ? ORDER BY id');
  const versions = db.prepare('SELECT * FROM result_versions WHERE result_id = ? ORDER BY version');
  const latest = db.prepare(
    'SELECT * FROM result_versions WHERE result_id = ? ORDER BY version DESC LIMIT 1',
  );
  const held = db.prepare(`
    SELECT * FROM result_versions AS v INDEXED BY result_versions_held
    WHERE disposition = 'held' AND waits_until IS NULL AND shadow = 0 AND ${IS_LATEST} ORDER BY id LIMIT ?`);
  const heldCount = db.prepare(`
    SELECT count(*) AS count FROM result_versions AS v INDEXED BY result_versions_held
    WHERE disposition = 'held' AND waits_until IS NULL AND shadow = 0 AND ${IS_LATEST}`);
  const waiting = db.prepare(`
    SELECT * FROM result_versions AS v INDEXED BY result_versions_waiting
    WHERE waits_until IS NOT NULL AND shadow = ? AND ${IS_LATEST} ORDER BY waits_until, id LIMIT ?`);
  const waitingCount = db.prepare(`
    SELECT count(*) AS count FROM result_versions AS v INDEXED BY result_versions_waiting
    WHERE waits_until IS NOT NULL AND shadow = 0 AND ${IS_LATEST}`);
  const byAnalysis = db.prepare(`
    SELECT * FROM results WHERE id = (SELECT result_id FROM result_versions WHERE analysis_id = ? ORDER BY id LIMIT 1)`);
  const lastSent = db.prepare(`
    SELECT o.control_id, v.* FROM result_versions AS v
    JOIN outbox AS o INDEXED BY outbox_version ON o.result_version_id = v.id
    WHERE v.result_id = ? AND o.destination IN (SELECT value FROM json_each(?)) AND ${MAY_ARRIVE}
      AND (o.state <> 'dropped' OR v.report_status <> 'X') ORDER BY o.id DESC LIMIT 1`);
  const reportedOf = db.prepare(`
    SELECT * FROM result_versions AS v INDEXED BY result_versions_patient
    WHERE json_extract(context, '$.patient.id') = ?1 AND disposition = 'released' AND reported_at >= ?2
      AND shadow = 0 AND ${IS_LAST_REPORT} ORDER BY reported_at DESC, id DESC`);
  const reportedSince = db.prepare(`
    SELECT * FROM result_versions AS v
    WHERE reported_at >= ? AND shadow = 0 AND disposition = 'released' AND ${IS_LAST_REPORT} ORDER BY id`);
  const lastReported = db.prepare(
    'SELECT max(reported_at) AS reported_at FROM result_versions WHERE result_id = ?',
  );

  const standing = (row: Row): Standing => {
    const version = toVersion(row);
    return { result: toResult(only(byId.get(version.resultId))), version };
  };

  return {
    create(result) {
      const { key, accession, assay, createdAt } = result;
      const { lastInsertRowid } = create.run(key, accession, assay, createdAt.toISOString());
      return { id: Number(lastInsertRowid), ...result };
    },
    addVersion(added) {
      const { waitsUntil = null, shadow = false } = added;
      // A writer that comes between them would break the UNIQUE of result and version, and nothing would be added.
      const version = number(only(next.get(added.resultId)), 'version');
      const { lastInsertRowid } = add.run(
        ...[added.resultId, version, added.analysisId, added.disposition, added.reportStatus],
        ...[added.reasons, added.context, added.risk].map((value) => JSON.stringify(value)),
        ...[added.cutoffsVersion, added.reportedAt?.toISOString() ?? null],
        ...[added.decidedAt.toISOString(), added.decidedBy],
        ...[waitsUntil?.toISOString() ?? null, shadow ? 1 : 0],
      );
      return { ...added, waitsUntil, shadow, id: Number(lastInsertRowid), version };
    },
    byId: (id) => orNull(byId.get(id), toResult),
    byKey: (key) => orNull(byKey.get(key), toResult),
    byAccession: (accession) => byAccession.all(accession).map(toResult),
    latest: (resultId) => orNull(latest.get(resultId), toVersion),
    versions: (resultId) => versions.all(resultId).map(toVersion),
    held: (limit) => held.all(limit).map(standing),
    waiting: (limit, inShadow) => waiting.all(inShadow ? 1 : 0, limit).map(standing),
    waitingCount: () => number(only(waitingCount.get()), 'count'),
    byAnalysis: (analysisId) => orNull(byAnalysis.get(analysisId), toResult),
    lastSent: (resultId, names) =>
      orNull(lastSent.get(resultId, JSON.stringify(names)), (row) => ({
        controlId: text(row, 'control_id'),
        version: toVersion(row),
      })),
    reportedOf: (patientId, since) => reportedOf.all(patientId, since.toISOString()).map(standing),
    reportedSince: (since) => reportedSince.all(since.toISOString()).map(standing),
    heldCount: () => number(only(heldCount.get()), 'count'),
    nextReportedAt(resultId, now) {
      const last = dateOrNull(only(lastReported.get(resultId)), 'reported_at');
      const wholeSecond = (time: Date): number => Math.floor(time.getTime() / 1000);
      const earliest = last === null ? -Infinity : wholeSecond(last) + 1;
      return new Date(1000 * Math.max(wholeSecond(now), earliest));
    },
  };
}

function orNull<T>(row: Row | undefined, read: (row: Row) => T): T | null {
  return row === undefined ? null : read(row);
}

function toResult(row: Row): Result {
  return {
    id: number(row, 'id'),
    key: text(row, 'key'),
    accession: textOrNull(row, 'accession'),
    assay: text(row, 'assay'),
    createdAt: date(row, 'created_at'),
  };
}

function toVersion(row: Row): ResultVersion {
  return {
    id: number(row, 'id'),
    resultId: number(row, 'result_id'),
    version: number(row, 'version'),
    analysisId: number(row, 'analysis_id'),
    disposition: word(row, 'disposition', DISPOSITIONS),
    reportStatus: wordOrNull(row, 'report_status', REPORT_STATUSES),
    reasons: json(row, 'reasons') as readonly Reason[],
    context: json(row, 'context') as Context | null,
    risk: json(row, 'risk') as Risk | null,
    cutoffsVersion: text(row, 'cutoffs_version'),
    reportedAt: dateOrNull(row, 'reported_at'),
    decidedAt: date(row, 'decided_at'),
    decidedBy: text(row, 'decided_by'),
    waitsUntil: dateOrNull(row, 'waits_until'),
    shadow: number(row, 'shadow') === 1,
  };
}
