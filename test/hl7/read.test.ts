import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMessage, segmentsOf, textAt } from '../../src/hl7/read.ts';
import { hostileText } from './hostile.ts';

const HEADER = 'MSH|^~\\&|LIS|HOSP|RAISINGD|SEQROOM|20250101||ACK|7|P|2.5.1';

function message(text: string) {
  const reading = readMessage(text);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.message;
}

describe('a text from elsewhere', () => {
  test.each([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['empty lines', '\r\n\r\n'],
  ])('may end its lines in %s, the last one or not', (_what, end) => {
    for (const text of [`${HEADER}${end}MSA|AA|1`, `${HEADER}${end}MSA|AA|1${end}`]) {
      expect(message(text).segments.map(({ id }) => id)).toEqual(['MSH', 'MSA']);
      expect(textAt(message(text).segments[1], 2)).toBe('1');
    }
  });

  test('counts MSH fields as HL7 does', () => {
    const [header] = message(HEADER).segments;
    expect([1, 2, 3, 9, 10, 12, 18].map((field) => textAt(header, field))).toEqual([
      ...['|', '^~\\&', 'LIS', 'ACK', '7', '2.5.1', ''],
    ]);
  });

  test('is unescaped once: what an escape stands for is text, never a delimiter or another escape', () => {
    const { segments } = message(`${HEADER}\rNTE|1|L|a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\F\\E\\g\\X0D0A\\h`);
    expect(segments[1]?.fields[2]).toEqual([[['a|b^c&d~e\\F\\g\r\nh']]]);
  });

  test('keeps escapes that stand for no text, and such as are none', () => {
    const kept = 'a\\H\\b\\N\\c\\.br\\d\\X0\\e\\XFF\\f\\Zxx\\g\\';
    expect(textAt(message(`${HEADER}\rNTE|1|L|${kept}`).segments[1], 3)).toBe(kept);
  });

  test('may leave out escape and subcomponent characters', () => {
    const { segments } = message('MSH|^~|A\rPID|1||a&b\\F\\c^d');
    expect(segments[1]?.fields[2]).toEqual([[['a&b\\F\\c'], ['d']]]);
    const three = message('MSH|^~\\|A\rPID|1||a\\T\\b\\F\\c');
    expect(textAt(three.segments[1], 3)).toBe('a\\T\\b|c');
  });

  test('may name the truncation character of HL7 2.7', () => {
    expect(textAt(message('MSH|^~\\&#|A').segments[0], 3)).toBe('A');
  });

  test.each([
    ['no MSH', 'PID|1', 'the text does not begin with MSH'],
    ['a batch', 'FHS|^~\\&|A\rMSH|^~\\&|A', 'the text does not begin with MSH'],
    ['no separators', 'MSH', 'MSH-2 does not hold two to five encoding characters'],
    ['one encoding character', 'MSH|^|A', 'MSH-2 does not hold two to five encoding characters'],
    ['six encoding characters', 'MSH|^~\\&#%|A', 'MSH-2 does not hold two to five encoding characters'],
    ['the same separator twice', 'MSH|^^\\&|A', 'MSH-1 and MSH-2 are not different punctuation marks'],
    ['a letter as separator', 'MSHA^~\\&A', 'MSH-1 and MSH-2 are not different punctuation marks'],
    ['two messages', `${HEADER}\r${HEADER}`, 'line 2 begins a second message'],
    [
      'a line that is no segment',
      `${HEADER}\rhello`,
      'line 2 does not begin with a segment id and a field separator',
    ],
    [
      'a segment id too long',
      `${HEADER}\rPIDX|1`,
      'line 2 does not begin with a segment id and a field separator',
    ],
  ])('is refused with %s, and the reason quotes nothing of it', (_what, text, detail) => {
    expect(readMessage(text)).toEqual({ ok: false, detail });
  });

  test('can be read past lines that are no segments', () => {
    const reading = readMessage(`${HEADER}\rMSA|AE|1|first line\nat second line\rERR|||207`, 'skip');
    expect(reading.ok && reading.message.segments.map(({ id }) => id)).toEqual(['MSH', 'MSA', 'ERR']);
  });

  test('gives empty texts for all that is not there', () => {
    const parsed = message(`${HEADER}\rMSA|AA`);
    expect(textAt(segmentsOf(parsed, 'ERR')[0], 3)).toBe('');
    expect(textAt(segmentsOf(parsed, 'MSA')[0], 2)).toBe('');
    expect(textAt(segmentsOf(parsed, 'MSA')[0], 1, 2, 3, 4)).toBe('');
  });

  test('never throws, whatever it is', () => {
    const lines = fc.array(
      fc.oneof(hostileText, fc.constantFrom(HEADER, 'MSH', 'MSH|', 'MSA|AA|1', 'MSH#^~\\&#')),
    );
    fc.assert(
      fc.property(
        lines,
        fc.constantFrom('\r', '\n', ''),
        fc.constantFrom('refuse', 'skip'),
        (parts, end, mode) => {
          const reading = readMessage(parts.join(end), mode);
          if (reading.ok) expect(reading.message.segments[0]?.id).toBe('MSH');
          else expect(reading.detail).not.toBe('');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('never throws on a message with damage', () => {
    const whole = `${HEADER}\rMSA|AA|1|ok\rERR||PID^1^5|101^Required&field^HL70357|E\r`;
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(20), hostileText, (at, length, put) => {
        const damaged = whole.slice(0, at) + put + whole.slice(at + length);
        expect(typeof readMessage(damaged).ok).toBe('boolean');
      }),
    );
  });
});
