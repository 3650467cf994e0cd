import { describe, expect, test } from 'vitest';
import { decode, decodeLossy, encode } from '../../src/hl7/charset.ts';
import { roundTrip } from './characters.ts';

describe('UTF-8', () => {
  test('writes every character, also beyond the basic plane', () => {
    const text = 'MSH|^~\\&|髙﨑 𠮷野家 ① € ﾔﾏﾀﾞ\r';
    const encoded = encode(text, 'UTF-8');
    expect(encoded.ok && decode(encoded.bytes, 'UTF-8')).toEqual({ ok: true, text });
  });

  test('refuses half of a surrogate pair, and says where it is without quoting its neighbours', () => {
    expect(encode('MSH|^~\\&|A\rPID|1||7||山\uD800田|x\r', 'UTF-8')).toEqual({
      ok: false,
      detail: 'PID-5: U+D800 cannot be written in UTF-8',
    });
    expect(encode('MSH|^~\\&|\uDC00', 'UTF-8')).toEqual({
      ok: false,
      detail: 'MSH-3: U+DC00 cannot be written in UTF-8',
    });
    expect(encode('MSH|^~\\&|A\rNTE|1|L|a\rNTE|2|L|\uDFFF\r', 'UTF-8')).toEqual({
      ok: false,
      detail: 'NTE[2]-3: U+DFFF cannot be written in UTF-8',
    });
  });

  test('refuses bytes of another set', () => {
    const shiftJis = Uint8Array.from([0x8e, 0x52, 0x93, 0x63]);
    expect(decode(shiftJis, 'UTF-8')).toEqual({ ok: false, detail: 'the bytes are not UTF-8' });
  });

  test('reads around bytes of another set where only the rest matters', () => {
    const answer = Uint8Array.from([...Buffer.from('MSA|AE|1|'), 0x8e, 0x52, ...Buffer.from('|x')]);
    expect(decodeLossy(answer, 'UTF-8')).toMatch(/^MSA\|AE\|1\|.*\|x$/u);
  });
});

describe('ISO-8859-1 and ASCII', () => {
  test('write what they have', () => {
    expect(roundTrip('Müller «µ»', 'ISO-8859-1')).toBe('Müller «µ»');
    expect(roundTrip('Mueller', 'ASCII')).toBe('Mueller');
  });

  test('refuse the rest, the additions of windows-1252 as well', () => {
    expect(encode('MSH|^~\\&|€', 'ISO-8859-1')).toEqual({
      ok: false,
      detail: 'MSH-3: U+20AC cannot be written in ISO-8859-1',
    });
    expect(encode('é', 'ASCII').ok).toBe(false);
    expect(decode(Uint8Array.of(0xe9), 'ASCII')).toEqual({ ok: false, detail: 'the bytes are not ASCII' });
  });
});
