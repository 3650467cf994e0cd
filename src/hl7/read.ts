import { unescapeText, type Delimiters } from './escape.ts';

/** One occurrence of a field: its components, each of them its subcomponents, unescaped. */
export type ReadOccurrence = readonly (readonly string[])[];

export interface ReadSegment {
  readonly id: string;
  /** `fields[0]` is field 1; each field has at least one occurrence. MSH-1 and MSH-2 stand as they were written. */
  readonly fields: readonly (readonly ReadOccurrence[])[];
}

/** A message that came from elsewhere; the first segment is MSH. */
export interface ReadMessage {
  readonly segments: readonly ReadSegment[];
}

/** `detail` says where the text stops being HL7, and never quotes it: it may name a patient. */
export type Reading =
  { readonly ok: true; readonly message: ReadMessage } | { readonly ok: false; readonly detail: string };

const SEGMENT_ID = /^[A-Z][A-Z0-9]{2}$/;

/** What an empty field reads as. Most fields are empty, so all of them share this one. */
export const EMPTY_FIELD: readonly ReadOccurrence[] = [[['']]];

/**
 * Reads one message of the `ER7` (vertical bar) form. Total: any text gives a result, never an exception.
 *
 * Honours the separators in MSH-1 and MSH-2; tolerates a byte order mark, MLLP framing, CR, LF or CRLF as line
 * end, a missing last line end and empty lines.
 * @param strangeLines what to do with a line that is no segment, such as the rest of an error text with a line feed
 */
export function readMessage(text: string, strangeLines: 'refuse' | 'skip' = 'refuse'): Reading {
  const lines = unframed(text).split(/\r\n|\r|\n/);
  const [header = ''] = lines;
  const delimiters = delimitersOf(header);
  if (typeof delimiters === 'string') return { ok: false, detail: delimiters };
  const segments: ReadSegment[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const id = line.slice(0, 3);
    if (!SEGMENT_ID.test(id) || (line.length > 3 && line[3] !== delimiters.field)) {
      if (strangeLines === 'skip') continue;
      return {
        ok: false,
        detail: `line ${index + 1} does not begin with a segment id and a field separator`,
      };
    }
    if (id === 'MSH' && segments.length > 0) {
      return { ok: false, detail: `line ${index + 1} begins a second message` };
    }
    segments.push({ id, fields: id === 'MSH' ? headerFields(line, delimiters) : fieldsOf(line, delimiters) });
  }
  return { ok: true, message: { segments } };
}

/** All segments of a kind, in their order. */
export function segmentsOf(message: ReadMessage, id: string): readonly ReadSegment[] {
  return message.segments.filter((segment) => segment.id === id);
}

/** One text of a segment by HL7's own numbers, which begin at 1; empty where there is none. */
export function textAt(
  segment: ReadSegment | undefined,
  field: number,
  component = 1,
  subcomponent = 1,
  occurrence = 1,
): string {
  return segment?.fields[field - 1]?.[occurrence - 1]?.[component - 1]?.[subcomponent - 1] ?? '';
}

function unframed(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/^[\uFEFF\v]+/u, '').replace(/\u001c[\r\n]*$/u, '');
}

/** Those that nearly every message has, ours among them. */
const USUAL: Delimiters = { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' };

function delimitersOf(header: string): Delimiters | string {
  if (header.startsWith('MSH|^~\\&|')) return USUAL;
  if (!header.startsWith('MSH')) return 'the text does not begin with MSH';
  const field = header[3] ?? '';
  const [component = '', repetition = '', escape = '', subcomponent = '', ...further] =
    header.slice(4).split(field, 1)[0] ?? '';
  const all = [field, component, repetition, escape, subcomponent].filter((one) => one !== '');
  // HL7 2.7 added a fifth encoding character, for truncation.
  if (field === '' || repetition === '' || further.length > 1) {
    return 'MSH-2 does not hold two to five encoding characters';
  }
  if (all.some((one) => !/^[!-/:-@[-`{-~]$/.test(one)) || new Set(all).size < all.length) {
    return 'MSH-1 and MSH-2 are not different punctuation marks';
  }
  return { field, component, repetition, escape, subcomponent };
}

function headerFields(line: string, delimiters: Delimiters): ReadSegment['fields'] {
  const [, encoding = '', ...rest] = line.split(delimiters.field);
  return [[[[delimiters.field]]], [[[encoding]]], ...rest.map((field) => occurrencesOf(field, delimiters))];
}

function fieldsOf(line: string, delimiters: Delimiters): ReadSegment['fields'] {
  if (line.length <= 4) return [];
  return line
    .slice(4)
    .split(delimiters.field)
    .map((field) => occurrencesOf(field, delimiters));
}

function occurrencesOf(field: string, delimiters: Delimiters): readonly ReadOccurrence[] {
  if (field === '') return EMPTY_FIELD;
  return parts(field, delimiters.repetition).map((occurrence) =>
    parts(occurrence, delimiters.component).map((component) =>
      parts(component, delimiters.subcomponent).map((text) => unescapeText(text, delimiters)),
    ),
  );
}

/** Most texts have one part only, which is quicker seen than split. */
function parts(text: string, delimiter: string): string[] {
  return delimiter !== '' && text.includes(delimiter) ? text.split(delimiter) : [text];
}
