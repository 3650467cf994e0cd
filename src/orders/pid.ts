import type { Patient } from '../context/context.ts';
import { textAt } from '../hl7/read.ts';
import { keptText, type Placed } from './segment.ts';
import { readTime } from './time.ts';
import { Unreadable } from './unreadable.ts';

/** HL7 table 0203 in the order in which an identifier is taken for the patient's; then any other. */
const PATIENT_ID_TYPES = ['MR', 'PI', 'PT'];

/** The patient of a PID; null where it says nothing. */
export function readPatient(pid: Placed): Patient | null {
  const birth = keptText(pid, 7);
  const birthTime = birth === null ? null : readTime(birth, 'UTC');
  if (birthTime === undefined)
    throw new Unreadable('dataType', 'is no date of the form YYYYMMDD', `${pid.place}-7`);
  const sex = (keptText(pid, 8) ?? '').toUpperCase();
  const patient: Patient = {
    id: patientId(pid),
    ...names(pid),
    // No zone is applied to a date of birth: it is a day on a calendar.
    birthDate: birth === null || birthTime === null ? null : birthTime.slice(0, 10),
    sex: sex === 'M' || sex === 'F' || sex === 'O' || sex === 'U' ? sex : null,
  };
  return Object.values(patient).every((part) => part === null) ? null : patient;
}

function patientId(pid: Placed): string | null {
  const ids = (pid.fields[2] ?? []).flatMap((_, index) => {
    const id = keptText(pid, 3, 1, 1, index + 1);
    return id === null
      ? []
      : [
          {
            id,
            type: textAt(pid, 3, 5, 1, index + 1)
              .trim()
              .toUpperCase(),
          },
        ];
  });
  const typed = PATIENT_ID_TYPES.map((type) => ids.find((one) => one.type === type));
  return (typed.find((one) => one !== undefined) ?? ids[0])?.id ?? null;
}

/** XPN-8 (table 0465) tells the reading of a name (P) from the name itself. */
function names(pid: Placed): Pick<Patient, 'name' | 'nameKana'> {
  const all = (pid.fields[4] ?? []).map((_, index) => {
    const part = (component: number): string => keptText(pid, 5, component, 1, index + 1) ?? '';
    const text = `${part(1)}^${part(2)}`.replace(/\^$/, '');
    return {
      text,
      representation: textAt(pid, 5, 8, 1, index + 1)
        .trim()
        .toUpperCase(),
    };
  });
  const said = all.filter(({ text }) => text !== '');
  const written = said.filter(({ representation }) => representation !== 'P');
  return {
    name: (written.find(({ representation }) => representation === 'I') ?? written[0])?.text ?? null,
    nameKana: said.find(({ representation }) => representation === 'P')?.text ?? null,
  };
}
