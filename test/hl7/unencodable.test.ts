import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode, type Charset } from '../../src/hl7/charset.ts';
import { fit } from '../../src/hl7/charset/fit.ts';
import { composeMessages } from '../../src/hl7/compose.ts';
import { escapeText } from '../../src/hl7/escape.ts';
import { readMessage, segmentsOf, textAt, type ReadMessage } from '../../src/hl7/read.ts';
import type { Report } from '../../src/hl7/report.ts';
import { destination, envelope, example, site } from './example.ts';
import { hostileText } from './hostile.ts';

const SITE = { ...site, language: 'en', commandLanguage: 'auto' } as const;
const fallback = { mark: '〓', substitutes: new Map([['髙', '高']]) };

const fitted = (text: string, charset: Charset = 'ISO-2022-JP'): string => fit(text, charset, fallback).text;

describe('the same character in another form is written without a word', () => {
  test.each([
    ['half-width kana', 'ﾔﾏﾀﾞ ﾊﾟｰﾄ', 'ヤマダ パート'],
    ['half-width kana that no full-width one composes', 'ﾜﾞｱﾞﾟ', 'ワ゛ア゛゜'],
    ['a voiced sound mark of its own', 'か\u3099', 'が'],
    ['a wave dash', '〜', '～'],
    ['a minus sign, a dash and parallel lines', '\u2212\u2014\u2016', '\uff0d\u2015\u2225'],
  ])('%s', (_what, text, written) => {
    expect(fitted(text)).toBe(written);
    expect(fit(text, 'ISO-2022-JP', fallback).replaced.map(({ kind }) => kind)).not.toContain('other');
  });

  test('and where the set has it, as it is', () => {
    expect(fitted('ﾔﾏﾀﾞ', 'Shift_JIS')).toBe('ﾔﾏﾀﾞ');
    expect(fitted('ﾔﾏﾀﾞ', 'EUC-JP')).toBe('ﾔﾏﾀﾞ');
    expect(fitted('e\u0301', 'ISO-8859-1')).toBe('é');
  });
});

describe('any other character that the set does not have', () => {
  test.each([
    ['has the form that the site chose', '髙', '高'],
    ['has its compatibility form', '①㈱Ⅲ', '1(株)III'],
    ['loses its variation selector', '葛\u{e0100}', '葛'],
    ['is the mark, however many code points it has', '𠮷', '〓'],
    ['is one mark with all its accents', 'x\u0301', '〓'],
  ])('%s', (_what, text, written) => {
    expect(fitted(text)).toBe(written);
    expect(fit(text, 'ISO-2022-JP', fallback).replaced.every(({ kind }) => kind === 'other')).toBe(true);
  });

  test('does not become a delimiter when its compatibility form is one', () => {
    expect(fit('a｜b＾c＆d～e＼', 'ASCII', { mark: '?', substitutes: new Map() }).text).toBe(
      'a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\',
    );
  });

  test('leaves every delimiter and escape of the message in its place', () => {
    const skeleton = (text: string): string => text.replace(/\\[A-Z0-9]+\\/g, '').replace(/[^|^~&\r]/g, '');
    const word = fc.oneof(hostileText, fc.constantFrom('\u3099', '\u0301', '髙', 'ﾞ', '｜')).map(escapeText);
    const delimiter = fc.constantFrom('|', '^', '~', '&', '\r');
    fc.assert(
      fc.property(
        fc.array(fc.oneof(word, delimiter), { maxLength: 12 }),
        fc.constantFrom<Charset>('ISO-2022-JP', 'Shift_JIS', 'EUC-JP', 'ISO-8859-1', 'ASCII'),
        (parts, charset) => {
          const text = parts.join('');
          const result = fit(text, charset, { mark: '?', substitutes: new Map() }).text;
          expect(skeleton(result)).toBe(skeleton(text));
          const encoded = encode(result, charset);
          expect(encoded.ok && decode(encoded.bytes, charset)).toEqual({ ok: true, text: result });
        },
      ),
      { numRuns: 300 },
    );
  });
});

function composed(
  report: Partial<Report>,
  changes: Parameters<typeof destination>[0],
  language: 'en' | 'ja' = 'en',
) {
  const lis = [destination({ charset: 'ISO-2022-JP', ...changes })];
  return composeMessages({ ...example, ...report }, { lis, site: { ...SITE, language } }, () => envelope);
}

