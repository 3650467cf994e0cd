import type { DatabaseSync } from 'node:sqlite';
import { dateOrNull, number, only, type Row } from './row.ts';

/** How much there is of something, and how much of that is older than a time. */
export interface Holding {
  readonly due: number;
  readonly dueBytes: number;
  readonly kept: number;
  readonly oldest: Date | null;
}

/** What retention is about, counted without changing anything. */
export interface Holdings {
  /** Pictures of traces. */
  figures(before: Date): Holding;
  /** Texts of messages that were delivered. */
  messages(before: Date): Holding;
  analyses(): Pick<Holding, 'kept' | 'oldest'>;
}

export function createHoldings(db: DatabaseSync): Holdings {
  const figures = db.prepare(`
    SELECT count(*) FILTER (WHERE added_at < ?1) AS due, count(*) AS kept, min(added_at) AS oldest,
      coalesce(sum(length(png)) FILTER (WHERE added_at < ?1), 0) AS bytes FROM pictures`);
  const messages = db.prepare(`
    SELECT count(*) FILTER (WHERE finished_at < ?1) AS due, count(*) AS kept, min(finished_at) AS oldest,
      coalesce(sum(length(bytes)) FILTER (WHERE finished_at < ?1), 0) AS bytes
    FROM outbox INDEXED BY outbox_delivered JOIN messages ON outbox_id = id
    WHERE state = 'delivered' AND bytes_removed_at IS NULL`);
  const analyses = db.prepare('SELECT count(*) AS kept, min(scored_at) AS oldest FROM analyses');
  return {
    figures: (before) => toHolding(only(figures.get(before.toISOString()))),
    messages: (before) => toHolding(only(messages.get(before.toISOString()))),
    analyses() {
      const row = only(analyses.get());
      return { kept: number(row, 'kept'), oldest: dateOrNull(row, 'oldest') };
    },
  };
}

/** `kept` is what stays. */
function toHolding(row: Row): Holding {
  const due = number(row, 'due');
  return {
    due,
    dueBytes: number(row, 'bytes'),
    kept: number(row, 'kept') - due,
    oldest: dateOrNull(row, 'oldest'),
  };
}
