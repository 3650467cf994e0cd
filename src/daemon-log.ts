import type { CourierEvent } from './deliver/courier.ts';
import type { Recorded } from './pipeline.ts';
import type { Log } from './platform/log.ts';

/**
 * One line for each trace that was recorded. Ids, codes and figures only: a file name, a sample name or an
 * accession may hold a patient's name, so none of them is logged; `raisingd status` and the database have them.
 */
export function logRecorded(
  log: Log,
  { trace, analysis, risk, decision, resultKey, messages }: Recorded,
): void {
  const fields = {
    trace,
    result: resultKey,
    status: analysis.status,
    cv: risk?.cv ?? null,
    tier: risk?.tier ?? null,
    region: risk?.region ?? null,
    reasons: analysis.reasons.map(({ code }) => code),
  };
  switch (decision.kind) {
    case 'release':
      log.info('A result was released', {
        ...fields,
        report: decision.status,
        controlIds: messages.map(({ controlId }) => controlId),
      });
      return;
    case 'hold':
      log.warn('A result is held for a person', {
        ...fields,
        reasons: decision.reasons.map(({ code }) => code),
      });
      return;
    case 'control':
      log.info('A control was scored', fields);
      return;
  }
}

/** @param trace the id of the trace whose message it is; null where the event is about the link */
export function logCourier(log: Log, event: CourierEvent, trace: string | null): void {
  const { destination } = event;
  switch (event.kind) {
    case 'delivered':
      log.info('A message was delivered', {
        trace,
        destination,
        controlId: event.controlId,
        ms: event.ms,
        outcome: event.outcome,
      });
      return;
    case 'held':
      log.error('A message is held for a person', {
        trace,
        destination,
        controlId: event.controlId,
        outcome: event.outcome,
      });
      return;
    case 'retry':
      log.warn('A message will be sent again', {
        trace,
        destination,
        controlId: event.controlId,
        outcome: event.outcome,
      });
      return;
    case 'down':
      log.error('A destination is down', {
        destination,
        since: event.since.toISOString(),
        outcome: event.outcome,
      });
      return;
    case 'up':
      log.info('A destination is back', {
        destination,
        since: event.since.toISOString(),
        outageMs: event.outageMs,
      });
      return;
  }
}
