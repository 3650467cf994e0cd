import type { Sil2r } from '../context/context.ts';
import { REASON_CODES } from '../reason.ts';
import { cutoffText, isComparable, type Risk } from '../risk/classify.ts';
import { coded, codedAs, REGION_TEXTS, TIER_CODES } from './codes.ts';
import type { Field } from './message.ts';
import type { Observation, ObservationStatus } from './observation.ts';
import type { MessageOptions } from './profiles.ts';
import type { Report } from './report.ts';
import type { Stamps } from './time.ts';

/** What was measured and what it means: CV, CVTIER and, where there is one, CVRISK. */
export function values(report: Report, risk: Risk, options: MessageOptions): readonly Observation[] {
  const { cv: cutoff } = report.cutoffs;
  const before = report.corrects?.risk ?? null;
  const status = (changed: boolean): ObservationStatus =>
    report.status === 'C' && !changed ? 'F' : report.status;
  const list: Observation[] = [
    {
      type: 'NM',
      code: coded('CV', options.codes),
      value: risk.cv.toFixed(2),
      unit: options.unit === '' ? '' : [options.unit, 'unity', 'UCUM'],
      range: `<${cutoffText(cutoff.intermediate)}`,
      flag: risk.cv >= cutoff.intermediate ? 'high' : 'normal',
      status: status(before?.cv !== risk.cv),
    },
    {
      type: options.codedType,
      code: coded('CVTIER', options.codes),
      value: codedAs(TIER_CODES[risk.tier], tierText(risk.tier, cutoff), options.codes),
      flag: risk.tier === 'low' ? 'normal' : 'abnormal',
      status: status(before?.tier !== risk.tier),
    },
  ];
  if (risk.region !== null) {
    list.push({
      type: options.codedType,
      code: coded('CVRISK', options.codes),
      value: codedAs(risk.region, REGION_TEXTS[risk.region], options.codes),
      range: 'R1',
      flag: risk.region === 'R1' ? 'normal' : 'abnormal',
      status: status(before?.region !== risk.region),
    });
  } else if (before !== null && before.region !== null) {
    // Left out, the region that was sent before would stand in the LIS for ever.
    list.push({ type: options.codedType, code: coded('CVRISK', options.codes), value: '', status: 'X' });
  }
  return list;
}

/** Each value as one that cannot be had, or was never this patient's, and why: CVQC. */
export function noValue({ reasons, corrects }: Report, options: MessageOptions): readonly Observation[] {
  // HL7 table 0085: W is what was sent for the wrong patient.
  const status = reasons.some(({ code }) => code === 'WRONG_PATIENT') ? 'W' : 'X';
  const none = { type: options.codedType, value: '', status } as const;
  // Left out, the region that was sent before would stand in the LIS for ever.
  const region = corrects?.risk?.region != null ? [{ ...none, code: coded('CVRISK', options.codes) }] : [];
  return [
    { ...none, type: 'NM', code: coded('CV', options.codes) },
    { ...none, code: coded('CVTIER', options.codes) },
    ...region,
    ...reasons.map(({ code }, index): Observation => ({
      type: options.codedType,
      code: coded('CVQC', options.codes),
      ...(reasons.length > 1 ? { subId: String(index + 1) } : {}),
      value: codedAs(code, REASON_CODES[code], options.codes),
      status: 'F',
    })),
  ];
}

function tierText(tier: Risk['tier'], cutoff: Report['cutoffs']['cv']): string {
  const intermediate = cutoffText(cutoff.intermediate);
  const high = cutoffText(cutoff.high);
  switch (tier) {
    case 'low':
      return `Low (Cv<${intermediate})`;
    case 'intermediate':
      return `Intermediate (${intermediate}<=Cv<${high})`;
    case 'high':
      return `High (Cv>=${high})`;
  }
}

/** Another laboratory's result, repeated as it was given to us: with its own date and method, not with ours. */
export function quotedSil2r(
  sil2r: Sil2r,
  cutoff: Report['cutoffs']['sil2r'],
  options: MessageOptions,
  stamps: Stamps,
): { readonly said: Observation; readonly where: Readonly<Record<number, Field>> } {
  const about = {
    type: 'NM',
    code: coded('SIL2R', options.codes),
    value: String(sil2r.value),
    status: 'F',
  } as const;
  const said: Observation = isComparable(sil2r, cutoff.unit)
    ? {
        ...about,
        unit: cutoff.unit,
        range: `<${cutoff.high}`,
        flag: sil2r.value >= cutoff.high ? 'high' : 'normal',
      }
    : { ...about, unit: sil2r.unit.trim() };
  const where = {
    14: sil2r.date === null ? '' : stamps.local(sil2r.date, 'OBX-14'),
    17: sil2r.method === null ? '' : ['', sil2r.method],
  };
  return { said, where };
}
