import type { DatabaseSync } from 'node:sqlite';
import type { Analysis } from '../analysis.ts';
import type { Status } from '../clonality/score.ts';
import { date, json, number, numberOrNull, only, text, textOrNull, word } from './row.ts';
import type { Row } from './row.ts';

const STATUSES = ['pass', 'review', 'fail'] as const satisfies readonly Status[];

/** What is known of an analysis beside what the file says. */
export interface AnalysisFacts {
  /** The file's name as people read it. */
  readonly file: string;
  readonly scoredAt: Date;
  /** See injectionKey in src/trace/trace.ts. */
  readonly injectionKey: string | null;
  readonly accession: string | null;
}

export interface StoredAnalysis extends AnalysisFacts {
  readonly id: number;
  readonly analysis: Analysis;
}

export interface Analyses {
  /** Stores an analysis once: the same content and method again gives the id of the first, which stays as it is. */
  insert(analysis: Analysis, facts: AnalysisFacts): { readonly id: number; readonly isNew: boolean };
  byId(id: number): StoredAnalysis | null;
  /** All analyses of one file content, oldest first. */
  bySha256(sha256: string): StoredAnalysis[];
  /** The other analyses of one injection, oldest first: there are some where the instrument re-analysed it. */
  byInjection(injectionKey: string, exceptId: number): StoredAnalysis[];
  /** The other analyses of an accession, oldest first: earlier injections of the same specimen. */
  byAccession(accession: string, exceptId: number): StoredAnalysis[];
  /** All analyses of the traces of all runs or plates that ever had this name, oldest first. */
  byRun(group: 'run' | 'plate', name: string): StoredAnalysis[];
}

export function createAnalyses(db: DatabaseSync): Analyses {
  const insert = db.prepare(`
    INSERT INTO analyses (sha256, assay, parameters, estimator, file, scored_at, injection_key, accession, status,
      cv_raw, cv_low, cv_high, reasons, junction, quality, alternatives, origin, calibration)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (sha256, assay, parameters, estimator) DO NOTHING`);
  const existing = db.prepare(
    'SELECT id FROM analyses WHERE sha256 = ? AND assay = ? AND parameters = ? AND estimator = ?',
  );
  const byId = db.prepare('SELECT * FROM analyses WHERE id = ?');
  const bySha256 = db.prepare('SELECT * FROM analyses WHERE sha256 = ? ORDER BY id');
  const byInjection = db.prepare('SELECT * FROM analyses WHERE injection_key = ? AND id <> ? ORDER BY id');
  const byAccession = db.prepare('SELECT * FROM analyses WHERE accession = ? AND id <> ? ORDER BY id');
  const byRun = {
    run: db.prepare("SELECT * FROM analyses WHERE json_extract(origin, '$.run') = ? ORDER BY id"),
    plate: db.prepare("SELECT * FROM analyses WHERE json_extract(origin, '$.plate') = ? ORDER BY id"),
  };

  return {
    insert(a, facts) {
      const [low, high] = a.cvInterval ?? [null, null];
      const { changes, lastInsertRowid } = insert.run(
        ...[a.sha256, a.assay, a.parameters, a.estimator],
        ...[facts.file, facts.scoredAt.toISOString(), facts.injectionKey, facts.accession],
        ...[a.status, a.cvRaw, low, high],
        ...[a.reasons, a.junction, a.quality, a.alternatives, a.origin, a.calibration].map((value) =>
          JSON.stringify(value),
        ),
      );
      if (changes > 0) return { id: Number(lastInsertRowid), isNew: true };
      const row = only(existing.get(a.sha256, a.assay, a.parameters, a.estimator));
      return { id: number(row, 'id'), isNew: false };
    },
    byId(id) {
      const row = byId.get(id);
      return row === undefined ? null : toStored(row);
    },
    bySha256: (sha256) => bySha256.all(sha256).map(toStored),
    byInjection: (key, exceptId) => byInjection.all(key, exceptId).map(toStored),
    byAccession: (accession, exceptId) => byAccession.all(accession, exceptId).map(toStored),
    byRun: (group, name) => byRun[group].all(name).map(toStored),
  };
}

function toStored(row: Row): StoredAnalysis {
  const cvRaw = numberOrNull(row, 'cv_raw');
  return {
    id: number(row, 'id'),
    file: text(row, 'file'),
    scoredAt: date(row, 'scored_at'),
    injectionKey: textOrNull(row, 'injection_key'),
    accession: textOrNull(row, 'accession'),
    analysis: {
      sha256: text(row, 'sha256'),
      assay: text(row, 'assay'),
      parameters: text(row, 'parameters'),
      origin: json(row, 'origin') as Analysis['origin'],
      status: word(row, 'status', STATUSES),
      cvRaw,
      cvInterval: cvRaw === null ? null : [number(row, 'cv_low'), number(row, 'cv_high')],
      reasons: json(row, 'reasons') as Analysis['reasons'],
      estimator: text(row, 'estimator'),
      junction: json(row, 'junction') as Analysis['junction'],
      quality: json(row, 'quality') as Analysis['quality'],
      alternatives: json(row, 'alternatives') as Analysis['alternatives'],
      calibration: json(row, 'calibration') as Analysis['calibration'],
    },
  };
}
