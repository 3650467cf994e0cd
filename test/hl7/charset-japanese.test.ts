import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, decodeLossy, encode } from '../../src/hl7/charset.ts';
import { jisX0208 } from '../../src/hl7/charset/tables.ts';
import { buildMessage } from '../../src/hl7/message.ts';
import { readMessage, segmentsOf, textAt } from '../../src/hl7/read.ts';
import { hex, roundTrip } from './characters.ts';

const JAPANESE = ['ISO-2022-JP', 'Shift_JIS', 'EUC-JP', 'UTF-8'] as const;
// eslint-disable-next-line no-control-regex -- the escape that is looked for
const ESCAPES = /\u001b../g;
const ALL = [...jisX0208().keys()];

/** The characters whose two bytes in ISO-2022-JP hold one of the five delimiters. */
const DANGEROUS = [...jisX0208()].flatMap(([character, place]) =>
  place.some((number) => Array.from('|^~\\&').some((mark) => mark.charCodeAt(0) === 0x20 + number))
    ? [character]
    : [],
);

/** The text in each field of a message of the three places in which people's characters stand. */
function fieldsOf(text: string): readonly string[] {
  const reading = readMessage(text);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.message.segments.flatMap(({ id, fields }) =>
    fields.flatMap((field, index) =>
      field.flatMap((occurrence) => occurrence.flat().map((part) => `${id}-${index + 1} ${part}`)),
    ),
  );
}

test('the table has every character of JIS X 0208, and nothing else', () => {
  expect(ALL).toHaveLength(6879);
  expect(ALL.filter((character) => /\p{Script=Han}/u.test(character)).length).toBeGreaterThan(6350);
  // Of NEC, IBM, JIS X 0212, half-width, and outside of all.
  for (const character of '①㈱髙﨑丂ﾔ€𠮷') expect(jisX0208().has(character)).toBe(false);
});

test('the dangerous ones are known: 582, of which 515 are kanji; 万, 五 and 京 among them', () => {
  expect(DANGEROUS).toHaveLength(582);
  expect(DANGEROUS.filter((character) => /\p{Script=Han}/u.test(character))).toHaveLength(515);
  expect(DANGEROUS).toEqual(expect.arrayContaining(['万', '五', '京']));
});

describe.each(JAPANESE)('%s', (charset) => {
  test(`brings all 6,879 characters of JIS X 0208 there and back, alone and side by side`, () => {
    expect(ALL.filter((character) => roundTrip(character, charset) === character)).toHaveLength(6879);
    const together = ALL.join('');
    expect(roundTrip(together, charset)).toBe(together);
    const between = ALL.join('|A^');
    expect(roundTrip(between, charset)).toBe(between);
  });

  test('splits a message with the dangerous characters into the fields that were meant', () => {
    for (let start = 0; start < DANGEROUS.length; start += 6) {
      const name = DANGEROUS.slice(start, start + 6);
      const text = buildMessage([
        { id: 'MSH', fields: { 3: name.join(''), 10: '1' } },
        { id: 'PID', fields: { 3: ['1', '', '', 'HOSP'], 5: { repeat: [name, [name.join(''), 'x']] } } },
        { id: 'NTE', fields: { 3: `${name.join('|')}\\` } },
      ]);
      expect(fieldsOf(roundTrip(text, charset) ?? '')).toEqual(fieldsOf(text));
    }
  });

  test('splits any message of these characters and delimiters into the fields that were meant', () => {
    const character = fc.oneof(
      fc.constantFrom(...DANGEROUS),
      fc.constantFrom(...ALL),
      fc.constantFrom('|', '^', '~', '\\', '&', '\r', ' ', 'a', '$B', '(B'),
    );
    const words = fc.array(character, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(words, words, words, (family, given, note) => {
        const text = buildMessage([
          { id: 'MSH', fields: { 3: 'A', 10: '1' } },
          { id: 'PID', fields: { 5: [family, given] } },
          { id: 'NTE', fields: { 3: note } },
        ]);
        const reading = readMessage(roundTrip(text, charset) ?? '');
        if (!reading.ok) throw new Error(reading.detail);
        const [pid] = segmentsOf(reading.message, 'PID');
        const [nte] = segmentsOf(reading.message, 'NTE');
        expect([textAt(pid, 5, 1), textAt(pid, 5, 2), textAt(nte, 3)]).toEqual([family, given, note]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('ISO-2022-JP', () => {
  const bytesOf = (text: string): string => {
    const encoded = encode(text, 'ISO-2022-JP');
    return encoded.ok ? hex(encoded.bytes) : encoded.detail;
  };

  test('switches to JIS X 0208 and back, and ends each segment in ASCII', () => {
    expect(bytesOf('a万|五\rb')).toBe('61 1b 24 42 4b 7c 1b 28 42 7c 1b 24 42 38 5e 1b 28 42 0d 62');
  });

  test('knows no other switch: the only escapes are ESC $ B and ESC ( B', () => {
    const encoded = encode(ALL.join('a'), 'ISO-2022-JP');
    if (!encoded.ok) throw new Error(encoded.detail);
    const escapes = Buffer.from(encoded.bytes).toString('latin1').match(ESCAPES);
    expect(new Set(escapes)).toEqual(new Set(['\u001b$B', '\u001b(B']));
    expect(encoded.bytes.every((byte) => byte < 0x80)).toBe(true);
  });

  test.each([
    ['half-width kana', 'ﾔ', 'U+FF94'],
    ['a NEC special', '①', 'U+2460'],
    ['an IBM extension', '髙', 'U+9AD9'],
    ['JIS X 0212', '丂', 'U+4E02'],
    ['a character beyond the basic plane', '𠮷', 'U+20BB7'],
    ['a currency of another set', '€', 'U+20AC'],
  ])('refuses %s, and never writes a ? for it', (_what, character, code) => {
    expect(encode(`MSH|^~\\&|A\rPID|1||${character}\r`, 'ISO-2022-JP')).toEqual({
      ok: false,
      detail: `PID-3: ${code} cannot be written in ISO-2022-JP`,
    });
  });

  test('refuses broken bytes, and reads around them where only the rest matters', () => {
    const cut = Uint8Array.from([0x41, 0x1b, 0x24, 0x42, 0x4b]);
    expect(decode(cut, 'ISO-2022-JP')).toEqual({ ok: false, detail: 'the bytes are not ISO-2022-JP' });
    expect(decodeLossy(cut, 'ISO-2022-JP')).toMatch(/^A/);
  });
});

describe('Shift_JIS is that of Windows (cp932)', () => {
  test.each([
    ['①', '87 40'],
    ['髙', 'fb fc'],
    ['﨑', 'fa b1'],
    ['㈱', '87 8a'],
    ['ﾔ', 'd4'],
    ['∵', '81 e6'],
    ['表', '95 5c'],
  ])('%s is %s', (character, expected) => {
    const encoded = encode(character, 'Shift_JIS');
    expect(encoded.ok && hex(encoded.bytes)).toBe(expected);
    expect(roundTrip(character, 'Shift_JIS')).toBe(character);
  });
});

describe('EUC-JP', () => {
  test('writes half-width kana in two bytes, and no JIS X 0212', () => {
    const encoded = encode('ﾔ', 'EUC-JP');
    expect(encoded.ok && hex(encoded.bytes)).toBe('8e d4');
    expect(encode('丂', 'EUC-JP').ok).toBe(false);
    expect(encode('①', 'EUC-JP').ok).toBe(false);
  });
});
