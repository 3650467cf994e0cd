import { readCategory } from '../context/codes.ts';
import type { Patient } from '../context/context.ts';
import { plainAccession } from '../context/match.ts';
import { NOTHING_SAID, type NewStatement } from '../context/statement.ts';
import { textAt } from '../hl7/read.ts';
import { groupsOf, type Group } from './groups.ts';
import { sil2rOf } from './result-message.ts';
import { firstText, isCoded, textsAt, type Placed } from './segment.ts';
import type { ReadingRules, Taken } from './taken.ts';
import { readTime } from './time.ts';
import { Unreadable } from './unreadable.ts';

/** ORC-1 (HL7 table 0119) of an order that stands: new, replacing, changed, or told again. */
const STANDING = ['NW', 'RO', 'XO', 'XX', 'XR', 'PA', 'CH', 'SC', 'SN', 'RE', 'AF', 'RL'];
/** Of one that does not: cancelled, discontinued, or replaced by the RO that follows. */
const ENDED = ['CA', 'OC', 'CR', 'DC', 'OD', 'DR', 'RP', 'RU', 'RQ'];

/**
 * The orders of an OML^O33, OML^O21 or ORM^O01.
 * @throws Unreadable
 */
export function readOrders(
  segments: readonly Placed[],
  patient: Patient | null,
  about: { readonly specimenFirst: boolean; readonly origin: string },
  rules: ReadingRules,
): Taken {
  const groups = groupsOf(segments, about.specimenFirst);
  if (!groups.some(({ prior }) => !prior))
    throw new Unreadable('segmentSequence', 'there is no ORC or OBR', null);
  const statements: NewStatement[] = [];
  const remarks: string[] = [];
  for (const group of groups) {
    const measured = sil2rOf(group, patient, about.origin, rules);
    remarks.push(...measured.remarks);
    if (group.prior) {
      statements.push(...measured.statements);
      continue;
    }
    const obr = group.segments.find(({ id }) => id === 'OBR');
    if (rules.tests.length > 0 && (obr === undefined || !isCoded(obr, rules.tests, 4))) {
      remarks.push(`${group.head.place}: passed over, OBR-4 is none of orders.tests`);
      continue;
    }
    const order = orderOf(group, patient, about.origin, rules);
    if (order.said.unknownCodes.length > 0) {
      remarks.push(`${group.head.place}: no one category of context.categories has the codes of this order`);
    }
    statements.push(order, ...measured.statements);
  }
  return { statements, remarks };
}

function orderOf(group: Group, patient: Patient | null, origin: string, rules: ReadingRules): NewStatement {
  const { segments } = group;
  const { fields } = rules;
  const found = firstText(segments, fields.accession);
  if (found === null) {
    throw new Unreadable(
      'fieldMissing',
      'there is no accession; see orders.fields.accession',
      fields.accession[0] ?? null,
    );
  }
  const order = firstText(segments, fields.order);
  const codes = fields.category.flatMap((path) => textsAt(segments, path));
  const taken = firstText(segments, fields.collected);
  const collected = taken === null ? null : readTime(taken, rules.timeZone);
  if (collected === undefined) {
    throw new Unreadable('dataType', 'the time of collection is no HL7 time', fields.collected[0] ?? null);
  }
  return {
    source: 'orders',
    kind: standsStill(group) ? 'order' : 'cancelled',
    accession: plainAccession(found),
    patientId: patient?.id ?? null,
    key: order ?? '',
    said: { ...NOTHING_SAID, order, patient, ...readCategory(codes, rules.categories), collected },
    origin,
    asOf: null,
  };
}

function standsStill({ head }: Group): boolean {
  // An OBR without ORC: nothing says what is to be done, so it is an order.
  if (head.id !== 'ORC') return true;
  const control = textAt(head, 1).trim().toUpperCase();
  // SC tells of a status, and the status may be "cancelled".
  if (ENDED.includes(control) || (control === 'SC' && textAt(head, 5).trim().toUpperCase() === 'CA'))
    return false;
  if (STANDING.includes(control)) return true;
  const problem =
    control === '' ? 'is empty; write NW, XO or CA' : 'is no code for a new, changed or cancelled order';
  throw new Unreadable(control === '' ? 'fieldMissing' : 'unknownValue', problem, `${head.place}-1`);
}
