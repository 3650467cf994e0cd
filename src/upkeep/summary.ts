import type { Fields } from '../platform/log.ts';
import type { ControlSummary, Summary } from '../store/summary.ts';

/** The summary as flat fields of one log line. Figures alone: no name of anything. */
export function summaryFields(summary: Summary): Fields {
  const { analyses, released, latency, controls } = summary;
  return {
    files: summary.files,
    pass: analyses.pass,
    review: analyses.review,
    fail: analyses.fail,
    low: released.low,
    intermediate: released.intermediate,
    high: released.high,
    delivered: summary.delivered,
    medianSeconds: latency?.median ?? null,
    p95Seconds: latency?.p95 ?? null,
    heldResults: summary.heldResults,
    waitingResults: summary.waitingResults,
    queued: total(summary, 'queued'),
    heldMessages: total(summary, 'held'),
    controls: controls.map(controlWords),
  };
}

/** The same as one line for people, such as the weekly one that goes to the alert channels. */
export function summaryText(span: string, summary: Summary): string {
  const { analyses, released, latency, controls } = summary;
  const traces = analyses.pass + analyses.review + analyses.fail;
  return [
    `${span}: ${traces} traces (${analyses.pass} pass, ${analyses.review} review, ${analyses.fail} fail)`,
    `released ${released.low} low, ${released.intermediate} intermediate, ${released.high} high`,
    `${summary.delivered} delivered${latency === null ? '' : `, half of them within ${latency.median} s of the file and 95 % within ${latency.p95} s`}`,
    `now ${summary.heldResults} results and ${total(summary, 'held')} messages held, ${total(summary, 'queued')} messages unsent`,
    controls.length === 0 ? 'no controls' : `controls: ${controls.map(controlWords).join('; ')}`,
  ].join('; ');
}

function controlWords({ kind, passed, failed, notJudged, lowestCv, highestCv }: ControlSummary): string {
  const cv =
    lowestCv === null || highestCv === null ? '' : `, Cv ${lowestCv.toFixed(2)}-${highestCv.toFixed(2)}`;
  const other = notJudged === 0 ? '' : `, ${notJudged} not judged`;
  return `${kind} ${passed} passed, ${failed} failed${other}${cv}`;
}

function total({ queues }: Summary, of: 'queued' | 'held'): number {
  return queues.reduce((sum, queue) => sum + queue[of], 0);
}
