import type { Patient } from './context.ts';

/**
 * The first thing in which two descriptions cannot be of one person; null where they can.
 *
 * Names are spelt in many ways, so they count only where no id says that it is the same patient. Ids are compared
 * as written, leading zeros included. Only M and F contradict each other.
 */
export function contradictionOf(one: Patient | null, other: Patient | null): string | null {
  if (one === null || other === null) return null;
  const [id, otherId] = [plain(one.id), plain(other.id)];
  const sameId = id !== null && id === otherId;
  if (id !== null && otherId !== null && !sameId) return 'patient id';
  if (differ(one.birthDate, other.birthDate)) return 'birth date';
  if (isDefinite(one.sex) && isDefinite(other.sex) && one.sex !== other.sex) return 'sex';
  const [name, otherName] = [plainName(one.name), plainName(other.name)];
  if (!sameId && sameScript(name, otherName) && differ(name, otherName)) return 'name';
  return null;
}

/** The first description, with what it lacks from those of the same patient id. */
export function completedPatient(patients: readonly Patient[]): Patient | null {
  const [first, ...others] = patients;
  if (first === undefined) return null;
  const same = others.filter(({ id }) => id !== null && plain(id) === plain(first.id));
  const filled = <K extends keyof Patient>(key: K): Patient[K] =>
    first[key] ?? same.find((other) => other[key] !== null)?.[key] ?? first[key];
  return {
    id: first.id,
    name: filled('name'),
    nameKana: filled('nameKana'),
    birthDate: filled('birthDate'),
    sex: filled('sex'),
  };
}

/** A patient id as all sources write it: half-width, without outer spaces. */
export function plainPatientId(id: string): string {
  return id.normalize('NFKC').trim();
}

function plain(id: string | null): string | null {
  return id === null ? null : plainPatientId(id);
}

function plainName(name: string | null): string | null {
  return name === null
    ? null
    : name
        .normalize('NFKC')
        .replaceAll(/[\s^]+/gu, '')
        .toLowerCase();
}

/** A name in Latin letters and one in kanji or kana can be the same person's. */
function sameScript(one: string | null, other: string | null): boolean {
  const isLatin = (text: string | null): boolean => text !== null && /^[\p{Script=Latin}\p{P}]+$/u.test(text);
  return isLatin(one) === isLatin(other);
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}

function isDefinite(sex: Patient['sex']): boolean {
  return sex === 'M' || sex === 'F';
}
