import type { DatabaseSync } from 'node:sqlite';
import type { Status } from '../clonality/score.ts';
import type { ControlKind } from '../release/controls.ts';
import type { Tier } from '../risk/classify.ts';
import type { QueueStats } from './outbox.ts';
import { CONTROL_KINDS } from './controls.ts';
import { number, numberOrNull, text, word } from './row.ts';

/** Seconds, to a tenth. */
export interface Latency {
  readonly median: number;
  readonly p95: number;
  readonly count: number;
}

export interface ControlSummary {
  readonly kind: ControlKind;
  readonly passed: number;
  readonly failed: number;
  readonly notJudged: number;
  /** Of those that have a value; null where none has. */
  readonly lowestCv: number | null;
  readonly highestCv: number | null;
}

/** What happened since a time, and what waits now. */
export interface Summary {
  /** Paths seen for the first time. */
  readonly files: number;
  readonly analyses: Readonly<Record<Status, number>>;
  /** Results released, by tier; several versions of one result count once, by the last. */
  readonly released: Readonly<Record<Tier, number>>;
  readonly delivered: number;
  /** From the last write to a trace file to the acknowledgement of its first result; null where there was none. */
  readonly latency: Latency | null;
  /** Control samples that were judged, by kind. */
  readonly controls: readonly ControlSummary[];
  /** Results that wait for a person now. */
  readonly heldResults: number;
  /** Results that wait for something to come by itself. */
  readonly waitingResults: number;
  /** Messages that wait now. */
  readonly queues: readonly QueueStats[];
}

/** What is counted over several tables; the rest of Summary is other tables' own. */
export type Counts = Pick<Summary, 'files' | 'analyses' | 'released' | 'latency' | 'controls'>;

export function createCounts(db: DatabaseSync): (since: Date) => Counts {
  const files = db.prepare("SELECT 'files' AS name, count(*) AS count FROM sightings WHERE first_seen >= ?");
  const analyses = db.prepare(
    'SELECT status AS name, count(*) AS count FROM analyses WHERE scored_at >= ? GROUP BY status',
  );
  const released = db.prepare(`
    SELECT risk ->> '$.tier' AS name, count(*) AS count FROM result_versions AS v
    WHERE decided_at >= ? AND disposition = 'released' AND risk <> 'null' AND NOT EXISTS (
      SELECT 1 FROM result_versions AS later WHERE later.result_id = v.result_id AND later.version > v.version)
    GROUP BY name`);

  // Of a file that was old when it came, the time says nothing about the service.
  const latencies = db.prepare(`
    SELECT took FROM (
      SELECT unixepoch(o.finished_at, 'subsec') -
        (SELECT min(mtime_ns) FROM sightings AS s WHERE s.sha256 = a.sha256) / 1e9 AS took
      FROM outbox AS o INDEXED BY outbox_delivered
      JOIN result_versions AS v ON v.id = o.result_version_id AND v.version = 1
      JOIN analyses AS a ON a.id = v.analysis_id
      WHERE o.state = 'delivered' AND o.bytes_removed_at IS NULL AND o.finished_at >= ?)
    WHERE took BETWEEN 0 AND 86400 ORDER BY took`);
  const controls = db.prepare(`
    SELECT kind, count(*) FILTER (WHERE verdict = 'passed') AS passed,
      count(*) FILTER (WHERE verdict = 'failed') AS failed,
      count(*) FILTER (WHERE verdict = 'not-judged') AS not_judged, min(cv) AS lowest, max(cv) AS highest
    FROM controls WHERE judged_at >= ? GROUP BY kind ORDER BY kind`);

  return (since) => {
    const from = since.toISOString();
    const counted = [files, analyses, released].flatMap((statement) =>
      statement.all(from).map((row) => [text(row, 'name'), number(row, 'count')] as const),
    );
    const count = new Map<string, number>(counted);
    const of = (name: string): number => count.get(name) ?? 0;
    return {
      files: of('files'),
      analyses: { pass: of('pass'), review: of('review'), fail: of('fail') },
      released: { low: of('low'), intermediate: of('intermediate'), high: of('high') },
      latency: latencyOf(latencies.all(from).map((row) => number(row, 'took'))),
      controls: controls.all(from).map((row) => ({
        kind: word(row, 'kind', CONTROL_KINDS),
        passed: number(row, 'passed'),
        failed: number(row, 'failed'),
        notJudged: number(row, 'not_judged'),
        lowestCv: numberOrNull(row, 'lowest'),
        highestCv: numberOrNull(row, 'highest'),
      })),
    };
  };
}

/** @param sorted seconds, ascending */
function latencyOf(sorted: readonly number[]): Latency | null {
  const at = (share: number): number =>
    Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)) / 10;
  return sorted.length === 0 ? null : { median: at(0.5), p95: at(0.95), count: sorted.length };
}
