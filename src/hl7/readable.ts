import { fieldName } from './names.ts';
import { readMessage, type ReadSegment } from './read.ts';

/** A picture or a document is named, not printed. */
const LONGEST = 400;

/**
 * A message for the eyes of a person: a line for each field that says something, with its name; components apart by
 * ` ^ `, as in the standard, and repetitions by ` ~ `. Text that is no HL7 comes line by line as it is.
 */
export function readable(text: string): string[] {
  const reading = readMessage(text, 'skip');
  if (!reading.ok) return text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  return reading.message.segments.flatMap(linesOf);
}

function linesOf({ id, fields }: ReadSegment): string[] {
  const lines = fields.flatMap((field, index) => {
    const number = index + 1;
    if (id === 'MSH' && number <= 2) return [];
    const value = field
      .map((occurrence) => occurrence.map((component) => component.join(' & ')).join(' ^ '))
      .join(' ~ ');
    if (value.replaceAll(/[\s^&~]/g, '') === '') return [];
    const shown = value.length > LONGEST ? `${value.slice(0, 60)}… (${value.length} characters)` : value;
    return [`  ${`${id}-${number}`.padEnd(7)} ${fieldName(id, number).padEnd(27)} ${printable(shown)}`];
  });
  return [id, ...lines];
}

/** Nothing from outside may steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '·');
}
