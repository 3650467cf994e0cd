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
  const message = new HL7('', { lineEndings: '\r' });
  for (const { id, fields, nulls } of segments) {
    const named = fields.map((field, index) => {
      const name = `${id}.${index + 1}`;
      return [name, nulls.includes(index + 1) ? NULL_FIELD : escapedField(name, field)] as const;
    });
    // The library writes MSH-1 without being told; MSH-2 is the one field that is not escaped.
    const told = id === 'MSH' ? named.slice(2) : named;
    message
      .createSegment(id)
      .set(id, Object.fromEntries(id === 'MSH' ? [['MSH.2', ENCODING], ...told] : told));
  }
  return ended(message.build());
}

function escapedField(name: string, field: readonly ReadOccurrence[]): HL7.Field {
  const [first = '', ...further] = field.map((occurrence) => escapedOccurrence(name, occurrence));
  return further.length === 0 ? first : [first, ...further];
}

function escapedOccurrence(name: string, components: ReadOccurrence): HL7.Occurrence {
  const escaped = components.map((subcomponents) => {
    const [first = '', ...further] = subcomponents.map(escapeText);
    return further.length === 0 ? first : [first, ...further];
  });
  const [only = ''] = escaped;
  if (escaped.length === 1 && typeof only === 'string') return only;
  return Object.fromEntries(escaped.map((component, index) => [`${name}.${index + 1}`, component]));
}

/** The library puts a bar behind each segment, and no CR behind the last. */
function ended(text: string): string {
  return text
    .split('\r')
    .map((line) => `${line.replace(/\|+$/, '')}\r`)
    .join('');
}
