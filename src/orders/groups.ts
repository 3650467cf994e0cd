import { textAt } from '../hl7/read.ts';
import type { Placed } from './segment.ts';

/** One order or one report of a message, with every segment that speaks of it. */
export interface Group {
  /** ORC where the group has one, else its OBR. */
  readonly head: Placed;
  /** Its own segments and, in OML^O33, those of its specimen. */
  readonly segments: readonly Placed[];
  /** Results of an earlier order that came along (ORC-1 `PR`): no order. */
  readonly prior: boolean;
}

/**
 * Parts a message into orders. In OML^O33 a specimen comes first and its orders follow; everywhere else an order comes
 * first and its specimens follow. An ORC begins an order, and so does an OBR that has no ORC of its own.
 */
export function groupsOf(segments: readonly Placed[], specimenFirst: boolean): readonly Group[] {
  const groups: { head: Placed; segments: Placed[]; prior: boolean }[] = [];
  let specimen: Placed[] = [];
  let inSpecimen = false;
  for (const segment of segments) {
    const current = groups.at(-1);
    if (specimenFirst && segment.id === 'SPM') {
      specimen = [segment];
      inSpecimen = true;
    } else if (segment.id === 'ORC' || (segment.id === 'OBR' && (inSpecimen || hasObr(current)))) {
      const prior = segment.id === 'ORC' && textAt(segment, 1).trim().toUpperCase() === 'PR';
      groups.push({ head: segment, segments: [...specimen, segment], prior });
      inSpecimen = false;
    } else if (inSpecimen) {
      specimen.push(segment);
    } else if (current === undefined) {
      if (segment.id === 'OBR') groups.push({ head: segment, segments: [segment], prior: false });
    } else {
      current.segments.push(segment);
    }
  }
  return groups;
}

function hasObr(group: { readonly segments: readonly Placed[] } | undefined): boolean {
  return group?.segments.some(({ id }) => id === 'OBR') ?? false;
}
