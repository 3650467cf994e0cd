import type { Patient, Sil2r } from '../context/context.ts';
import { plainAccession } from '../context/match.ts';
import { NOTHING_SAID, type NewStatement } from '../context/statement.ts';
import { textAt } from '../hl7/read.ts';
import { groupsOf, type Group } from './groups.ts';
import { firstText, isCoded, keptText, type Placed } from './segment.ts';
import type { ReadingRules, Taken } from './taken.ts';
import { readTime } from './time.ts';
import { Unreadable } from './unreadable.ts';

/** OBX-11 (HL7 table 0085): a value that stands; one that was wrong. All others are not final. */
const STANDING = ['', 'F', 'C', 'U'];
const WITHDRAWN = ['D', 'W', 'X'];
const CODES_SHOWN = 5;

/**
 * The sIL-2R of an ORU^R01.
 * @throws Unreadable
 */
export function readResults(
  segments: readonly Placed[],
  patient: Patient | null,
  origin: string,
  rules: ReadingRules,
): Taken {
  const groups = groupsOf(segments, false);
  if (groups.length === 0) throw new Unreadable('segmentSequence', 'there is no OBR', null);
  const read = groups.map((group) => sil2rOf(group, patient, origin, rules));
  const statements = read.flatMap((one) => one.statements);
  const remarks = read.flatMap((one) => one.remarks);
  return statements.length === 0 && remarks.length === 0
    ? { statements, remarks: [notOurs(segments)] }
    : { statements, remarks };
}

/** Each OBX of a group that is sIL-2R by its code. */
export function sil2rOf(group: Group, patient: Patient | null, origin: string, rules: ReadingRules): Taken {
  const statements: NewStatement[] = [];
  const remarks: string[] = [];
  for (const obx of group.segments.filter((one) => one.id === 'OBX' && isCoded(one, rules.sil2rCodes))) {
    const one = measurement(obx, group, patient, origin, rules);
    if (typeof one === 'string') remarks.push(one);
    else statements.push(one);
  }
  return { statements, remarks };
}

function measurement(
  obx: Placed,
  group: Group,
  patient: Patient | null,
  origin: string,
  rules: ReadingRules,
): NewStatement | string {
  const status = textAt(obx, 11).trim().toUpperCase();
  const withdrawn = WITHDRAWN.includes(status);
  if (!withdrawn && !STANDING.includes(status))
    return `${obx.place}: not used, OBX-11 says that it is not final`;
  const value = withdrawn ? null : concentration(obx);
  if (typeof value === 'string') return `${obx.place}: not used, OBX-5 ${value}`;

  const found = firstText(group.segments, rules.fields.accession);
  const accession = found === null ? null : plainAccession(found);
  const patientId = patient?.id ?? null;
  if (accession === null && patientId === null) {
    throw new Unreadable('fieldMissing', 'neither patient id nor accession is given', 'PID-3');
  }
  const date = dateOf(obx, group, rules);
  const sil2r: Sil2r | null =
    value === null ? null : { value, unit: keptText(obx, 6) ?? '', method: methodOf(obx), date };
  return {
    source: 'orders',
    kind: withdrawn ? 'sil2r-withdrawn' : 'sil2r',
    accession,
    patientId,
    key: `${keyOf(group) ?? accession ?? date ?? ''} ${keptText(obx, 4) ?? ''}`.trim(),
    said: { ...NOTHING_SAID, patient, sil2r },
    origin,
    asOf: null,
  };
}

/** The number; what it is instead, where it is something that a laboratory rightly sends; AE for the rest. */
function concentration(obx: Placed): number | string {
  const place = `${obx.place}-5`;
  const type = textAt(obx, 2).trim().toUpperCase();
  if (type === 'SN') {
    const comparator = textAt(obx, 5, 1).trim();
    if (comparator !== '' && comparator !== '=') return 'is a bound and no value';
    if (textAt(obx, 5, 3).trim() !== '') return 'is a range or a ratio';
  } else if (type !== 'NM' && type !== 'ST') {
    throw new Unreadable('dataType', 'sIL-2R must be of type NM, SN or ST', `${obx.place}-2`);
  }
  const text = (keptText(obx, 5, type === 'SN' ? 2 : 1) ?? '').normalize('NFKC');
  if (type === 'ST' && /^[<>≦≧≤≥]/.test(text)) return 'is a bound and no value';
  const value = /^\+?\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value > 0)) throw new Unreadable('dataType', 'is not a number above 0, such as 1520', place);
  return value;
}

/** The day of the measurement as the laboratory wrote it: OBX-14, else OBR-7, else SPM-17. */
function dateOf(obx: Placed, group: Group, rules: ReadingRules): string | null {
  const text = keptText(obx, 14) ?? firstText(group.segments, ['OBR-7.1', 'SPM-17.1']);
  if (text === null) return null;
  // Without its offset: the day must be the one that stands on the other laboratory's report.
  const time = readTime(text.replace(/[+-]\d{4}$/, ''), rules.timeZone);
  if (time === undefined) throw new Unreadable('dataType', 'is no HL7 time', `${obx.place}-14`);
  return time === null ? null : time.slice(0, 10);
}

function methodOf(obx: Placed): string | null {
  return keptText(obx, 17, 2) ?? keptText(obx, 17, 1);
}

/** The number under which the other laboratory keeps the result: a correction has the same. */
function keyOf(group: Group): string | null {
  return firstText(group.segments, ['OBR-3.1', 'ORC-3.1']);
}

function notOurs(segments: readonly Placed[]): string {
  const codes = [...new Set(segments.filter(({ id }) => id === 'OBX').map((obx) => textAt(obx, 3).trim()))];
  const shown = codes
    .filter((code) => /^[\w.*/-]{1,40}$/.test(code))
    .slice(0, CODES_SHOWN)
    .join(', ');
  return `nothing taken: no OBX-3 is one of context.sil2rCodes${shown === '' ? '' : ` (${shown})`}`;
}