function read(report: Partial<Report>, changes: Parameters<typeof destination>[0] = {}): ReadMessage {
  const outcome = composed(report, changes);
  if (!outcome.ok) throw new Error(outcome.reason.detail);
  const decoded = decode(outcome.messages[0]?.bytes ?? new Uint8Array(), changes.charset ?? 'ISO-2022-JP');
  if (!decoded.ok) throw new Error(decoded.detail);
  const reading = readMessage(decoded.text);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.message;
}

const named = (name: string): Partial<Report> => {
  const patient = { id: '1', name, nameKana: null, birthDate: null, sex: null };
  return { context: { ...example.context, patient } };
};

describe('a result with a name that the LIS cannot be sent', () => {
  test('goes out with the mark in its place, and says so behind the other comments', () => {
    const message = read(named('𠮷田 太郎'));
    expect(textAt(segmentsOf(message, 'PID')[0], 5)).toBe('〓田');
    expect(segmentsOf(message, 'NTE').map((nte) => textAt(nte, 3))).toEqual([
      ...example.notes,
      'Characters that ISO-2022-JP does not have were replaced: PID-5 U+20BB7 by 〓.',
    ]);
  });

  test('says so also where comments are off', () => {
    const message = read(named('髙橋 進'), { notes: false, substitutes: ['髙高'] });
    expect(textAt(segmentsOf(message, 'PID')[0], 5)).toBe('高橋');
    expect(segmentsOf(message, 'NTE').map((nte) => textAt(nte, 3))).toEqual([
      'Characters that ISO-2022-JP does not have were replaced: PID-5 U+9AD9 by 高.',
    ]);
  });

  test('says so in the language of the site', () => {
    const outcome = composed(named('𠮷田'), {}, 'ja');
    const text = outcome.ok ? decode(outcome.messages[0]?.bytes ?? new Uint8Array(), 'ISO-2022-JP') : null;
    expect(text).toMatchObject({
      text: expect.stringContaining('ISO-2022-JPにない文字を置き換えました：PID-5 U+20BB7→〓。'),
    });
  });

  test('says nothing where nothing was lost', () => {
    const message = read(named('ﾔﾏﾀﾞ ﾀﾛｳ'));
    expect(textAt(segmentsOf(message, 'PID')[0], 5)).toBe('ヤマダ');
    expect(segmentsOf(message, 'NTE')).toHaveLength(example.notes.length);
  });

  test('is held where the site wants that, and the reason does not quote it', () => {
    expect(composed(named('𠮷田 太郎'), { unencodable: 'hold' })).toEqual({
      ok: false,
      reason: { code: 'CANNOT_ENCODE', detail: 'main: PID-5: U+20BB7 cannot be written in ISO-2022-JP' },
    });
  });

  test('has a ? only in a western set, and says so', () => {
    const message = read(named('山 A'), { charset: 'ASCII' });
    expect(textAt(segmentsOf(message, 'PID')[0], 5)).toBe('?');
    expect(
      segmentsOf(message, 'NTE')
        .map((nte) => textAt(nte, 3))
        .at(-1),
    ).toBe('Characters that ASCII does not have were replaced: PID-5 U+5C71 by ?.');
  });
});

test.each([
  ['an accession', { accession: 'S①' }, 'SPM-2: U+2460'],
  ['an accession in half-width kana', { accession: 'Sｱ' }, 'SPM-2: U+FF71'],
  ['an order', { order: '№1' }, 'ORC-2: U+2116'],
])('%s is never replaced: the result is held', (_what, context, detail) => {
  expect(composed({ context: { ...example.context, ...context } }, {})).toEqual({
    ok: false,
    reason: { code: 'CANNOT_ENCODE', detail: `main: ${detail} cannot be written in ISO-2022-JP` },
  });
});

test('a mark that the set does not have itself holds the result', () => {
  expect(composed(named('𠮷田'), { mark: '☃' })).toMatchObject({
    ok: false,
    reason: { detail: expect.stringContaining('U+2603 cannot be written in ISO-2022-JP') },
  });
});
