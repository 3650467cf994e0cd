import type { Origin } from '../trace/trace.ts';
import { LOCAL_SYSTEM } from './codes.ts';
import type { Component, Field, Occurrence, Segment } from './message.ts';
import type { Report, ReportStatus } from './report.ts';
import type { Stamps } from './time.ts';

/** OBX-11: X where there is no value. */
export type ObservationStatus = ReportStatus;

/** What one OBX says; OBX-1 and what all observations of a report share are added by `observation`. */
export interface Observation {
  readonly type: 'NM' | 'CWE' | 'CE';
  readonly code: readonly Component[];
  /** OBX-4, where a code occurs more than once. */
  readonly subId?: string;
  /** Empty where the status is X. */
  readonly value: Field;
  readonly unit?: Occurrence;
  /** OBX-7, the values that are not flagged. */
  readonly range?: string;
  /** OBX-8. Never HH or AA, which page a doctor. */
  readonly flag?: 'N' | 'H' | 'A';
  readonly status: ObservationStatus;
}

/** Our method of measuring Cv: an open estimate, not the program of the method's authors. */
export const METHOD: readonly Component[] = ['RSGCV', 'open clonality estimate', LOCAL_SYSTEM];

/** Fields that say where an observation of this laboratory comes from. */
export function provenance(report: Report, stamps: Stamps): Readonly<Record<number, Field>> {
  const { collected } = report.context;
  return {
    14: collected === null ? '' : stamps.local(collected, 'OBX-14'),
    16: report.responsible,
    18: { repeat: instruments(report.origin) },
    19: stamps.moment(report.analysedAt),
  };
}

/** One OBX; `where` are the fields from 14 on. */
export function observation(
  number: number,
  { type, code, subId = '', value, unit = '', range = '', flag, status }: Observation,
  where: Readonly<Record<number, Field>>,
): Segment {
  const fields = {
    1: String(number),
    2: type,
    3: code,
    4: subId,
    5: value,
    6: unit,
    7: range,
    8: flag ?? '',
    11: status,
  };
  return { id: 'OBX', fields: { ...fields, ...where } };
}

/** The makers' name is not among the tags; these models are Applied Biosystems'. */
const THERMO = /^(?:ABI|3\d{2,3}|SeqStudio)/i;

function instruments(origin: Origin | null): readonly Occurrence[] {
  const maker = THERMO.test(origin?.model ?? '') ? 'THERMO' : '';
  return [origin?.model, origin?.serial].filter((id) => typeof id === 'string').map((id) => [id, maker]);
}
