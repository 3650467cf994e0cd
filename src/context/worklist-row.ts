import { CATEGORIES } from './context.ts';
import type { Category, Context, Patient } from './context.ts';
import { plainAccession } from './match.ts';

/** Columns of a worklist. Only `accession` is required. */
export const COLUMNS = [
  'accession',
  'order',
  'patientId',
  'patientName',
  'patientNameKana',
  'birthDate',
  'sex',
  'category',
  'sil2r',
  'sil2rUnit',
  'sil2rMethod',
  'sil2rDate',
  'collected',
] as const;
export type Column = (typeof COLUMNS)[number];

/** The cells of one row; those of a column that the file does not have are empty. */
export type Cells = Readonly<Record<Column, string>>;

/** A cell that cannot be taken. `problem` says what kind of thing it holds and the remedy, never what it holds. */
export interface CellFault {
  readonly column: Column;
  readonly problem: string;
}

export type RowOutcome =
  | { readonly ok: true; readonly context: Context }
  | { readonly ok: false; readonly faults: readonly CellFault[] };

/** A cell's value, or what is wrong with it. */
type Read<T> = { readonly value: T } | { readonly problem: string };

const LONGEST_CELL = 200;

/** Checks one row, every cell of it. A row with any fault is not taken: a wrong cell can mean shifted columns. */
export function readRow(cells: Cells, source: string): RowOutcome {
  const faults: CellFault[] = [];
  const cell = <T>(column: Column, read: (text: string) => Read<T>): T | null => {
    const text = cells[column].trim();
    if (text === '') return null;
    const found = unfit(text) ?? read(text);
    if ('value' in found) return found.value;
    faults.push({ column, problem: found.problem });
    return null;
  };
  const text = (column: Column): string | null => cell(column, (value) => ({ value }));

  const accession = cell('accession', (value) => ({ value: plainAccession(value) })) ?? '';
  if (accession === '' && faults.length === 0) {
    faults.push({ column: 'accession', problem: 'is empty; every row needs one' });
  }
  const patient: Patient = {
    id: text('patientId'),
    name: text('patientName'),
    nameKana: text('patientNameKana'),
    birthDate: cell('birthDate', readDate),
    sex: cell('sex', readSex),
  };
  const sil2r = cell('sil2r', readConcentration);
  const about = {
    // Without a unit no region can be given: the value is shown, and says so by its empty unit.
    unit: text('sil2rUnit') ?? '',
    method: text('sil2rMethod'),
    date: cell('sil2rDate', readDate),
  };
  const context: Context = {
    accession,
    order: text('order'),
    patient: Object.values(patient).every((part) => part === null) ? null : patient,
    category: cell('category', readCategory) ?? 'unknown',
    sil2r: sil2r === null ? null : { value: sil2r, ...about },
    collected: cell('collected', readDateTime),
    source,
  };
  return faults.length === 0 ? { ok: true, context } : { ok: false, faults };
}

/** What no cell may hold: HL7 could not carry it, or it shows that quotes are out of place. */
function unfit(text: string): { readonly problem: string } | null {
  if (/\p{Cc}/u.test(text)) return { problem: 'holds a control character; remove it' };
  if (text.length <= LONGEST_CELL) return null;
  return { problem: `has ${String(text.length)} characters; at most ${String(LONGEST_CELL)} are taken` };
}

function readConcentration(text: string): Read<number> {
  const plain = text.normalize('NFKC');
  if (/^\d+(\.\d+)?$/.test(plain) && Number(plain) > 0) return { value: Number(plain) };
  if (/^\d[\d,]*,[\d,.]*$/.test(plain))
    return { problem: 'holds a number with a comma; write 1520, not 1,520' };
  if (/^[<>≦≧≤≥]/.test(plain))
    return { problem: 'holds a bound, not a value; leave it empty or give the value' };
  if (/^\d+(\.\d+)?\s*\D+$/.test(plain)) return { problem: 'holds a unit; the unit belongs in sil2rUnit' };
  return { problem: 'is not a number above 0, such as 1520' };
}

function readDate(text: string): Read<string> {
  const plain = text.normalize('NFKC');
  return isDate(plain) ? { value: plain } : { problem: 'is not a date; write it as 2025-03-31' };
}

function readDateTime(text: string): Read<string> {
  const plain = text.normalize('NFKC');
  const [date = '', time = '00:00'] = plain.split('T');
  if (isDate(date) && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time)) return { value: plain };
  return { problem: 'is not a date or time; write it as 2025-03-31 or 2025-03-31T09:30' };
}

/** A day that exists, between 1900 and 2099. */
function isDate(text: string): boolean {
  if (!/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function readSex(text: string): Read<'M' | 'F' | 'O' | 'U'> {
  const plain = text.normalize('NFKC').toUpperCase();
  if (plain === 'M' || plain === 'F' || plain === 'O' || plain === 'U') return { value: plain };
  return { problem: 'is none of M, F, O, U' };
}

function readCategory(text: string): Read<Category> {
  const plain = text.normalize('NFKC').toLowerCase();
  const value = CATEGORIES.find((category) => category === plain);
  return value === undefined ? { problem: `is none of ${CATEGORIES.join(', ')}` } : { value };
}
