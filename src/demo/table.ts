import type { MessageEvent } from '../deliver/courier.ts';
import { padColumns } from '../language/width.ts';
import type { Words } from '../language/words.ts';
import type { Recorded } from '../pipeline.ts';

const WIDTHS = [22, 12, 8, 6, 14, 8, 22] as const;

/** A cell that is too long for its column still ends in a gap. */
function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => padColumns(`${cell}  `, WIDTHS[index] ?? 0))
    .join('')
    .trimEnd();
}

export function headerIn({ demo }: Words): string {
  return row(demo.header);
}

/** One line a trace: what it became and what the LIS said. `answer` is null for what is not sent. */
export function lineOf(recorded: Recorded, answer: MessageEvent | null, words: Words): string {
  const { demo: say, statuses, tiers } = words;
  const { analysis, risk, decision, file } = recorded;
  const cells = [
    file,
    analysis.origin?.sample ?? '-',
    statuses[analysis.status],
    risk?.cv.toFixed(2) ?? '-',
    risk === null ? '-' : tiers[risk.tier],
    risk?.region ?? '-',
  ];
  if (answer !== null) return row([...cells, answer.controlId, answer.outcome]);
  switch (decision.kind) {
    case 'control':
      return row([...cells, '-', say.control]);
    case 'hold':
      return row([...cells, '-', say.held(decision.reasons.map(({ code }) => code).join(', '))]);
    case 'release':
      return row([...cells, '-', say.noLis]);
  }
}
