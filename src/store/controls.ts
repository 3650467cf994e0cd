import type { DatabaseSync } from 'node:sqlite';
import type { ControlKind, ControlVerdict, RunMark } from '../release/controls.ts';
import { date, number, numberOrNull, text, textOrNull, word } from './row.ts';
import type { Row } from './row.ts';

export const CONTROL_KINDS = ['positive', 'negative', 'other'] as const satisfies readonly ControlKind[];
const VERDICTS = ['passed', 'failed', 'not-judged'] as const satisfies readonly ControlVerdict[];

/** One control sample and how it was judged. */
export interface NewControl {
  readonly analysisId: number;
  /** The run or plate, as `controls.group` says; null where the file names none. */
  readonly group: string | null;
  readonly sample: string;
  readonly well: string | null;
  readonly kind: ControlKind;
  readonly verdict: ControlVerdict;
  /** Why, in words. */
  readonly detail: string;
  /** As reported; null without a value. */
  readonly cv: number | null;
  readonly judgedAt: Date;
}

export interface StoredControl extends NewControl, RunMark {
  readonly id: number;
  /** First 12 digits of the file's SHA-256. */
  readonly trace: string;
}

export interface Controls {
  add(control: NewControl): void;
  /** Oldest first; of all runs that ever had this name. */
  ofGroup(group: string): StoredControl[];
  /** Oldest first, for charts. */
  since(time: Date): StoredControl[];
}

export function createControls(db: DatabaseSync): Controls {
  const add = db.prepare(`
    INSERT INTO controls (analysis_id, run_group, sample, well, kind, verdict, detail, cv, judged_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const marked = `
    SELECT c.*, substr(a.sha256, 1, 12) AS trace, json_extract(a.origin, '$.startedAt') AS started_at,
      json_extract(a.origin, '$.serial') AS serial
    FROM controls AS c JOIN analyses AS a ON a.id = c.analysis_id`;
  const ofGroup = db.prepare(`${marked} WHERE c.run_group = ? ORDER BY c.id`);
  const since = db.prepare(`${marked} WHERE c.judged_at >= ? ORDER BY c.id`);
  return {
    add(control) {
      const { analysisId, group, sample, well, kind, verdict, detail, cv, judgedAt } = control;
      add.run(analysisId, group, sample, well, kind, verdict, detail, cv, judgedAt.toISOString());
    },
    ofGroup: (group) => ofGroup.all(group).map(toControl),
    since: (time) => since.all(time.toISOString()).map(toControl),
  };
}

function toControl(row: Row): StoredControl {
  return {
    id: number(row, 'id'),
    analysisId: number(row, 'analysis_id'),
    group: textOrNull(row, 'run_group'),
    sample: text(row, 'sample'),
    well: textOrNull(row, 'well'),
    kind: word(row, 'kind', CONTROL_KINDS),
    verdict: word(row, 'verdict', VERDICTS),
    detail: text(row, 'detail'),
    cv: numberOrNull(row, 'cv'),
    judgedAt: date(row, 'judged_at'),
    trace: text(row, 'trace'),
    startedAt: textOrNull(row, 'started_at'),
    serial: textOrNull(row, 'serial'),
  };
}
