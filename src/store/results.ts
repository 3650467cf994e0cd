import type { DatabaseSync } from 'node:sqlite';
import type { Context } from '../context/context.ts';
import type { ReportStatus } from '../hl7/report.ts';
import type { Reason } from '../reason.ts';
import type { Risk } from '../risk/classify.ts';
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
}

export interface ResultVersion extends NewVersion {
  readonly id: number;
  /** 1, 2, 3 … within the result. */
  readonly version: number;
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
  /** Results whose latest version is held, longest waiting first. */
  held(limit: number): { readonly result: Result; readonly version: ResultVersion }[];
  heldCount(): number;
  /**
   * OBR-22 for the next version of a result: `now` to the second, as HL7 writes it, or, where the clock went back,
   * one second after the last. Receivers drop what is not later.
   */
  nextReportedAt(resultId: number, now: Date): Date;
}

const IS_LATEST = `NOT EXISTS (SELECT 1 FROM result_versions AS later
  WHERE later.result_id = v.result_id AND later.version > v.version)`;

export function createResults(db: DatabaseSync): Results {
  const create = db.prepare(
    'INSERT INTO results (key, accession, assay, created_at) VALUES (?, ?, ?, ?) RETURNING id',
  );
  const add = db.prepare(`
    INSERT INTO result_versions (result_id, version, analysis_id, disposition, report_status, reasons, context, risk,
      cutoffs_version, reported_at, decided_at, decided_by)
    VALUES (?1, (SELECT coalesce(max(version), 0) + 1 FROM result_versions WHERE result_id = ?1),
      ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    RETURNING id, version`);
  const byId = db.prepare('SELECT * FROM results WHERE id = ?');
  const byKey = db.prepare('SELECT * FROM results WHERE key = ?');
  const byAccession = db.prepare('SELECT * FROM results WHERE accession = ? ORDER BY id');
  const versions = db.prepare('SELECT * FROM result_versions WHERE result_id = ? ORDER BY version');
  const latest = db.prepare(
    'SELECT * FROM result_versions WHERE result_id = ? ORDER BY version DESC LIMIT 1',
  );
  const held = db.prepare(`
    SELECT * FROM result_versions AS v INDEXED BY result_versions_held
    WHERE disposition = 'held' AND ${IS_LATEST} ORDER BY id LIMIT ?`);
  const heldCount = db.prepare(`
    SELECT count(*) AS count FROM result_versions AS v INDEXED BY result_versions_held
    WHERE disposition = 'held' AND ${IS_LATEST}`);
  const lastReported = db.prepare(
    'SELECT max(reported_at) AS reported_at FROM result_versions WHERE result_id = ?',
  );

  return {
    create(result) {
      const { key, accession, assay, createdAt } = result;
      return {
        id: number(only(create.get(key, accession, assay, createdAt.toISOString())), 'id'),
        ...result,
      };
    },
    addVersion(version) {
      const row = only(
        add.get(
          ...[version.resultId, version.analysisId, version.disposition, version.reportStatus],
          ...[version.reasons, version.context, version.risk].map((value) => JSON.stringify(value)),
          ...[version.cutoffsVersion, version.reportedAt?.toISOString() ?? null],
          ...[version.decidedAt.toISOString(), version.decidedBy],
        ),
      );
      return { ...version, id: number(row, 'id'), version: number(row, 'version') };
    },
    byId: (id) => orNull(byId.get(id), toResult),
    byKey: (key) => orNull(byKey.get(key), toResult),
    byAccession: (accession) => byAccession.all(accession).map(toResult),
    latest: (resultId) => orNull(latest.get(resultId), toVersion),
    versions: (resultId) => versions.all(resultId).map(toVersion),
    held: (limit) =>
      held.all(limit).map((row) => {
        const version = toVersion(row);
        return { result: toResult(only(byId.get(version.resultId))), version };
      }),
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
  };
}
