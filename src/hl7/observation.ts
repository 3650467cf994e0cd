import type { Origin } from '../trace/trace.ts';
import type { Component, Field, Occurrence, Segment } from './message.ts';
import type { MessageOptions } from './profiles.ts';
import type { Report, ReportStatus } from './report.ts';
import type { Stamps } from './time.ts';

/** OBX-11: X where there is no value, W where it was sent for the wrong patient. */
export type ObservationStatus = ReportStatus | 'W';

/** What one OBX says; OBX-1 and what all observations of a report share are added by `observation`. */
export interface Observation {
  readonly type: 'NM' | 'CWE' | 'CE' | 'ED';
  readonly code: readonly Component[];
  /** OBX-4, where a code occurs more than once; otherwise as the options say. */
  readonly subId?: string;
  /** Empty where the status is X or W. */
  readonly value: Field;
  readonly unit?: Occurrence;
  /** OBX-7, the values that are not flagged. */
  readonly range?: string;
  /** OBX-8, in the letters of the site. */
  readonly flag?: keyof MessageOptions['flags'];
  readonly status: ObservationStatus;
}

/** Fields that say where an observation of this laboratory comes from. */
export function provenance(
  report: Report,
  options: MessageOptions,
  stamps: Stamps,
): Readonly<Record<number, Field>> {
  const { collected } = report.context;
  return {
    14: options.workOrder || collected === null ? '' : stamps.local(collected, 'OBX-14'),
    16: report.responsible,
    18: { repeat: instruments(report.origin) },
    19: stamps.moment(report.analysedAt),
  };
}

/** One OBX; `where` are the fields from 14 to 19. */
export function observation(
  number: number,
  { type, code, subId, value, unit = '', range = '', flag, status }: Observation,
  options: MessageOptions,
  where: Readonly<Record<number, Field>>,
): Segment {
  const fields = {
    1: String(number),
    2: type,
    3: code,
    4: subId ?? (options.run ? '1' : ''),
    5: value,
    6: unit,
    7: range,
    8: flag === undefined ? '' : options.flags[flag],
    11: status,
  };
  const kind: Readonly<Record<number, Field>> = options.resultType ? { 29: 'RSLT' } : {};
  return { id: 'OBX', fields: { ...fields, ...where, ...kind } };
}

/** The makers' name is not among the tags; these models are Applied Biosystems'. */
const THERMO = /^(?:ABI|3\d{2,3}|SeqStudio)/i;

function instruments(origin: Origin | null): readonly Occurrence[] {
  const maker = THERMO.test(origin?.model ?? '') ? 'THERMO' : '';
  return [origin?.model, origin?.serial].filter((id) => typeof id === 'string').map((id) => [id, maker]);
}
