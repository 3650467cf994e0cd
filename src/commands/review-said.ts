import type { Words } from '../language/words.ts';
import type { Recorded } from '../result/issue.ts';
import type { Done } from '../result/review.ts';
import type { Risk } from '../risk/classify.ts';

/** What a person is told about what was decided; a line each. */
export function saidOf({ recorded, became, kept, also }: Done, words: Words): readonly string[] {
  const { resultKey: key } = recorded;
  const lisKeeps =
    kept === null ? [] : [words.review.lisKeeps(key, riskText(kept.risk, words), kept.reportStatus ?? '')];
  return [
    `${key}  ${words.dispositions[became.disposition]}  ${sentOf(recorded, words)}`,
    ...lisKeeps,
    ...recorded.untold.map((name) => words.review.untold(key, name)),
    ...also.map((one) => ofOther(one, words)),
  ];
}

/** The same for programs. */
export function saidInJson({ recorded, became, kept, also }: Done): object {
  return {
    id: recorded.resultKey,
    disposition: became.disposition,
    messages: recorded.messages.map(({ controlId, destination }) => ({ controlId, destination })),
    lisKeeps: kept === null ? null : { status: kept.reportStatus, cv: kept.risk?.cv ?? null },
    also: also.map(({ resultKey, decision, messages }) => ({
      id: resultKey,
      disposition: decision.kind === 'hold' ? 'held' : 'released',
      reasons: decision.kind === 'hold' ? decision.reasons.map(({ code }) => code) : [],
      messages: messages.map(({ controlId, destination }) => ({ controlId, destination })),
    })),
  };
}

function ofOther(recorded: Recorded, words: Words): string {
  const { resultKey, file, decision } = recorded;
  const became =
    decision.kind === 'hold'
      ? words.review.heldInstead(decision.reasons.map(({ code }) => code).join(', '))
      : words.review.takesItsPlace(sentOf(recorded, words));
  return `${resultKey}  ${file} ${became}`;
}

function sentOf({ messages }: Recorded, { review }: Words): string {
  const sent = messages.map(({ controlId, destination }) => review.sentTo(controlId, destination));
  return sent.length === 0 ? review.nothingSent : sent.join(', ');
}

export function riskText(risk: Risk | null, { common, tiers }: Words): string {
  return risk === null ? common.noValue : common.risk(risk.cv.toFixed(2), tiers[risk.tier], risk.region);
}
