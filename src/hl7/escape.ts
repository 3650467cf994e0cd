const NAMED: Readonly<Record<string, string>> = {
  '|': '\\F\\',
  '^': '\\S\\',
  '&': '\\T\\',
  '~': '\\R\\',
  '\\': '\\E\\',
};

/**
 * Delimiters, control characters, and what receivers take for the end of a line (NEL, LS, PS). CR, LF, VT and FS
 * must never reach the wire: the first two would add a segment, the others would end the frame.
 */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[|^&~\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
const EVERY_UNSAFE = new RegExp(UNSAFE, 'gu');

/** HL7 reads a field of two quotation marks as "delete the value". */
export const NULL_FIELD = '""';

/** One text as it may stand in a field: `\F\`, `\S\`, `\T\`, `\R\`, `\E\`, and `\X…\` (UTF-8 bytes, hex) for the rest. */
export function escapeText(text: string): string {
  if (text === NULL_FIELD) return hex(text);
  // Hardly any text has one, and looking is quicker than replacing.
  if (!UNSAFE.test(text)) return text;
  return text.replace(EVERY_UNSAFE, (character) => NAMED[character] ?? hex(character));
}

function hex(text: string): string {
  return `\\X${Buffer.from(text, 'utf8').toString('hex').toUpperCase()}\\`;
}

/** Delimiters of one message, from its MSH-1 and MSH-2; empty where the sender left one out. */
export interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

/** The text that an escaped one stands for. A sequence that stands for no text (`\H\`, `\.br\`, …) stays as it is. */
export function unescapeText(escaped: string, delimiters: Delimiters): string {
  const mark = delimiters.escape;
  if (mark === '' || !escaped.includes(mark)) return escaped;
  const parts = escaped.split(mark);
  let text = parts[0] ?? '';
  let index = 1;
  while (index < parts.length) {
    const sequence = parts[index] ?? '';
    const closed = index + 1 < parts.length;
    const meaning = closed ? meaningOf(sequence, delimiters) : null;
    if (meaning === null) {
      text += mark + sequence;
      index += 1;
    } else {
      text += meaning + (parts[index + 1] ?? '');
      index += 2;
    }
  }
  return text;
}

function meaningOf(sequence: string, delimiters: Delimiters): string | null {
  switch (sequence) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent === '' ? null : delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    default:
      return /^X(?:[0-9A-Fa-f]{2})+$/.test(sequence) ? fromHex(sequence.slice(1)) : null;
  }
}

function fromHex(digits: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(digits, 'hex'));
  } catch {
    return null; // bytes of another character set: the sequence is kept
  }
}
