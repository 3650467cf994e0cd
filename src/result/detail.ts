import type { Message } from '../hl7/compose.ts';
import type { ResultVersion } from '../store/results.ts';
import type { Verdict } from './verdict.ts';

/** What the audit keeps of one version of a result: no name of a patient. */
export function detailOf(
  { stored: { analysis }, risk, sent, why, cutoffsVersion }: Verdict,
  added: ResultVersion,
  messages: readonly Message[],
) {
  return {
    version: added.version,
    sha256: analysis.sha256,
    status: analysis.status,
    cv: risk?.cv ?? null,
    tier: risk?.tier ?? null,
    region: risk?.region ?? null,
    report: added.reportStatus,
    before: sent === null ? null : [sent.status, sent.risk?.cv ?? null, sent.risk?.region ?? null],
    reasons: added.reasons.map(({ code }) => code),
    why,
    waitsUntil: added.waitsUntil?.toISOString() ?? null,
    messages: messages.map(({ controlId }) => controlId),
    shadow: added.shadow,
    estimator: analysis.estimator,
    calibration: analysis.calibration?.hash ?? null,
    parameters: analysis.parameters,
    cutoffs: cutoffsVersion,
  };
}
