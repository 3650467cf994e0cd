import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tell, type Told } from './hl7.ts';

type Row = Readonly<Record<string, unknown>>;

/** One analysis of one content. */
export interface AnalysisRow {
  readonly id: number;
  readonly sha256: string;
  readonly method: string;
}

export interface VersionRow {
  readonly id: number;
  readonly analysisId: number;
  readonly resultKey: string;
  readonly disposition: string;
  /** What is told to the LIS by it, as P, F, C or X; null: nothing. */
  readonly status: string | null;
  /** The value with its tier and region. */
  readonly value: string;
  readonly shadow: boolean;
  readonly reasons: string;
}

export interface MessageRow {
  readonly controlId: string;
  readonly destination: string;
  readonly versionId: number;
  /** As it was when the message was made. */
  readonly sha256: string;
  readonly state: string;
  /** Of the bytes as they are now; null where retention has removed them. */
  readonly bytes: { readonly sha256: string; readonly told: Told | null } | null;
}

export interface Ledger {
  readonly analyses: readonly AnalysisRow[];
  /** Oldest first, as the messages are. */
  readonly versions: readonly VersionRow[];
  readonly messages: readonly MessageRow[];
  /** Stamps of the files that lay there unusable when they were looked at last (stampOf). */
  readonly unusable: ReadonlySet<string>;
  /** Name of each file that was rejected, once for each time. */
  readonly rejections: readonly string[];
  /** SHA-256 of contents that were scored and set aside by policy. */
  readonly setAside: ReadonlySet<string>;
  /** What SQLite finds wrong with the file; empty where it is sound. */
  readonly damage: readonly string[];
}

const EMPTY: Ledger = {
  ...{ analyses: [], versions: [], messages: [], rejections: [], damage: [] },
  ...{ unusable: new Set(), setAside: new Set() },
};

/** By what a file on its path is told from one that was there before. */
export function stampOf(path: Uint8Array, size: number | bigint, mtimeNs: bigint): string {
  return `${Buffer.from(path).toString('hex')} ${String(size)} ${String(mtimeNs)}`;
}

/** Reads the database with SQL of its own, beside the daemon or after its death. `whole`: looks for damage too. */
export function readLedger(file: string, { whole }: { readonly whole: boolean }): Ledger {
  if (!existsSync(file)) return EMPTY;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  const rows = <T>(query: string, read: (row: Row) => T): T[] =>
    Array.from(db.prepare(query).iterate(), read);
  try {
    db.exec('BEGIN');
    return {
      analyses: rows(ANALYSES, toAnalysis),
      versions: rows(versionsQuery(db), toVersion),
      messages: rows(MESSAGES, toMessage),
      unusable: new Set(rows(UNUSABLE, toStamp)),
      rejections: rows("SELECT subject FROM audit WHERE action = 'file.rejected'", subjectOf),
      setAside: new Set(rows(SET_ASIDE, subjectOf)),
      damage: whole ? damageOf(db) : [],
    };
  } finally {
    db.close();
  }
}

const ANALYSES = "SELECT id, sha256, assay || ' ' || estimator || ' ' || parameters AS method FROM analyses";

function versionsQuery(db: DatabaseSync): string {
  // A database that waits for its upgrade has no such column yet.
  const hasShadow = db
    .prepare("SELECT 1 FROM pragma_table_info('result_versions') WHERE name = 'shadow'")
    .get();
  return `
    SELECT v.id, v.analysis_id, v.disposition, v.report_status, v.reasons, r.key,
      json_array(v.risk ->> '$.cv', v.risk ->> '$.tier', v.risk ->> '$.region') AS value,
      ${hasShadow === undefined ? '0' : 'v.shadow'} AS shadow
    FROM result_versions v LEFT JOIN results r ON r.id = v.result_id ORDER BY v.id`;
}

const MESSAGES = `
  SELECT o.control_id, o.destination, o.result_version_id, o.bytes_sha256, o.state, m.bytes
  FROM outbox o LEFT JOIN messages m ON m.outbox_id = o.id ORDER BY o.id`;

// The time does not fit a JavaScript number.
const UNUSABLE = 'SELECT path, size, CAST(mtime_ns AS TEXT) AS mtime_ns FROM sightings WHERE sha256 IS NULL';

const SET_ASIDE = "SELECT detail ->> '$.sha256' AS subject FROM audit WHERE action = 'analysis.set-aside'";

function toAnalysis(row: Row): AnalysisRow {
  return { id: Number(row['id']), sha256: String(row['sha256']), method: String(row['method']) };
}

function toVersion(row: Row): VersionRow {
  return {
    id: Number(row['id']),
    analysisId: Number(row['analysis_id']),
    resultKey: textOrNull(row['key']) ?? '',
    disposition: String(row['disposition']),
    status: textOrNull(row['report_status']),
    value: String(row['value']),
    shadow: row['shadow'] === 1,
    reasons: String(row['reasons']),
  };
}

function toMessage(row: Row): MessageRow {
  const { bytes } = row;
  return {
    controlId: String(row['control_id']),
    destination: String(row['destination']),
    versionId: Number(row['result_version_id']),
    sha256: String(row['bytes_sha256']),
    state: String(row['state']),
    bytes: bytes instanceof Uint8Array ? { sha256: sha256(bytes), told: tell(bytes) } : null,
  };
}

function toStamp({ path, size, mtime_ns: mtimeNs }: Row): string {
  if (!(path instanceof Uint8Array)) throw new TypeError('the path of a sighting is not bytes');
  return stampOf(path, Number(size), BigInt(String(mtimeNs)));
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const subjectOf = (row: Row): string => String(row['subject']);

function damageOf(db: DatabaseSync): string[] {
  const all = (pragma: string, read: (row: Row) => string): string[] =>
    db.prepare(`PRAGMA ${pragma}`).all().map(read);
  try {
    const problems = all('integrity_check(3)', (row) => String(row['integrity_check']));
    const strays = all('foreign_key_check', (row) => `a row of ${String(row['table'])} refers to nothing`);
    return [...problems.filter((line) => line !== 'ok'), ...strays];
  } catch (error) {
    // Some damage is too much for SQLite to look at.
    return [`the database cannot be examined: ${String(error)}`];
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
