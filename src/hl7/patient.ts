import type { Patient } from '../context/context.ts';
import type { Draft } from './draft.ts';
import type { Field, Occurrence, Segment } from './message.ts';

/** PID with what is known; of a patient who is not known it holds its number only. */
export function patientIdentification({ report, options, stamps }: Draft): Segment {
  const { patient } = report.context;
  if (patient === null) return { id: 'PID', fields: { 1: '1' } };
  return {
    id: 'PID',
    fields: {
      1: '1',
      3: patient.id === null ? '' : [patient.id, '', '', options.patientAuthority, options.patientIdType],
      5: names(patient),
      7: patient.birthDate === null ? '' : stamps.local(patient.birthDate, 'PID-7'),
      8: patient.sex ?? '',
    },
  };
}

function names({ name, nameKana }: Patient): Field {
  const repeat: Occurrence[] = [];
  if (name !== null && name.trim() !== '') repeat.push(personName(name, IDEOGRAPHIC.test(name) ? 'I' : 'A'));
  if (nameKana !== null && nameKana.trim() !== '') repeat.push(personName(nameKana, 'P'));
  return { repeat };
}

const IDEOGRAPHIC = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** XPN of a legal name. Representation (HL7 table 0465): I ideographic, P phonetic, A alphabetic. */
function personName(text: string, representation: 'I' | 'P' | 'A'): Occurrence {
  return [...nameParts(text), '', '', '', 'L', representation];
}

/** Family, given and further names. Without any `^` the first white space, also an ideographic one, parts the first two. */
function nameParts(text: string): readonly [family: string, given: string, further: string] {
  const whole = text.trim();
  if (whole.includes('^')) {
    const [family = '', given = '', ...further] = whole.split('^').map((part) => part.trim());
    return [family, given, further.filter((part) => part !== '').join(' ')];
  }
  const gap = /\s+/u.exec(whole);
  if (gap === null) return [whole, '', ''];
  return [whole.slice(0, gap.index), whole.slice(gap.index + gap[0].length), ''];
}
