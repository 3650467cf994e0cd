import type { MessageEvent } from '../deliver/courier.ts';
import type { Recorded } from '../pipeline.ts';

const WIDTHS = [22, 12, 8, 6, 14, 8, 22] as const;

/** A cell that is too long for its column still ends in a gap. */
function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => `${cell}  `.padEnd(WIDTHS[index] ?? 0))
    .join('')
    .trimEnd();
}

export const HEADER = row(['file', 'sample', 'status', 'Cv', 'tier', 'region', 'message id', 'ACK']);

/** One line a trace: what it became and what the LIS said. `answer` is null for what is not sent. */
export function lineOf(recorded: Recorded, answer: MessageEvent | null): string {
  const { analysis, risk, decision, file } = recorded;
  const cells = [
    file,
    analysis.origin?.sample ?? '-',
    analysis.status,
    risk?.cv.toFixed(2) ?? '-',
    risk?.tier ?? '-',
    risk?.region ?? '-',
  ];
  if (answer !== null) return row([...cells, answer.controlId, answer.outcome]);
  switch (decision.kind) {
    case 'control':
      return row([...cells, '-', 'control, not sent']);
    case 'hold':
      return row([...cells, '-', `held: ${decision.reasons.map(({ code }) => code).join(', ')}`]);
    case 'release':
      return row([...cells, '-', 'scored, no LIS configured']);
  }
}
