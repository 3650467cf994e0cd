import type { Fields } from '../platform/log.ts';
import type { Summary } from '../store/summary.ts';

/** The summary as flat fields of one log line. */
export function summaryFields(summary: Summary): Fields {
  const { analyses, released, queues } = summary;
  const total = (of: 'queued' | 'held'): number => queues.reduce((sum, queue) => sum + queue[of], 0);
  return {
    files: summary.files,
    pass: analyses.pass,
    review: analyses.review,
    fail: analyses.fail,
    low: released.low,
    intermediate: released.intermediate,
    high: released.high,
    delivered: summary.delivered,
    heldResults: summary.heldResults,
    waitingResults: summary.waitingResults,
    queued: total('queued'),
    heldMessages: total('held'),
  };
}
