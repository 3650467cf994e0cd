import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

type Row = Readonly<Record<string, unknown>>;

/** One analysis of one content, with the last version of a result that was made of it. */
export interface AnalysisRow {
  readonly sha256: string;
  readonly method: string;
  /** Null: there is no result of it. */
  readonly versionId: number | null;
  readonly resultKey: string | null;
  readonly disposition: string | null;
  readonly shadow: boolean;
  readonly reasons: string;
}

export interface MessageRow {
  readonly controlId: string;
  readonly destination: string;
  readonly resultKey: string;
  readonly versionId: number;
  readonly sha256: string;
  readonly state: string;
  /** Null where retention has removed them. */
  readonly bytes: Uint8Array | null;
}

export interface Ledger {
  readonly analyses: readonly AnalysisRow[];
  readonly messages: readonly MessageRow[];
  /** Names of files that were rejected unread. */
  readonly rejectedFiles: ReadonlySet<string>;
  /** SHA-256 of contents that were scored and set aside by policy. */
  readonly setAside: ReadonlySet<string>;
  /** What SQLite finds wrong with the file; empty where it is sound. */
  readonly damage: readonly string[];
}

const EMPTY: Ledger = {
  ...{ analyses: [], messages: [], damage: [] },
  ...{ rejectedFiles: new Set(), setAside: new Set() },
};

/** Reads the database with SQL of its own, beside the daemon or after its death. `whole`: looks for damage too. */
export function readLedger(file: string, { whole }: { readonly whole: boolean }): Ledger {
  if (!existsSync(file)) return EMPTY;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    db.exec('BEGIN');
    return {
      analyses: db.prepare(analysesQuery(db)).all().map(toAnalysis),
      messages: db.prepare(MESSAGES).all().map(toMessage),
      rejectedFiles: new Set(
        db.prepare("SELECT subject FROM audit WHERE action = 'file.rejected'").all().map(subjectOf),
      ),
      setAside: new Set(
        db
          .prepare(
            "SELECT json_extract(detail, '$.sha256') AS subject FROM audit WHERE action = 'analysis.set-aside'",
          )
          .all()
          .map(subjectOf),
      ),
      damage: whole ? damageOf(db) : [],
    };
  } finally {
    db.close();
  }
}

function analysesQuery(db: DatabaseSync): string {
  // A database that waits for its upgrade has no such column yet.
  const hasShadow = db
    .prepare("SELECT 1 FROM pragma_table_info('result_versions') WHERE name = 'shadow'")
    .get();
  return `
    SELECT a.sha256, a.assay || ' ' || a.estimator || ' ' || a.parameters AS method, v.id AS version_id,
      v.disposition, v.reasons, ${hasShadow === undefined ? '0' : 'v.shadow'} AS shadow, r.key
    FROM analyses a
    LEFT JOIN result_versions v ON v.id = (SELECT max(id) FROM result_versions WHERE analysis_id = a.id)
    LEFT JOIN results r ON r.id = v.result_id`;
}

const MESSAGES = `
  SELECT o.control_id, o.destination, o.result_key, o.result_version_id, o.bytes_sha256, o.state, m.bytes
  FROM outbox o LEFT JOIN messages m ON m.outbox_id = o.id ORDER BY o.id`;

function toAnalysis(row: Row): AnalysisRow {
  return {
    sha256: String(row['sha256']),
    method: String(row['method']),
    versionId: row['version_id'] === null ? null : Number(row['version_id']),
    resultKey: textOrNull(row['key']),
    disposition: textOrNull(row['disposition']),
    shadow: row['shadow'] === 1,
    reasons: String(row['reasons']),
  };
}

function toMessage(row: Row): MessageRow {
  return {
    controlId: String(row['control_id']),
    destination: String(row['destination']),
    resultKey: String(row['result_key']),
    versionId: Number(row['result_version_id']),
    sha256: String(row['bytes_sha256']),
    state: String(row['state']),
    bytes: row['bytes'] instanceof Uint8Array ? row['bytes'] : null,
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const subjectOf = (row: Row): string => String(row['subject']);

function damageOf(db: DatabaseSync): string[] {
  const problems = db
    .prepare('PRAGMA integrity_check(3)')
    .all()
    .map((row) => String(row['integrity_check']));
  const strays = db
    .prepare('PRAGMA foreign_key_check')
    .all()
    .map((row) => `a row of ${String(row['table'])} refers to nothing`);
  return [...problems.filter((line) => line !== 'ok'), ...strays];
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
