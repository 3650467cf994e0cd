import HL7 from 'hl7-standard';
import { escapeText, NULL_FIELD } from './escape.ts';
import type { ReadOccurrence, ReadSegment } from './read.ts';

/** MSH-2; hl7-standard knows no other. */
export const ENCODING = '^~\\&';

/** A segment to be written; a reader will see two quotation marks where a field is null. */
export interface MeantSegment extends ReadSegment {
  readonly nulls: readonly number[];
}

/**
 * The text of a message: every text escaped, each segment ended by CR and by no bars.
 *
 * The library gets whole segments: its `set` for a single component writes `PID.3.4.2` to PID-3.4, and with `set` for
 * single fields it fills up the segment again each time.
 */
export function assemble(segments: readonly MeantSegment[]): string {
  const { message, places } = formOf(segments);
  try {
    segments.forEach((segment, index) => places[index]?.set(segment.id, toldOf(segment)));
    return ended(message.build());
  } finally {
    // Nothing of one message may be left for the next one, nor in memory.
    segments.forEach(({ id }, index) => places[index]?.set(id, {}));
  }
}

/** A message of the library whose segments are there and blank. */
interface Form {
  readonly message: HL7;
  readonly places: readonly HL7.Segment[];
}

/** Making segments costs the library more than writing them, and most messages have the same ones: forms are kept. */
const forms = new Map<string, Form>();
const FORMS_KEPT = 50;

function formOf(segments: readonly MeantSegment[]): Form {
  const ids = segments.map(({ id }) => id);
  const key = ids.join();
  const known = forms.get(key);
  if (known !== undefined) return known;
  const message = new HL7('', { lineEndings: '\r' });
  const form = { message, places: ids.map((id) => message.createSegment(id)) };
  if (forms.size >= FORMS_KEPT) forms.clear();
  forms.set(key, form);
  return form;
}

function toldOf({ id, fields, nulls }: MeantSegment): Record<string, HL7.Field> {
  // The library writes MSH-1 without being told; MSH-2 is the one field that is not escaped.
  const told: Record<string, HL7.Field> = id === 'MSH' ? { 'MSH.2': ENCODING } : {};
  for (let number = id === 'MSH' ? 3 : 1; number <= fields.length; number += 1) {
    const name = nameOf(id, number);
    told[name] = nulls.includes(number) ? NULL_FIELD : escapedField(name, fields[number - 1] ?? []);
  }
  return told;
}

/** `PID.3`, `PID.3.1`, …, by what comes before the last number. Our segments and their fields are few. */
const names = new Map<string, string[]>();

function nameOf(whole: string, number: number): string {
  let parts = names.get(whole);
  if (parts === undefined) names.set(whole, (parts = []));
  return (parts[number] ??= `${whole}.${number}`);
}

function escapedField(name: string, field: readonly ReadOccurrence[]): HL7.Field {
  const [first] = field;
  if (field.length > 1) return field.map((occurrence) => escapedOccurrence(name, occurrence));
  return first === undefined ? '' : escapedOccurrence(name, first);
}

function escapedOccurrence(name: string, components: ReadOccurrence): HL7.Occurrence {
  const [only] = components;
  if (components.length === 1 && only?.length === 1) return escapeText(only[0] ?? '');
  const escaped: Record<string, string | string[]> = {};
  components.forEach((texts, index) => {
    const [first = ''] = texts;
    escaped[nameOf(name, index + 1)] = texts.length > 1 ? texts.map(escapeText) : escapeText(first);
  });
  return escaped;
}

/** The library puts a bar behind each segment, and no CR behind the last. */
function ended(text: string): string {
  return text
    .split('\r')
    .map((line) => `${line.replace(/\|+$/, '')}\r`)
    .join('');
}
