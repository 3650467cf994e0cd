import { assemble, ENCODING, type MeantSegment } from './assemble.ts';
import { NULL_FIELD } from './escape.ts';
import { EMPTY_FIELD, readMessage, type ReadOccurrence, type ReadSegment } from './read.ts';

/** A component: its text, or its subcomponents. */
export type Component = string | readonly string[];
/** One occurrence of a field: its text, or its components. */
export type Occurrence = string | readonly Component[];
/** A field: one occurrence, or several. */
export type Field = Occurrence | { readonly repeat: readonly Occurrence[] };

/** What one segment says, in plain text: fields by HL7's own numbers, those left out are empty. */
export interface Segment {
  readonly id: string;
  readonly fields: Readonly<Record<number, Field>>;
  /** Fields that hold the HL7 null, two quotation marks, whatever `fields` says of them. */
  readonly nulls?: readonly number[];
}

type Fields = ReadSegment['fields'];

const SEGMENT_ID = /^[A-Z][A-Z0-9]{2}$/;

/**
 * Writes one message. Texts are given as people read them; escapes, delimiters, MSH-1 and MSH-2 are added here.
 *
 * What puts the text together is not believed: our own reader has to find in it what was meant, segment by segment
 * and field by field.
 * @throws Error that names the field. Its text never holds the field's value, which may be a patient's name.
 */
export function buildMessage(segments: readonly Segment[]): string {
  const meant = segments.map(completed);
  const text = assemble(meant);
  const difference = differenceOf(text, meant);
  if (difference !== null) {
    throw new Error(`${difference} would not be read as it was meant; the message was not built`);
  }
  return text;
}

/** The segment with every field from 1 to the last that says something, in the form of the reader. */
function completed(segment: Segment, index: number): MeantSegment {
  const { id } = segment;
  if (!SEGMENT_ID.test(id)) throw new Error(`segment ${index + 1}: ${JSON.stringify(id)} is no segment id`);
  if ((id === 'MSH') !== (index === 0)) {
    throw new Error(`segment ${index + 1}: MSH must be the first, and only the first`);
  }
  if (id === 'MSH' && (1 in segment.fields || 2 in segment.fields)) {
    throw new Error('MSH-1 and MSH-2 are written by the builder and must be left out');
  }
  const { nulls = [] } = segment;
  let last = 0;
  for (const number of [...Object.keys(segment.fields), ...nulls].map(Number)) {
    if (!Number.isInteger(number) || number < 1) throw new Error(`${id}: there is no field ${number}`);
    if (number > last) last = number;
  }
  const fields = id === 'MSH' ? [...HEADER] : [];
  for (let number = fields.length + 1; number <= last; number += 1) {
    fields.push(nulls.includes(number) ? NULL : fieldOf(segment.fields[number]));
  }
  return { id, fields: withoutTrailing(fields, isEmpty), nulls };
}

/** MSH-1 and MSH-2. */
const HEADER: Fields = [[[['|']]], [[[ENCODING]]]];

function fieldOf(field: Field | undefined): readonly ReadOccurrence[] {
  if (field === undefined || field === '') return EMPTY_FIELD;
  if (typeof field === 'string') return [[[field]]];
  const occurrences = 'repeat' in field ? field.repeat : [field];
  return occurrences.length === 0 ? EMPTY_FIELD : occurrences.map(componentsOf);
}

function componentsOf(occurrence: Occurrence): ReadOccurrence {
  if (typeof occurrence === 'string') return [[occurrence]];
  const full = occurrence.map((component) => {
    if (typeof component === 'string') return [component];
    const texts = withoutTrailing(component, (text) => text === '');
    return texts.length === 0 ? [''] : texts;
  });
  const said = withoutTrailing(full, (texts) => texts.length === 1 && texts[0] === '');
  return said.length === 0 ? [['']] : said;
}

function isEmpty(field: readonly ReadOccurrence[]): boolean {
  return isSame(field, EMPTY_FIELD);
}

const NULL: readonly ReadOccurrence[] = [[[NULL_FIELD]]];

function withoutTrailing<T>(items: readonly T[], empty: (item: T) => boolean): readonly T[] {
  const length = items.findLastIndex((item) => !empty(item)) + 1;
  return length === items.length ? items : items.slice(0, length);
}

/** The first place at which a reader would see something else than was meant, such as `OBX[2]-5`; null if none. */
function differenceOf(text: string, meant: readonly ReadSegment[]): string | null {
  const reading = readMessage(text);
  if (!reading.ok) return reading.detail;
  const read = reading.message.segments;
  if (read.length !== meant.length) return `the number of segments, ${meant.length},`;
  const seen = new Map<string, number>();
  for (const [index, { id, fields }] of meant.entries()) {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    const other = read[index];
    const name = count === 1 ? id : `${id}[${count}]`;
    if (other?.id !== id || other.fields.length !== fields.length) return name;
    const field = fields.findIndex((one, at) => !isSame(one, other.fields[at]));
    if (field !== -1) return `${name}-${field + 1}`;
  }
  return null;
}

type Nested = string | readonly Nested[];

function isSame(one: Nested, other: Nested | undefined): boolean {
  if (one === other) return true;
  if (typeof one === 'string' || typeof other === 'string' || other === undefined) return one === other;
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) {
    if (!isSame(one[index] ?? '', other[index])) return false;
  }
  return true;
}
