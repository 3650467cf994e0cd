import type { Recorded } from '../result/issue.ts';
import type { Done } from '../result/review.ts';
import type { Risk } from '../risk/classify.ts';

/** What a person is told about what was decided; a line each. */
export function saidOf({ recorded, became, kept, also }: Done): readonly string[] {
  const { resultKey: key } = recorded;
  const lisKeeps =
    kept === null
      ? []
      : [
          `${key}  the LIS still has ${riskText(kept.risk)}, sent as ${kept.reportStatus ?? ''}; ` +
            `raisingd review withdraw ${key} takes it back`,
        ];
  return [`${key}  ${became.disposition}  ${sentOf(recorded)}`, ...lisKeeps, ...also.map(ofOther)];
}

function ofOther(recorded: Recorded): string {
  const { resultKey, file, decision } = recorded;
  const became =
    decision.kind === 'hold'
      ? `is held: ${decision.reasons.map(({ code }) => code).join(', ')}`
      : `takes its place: ${sentOf(recorded)}`;
  return `${resultKey}  ${file} ${became}`;
}

function sentOf({ messages }: Recorded): string {
  const sent = messages.map(({ controlId, destination }) => `${controlId} to ${destination}`);
  return sent.length === 0 ? 'nothing is sent' : sent.join(', ');
}

export function riskText(risk: Risk | null): string {
  return risk === null
    ? 'no value'
    : `Cv ${risk.cv.toFixed(2)} ${risk.tier}${risk.region === null ? '' : ` ${risk.region}`}`;
}
