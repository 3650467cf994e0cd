import type { DatabaseSync } from 'node:sqlite';
import type { Status } from '../clonality/score.ts';
import type { Tier } from '../risk/classify.ts';
import type { QueueStats } from './outbox.ts';
import { number, text } from './row.ts';

/** What happened since a time, and what waits now. */
export interface Summary {
  /** Paths seen for the first time. */
  readonly files: number;
  readonly analyses: Readonly<Record<Status, number>>;
  /** Results released, by tier; several versions of one result count once, by the last. */
  readonly released: Readonly<Record<Tier, number>>;
  readonly delivered: number;
  /** Results that wait for a person now. */
  readonly heldResults: number;
  /** Results that wait for something to come by itself. */
  readonly waitingResults: number;
  /** Messages that wait now. */
  readonly queues: readonly QueueStats[];
}

/** Counts of files, analyses and released results since a time; the rest of Summary is other tables' own. */
export type Counts = Pick<Summary, 'files' | 'analyses' | 'released'>;

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
    };
  };
}
