import type { Charset } from '../../config/message.ts';
import { cp932, halfWidthKana, jisX0208 } from './tables.ts';

/** How one character set is written and read. */
export interface Codec {
  /** Whether the set has this one character. */
  has(character: string): boolean;
  /** Whether the set has every character of a text. */
  hasAll(text: string): boolean;
  /** Bytes of a text whose every character the set has. */
  encode(text: string): Uint8Array;
  /** @throws TypeError on bytes that are none of the set, where they are to be refused */
  decode(bytes: Uint8Array, broken: 'refuse' | 'substitute'): string;
}

const REPLACEMENT = '\uFFFD';

const utf8: Codec = {
  has: (character) => character.isWellFormed(),
  hasAll: (text) => text.isWellFormed(),
  encode: (text) => new TextEncoder().encode(text),
  decode: decodeAs('utf-8'),
};

/** ESC $ B and ESC ( B: JIS X 0208 of 1983, and ASCII. No other set is ever switched to. */
const TO_KANJI = [0x1b, 0x24, 0x42];
const TO_ASCII = [0x1b, 0x28, 0x42];

const iso2022jp: Omit<Codec, 'hasAll'> = {
  has: (character) => isAscii(character) || jisX0208().has(character),
  encode(text) {
    const bytes: number[] = [];
    let inKanji = false;
    for (const character of text) {
      const place = jisX0208().get(character);
      if (inKanji !== (place !== undefined)) {
        inKanji = !inKanji;
        bytes.push(...(inKanji ? TO_KANJI : TO_ASCII));
      }
      bytes.push(...(place?.map((number) => 0x20 + number) ?? [character.charCodeAt(0)]));
    }
    if (inKanji) bytes.push(...TO_ASCII);
    return Uint8Array.from(bytes);
  },
  decode: decodeAs('iso-2022-jp'),
};

const shiftJis: Omit<Codec, 'hasAll'> = {
  has: (character) => isAscii(character) || cp932().has(character),
  encode: (text) => bytesOf(text, (character) => cp932().get(character) ?? []),
  decode: decodeAs('shift_jis'),
};

/** Without JIS X 0212 (three bytes) and without NEC's rows, which many receivers do not read. */
const eucJp: Omit<Codec, 'hasAll'> = {
  has: (character) => isAscii(character) || jisX0208().has(character) || halfWidthKana.has(character),
  encode: (text) =>
    bytesOf(
      text,
      (character) =>
        jisX0208()
          .get(character)
          ?.map((number) => 0xa0 + number) ?? [0x8e, ...(halfWidthKana.get(character) ?? [])],
    ),
  decode: decodeAs('euc-jp'),
};

/** Not by TextDecoder, for which this name means windows-1252. */
const latin1: Omit<Codec, 'hasAll'> = {
  has: (character) => isAscii(character) || /^[\u00a0-\u00ff]$/.test(character),
  encode: (text) => Buffer.from(text, 'latin1'),
  decode: (bytes) => Buffer.from(bytes).toString('latin1'),
};

const ascii: Omit<Codec, 'hasAll'> = {
  has: isAscii,
  encode: (text) => Buffer.from(text, 'latin1'),
  decode(bytes, broken) {
    if (broken === 'refuse' && bytes.some((byte) => byte > 0x7f)) throw new TypeError('a byte above 7F');
    return Array.from(bytes, (byte) => (byte > 0x7f ? REPLACEMENT : String.fromCharCode(byte))).join('');
  },
};

export const CODECS: Readonly<Record<Charset, Codec>> = {
  'UTF-8': utf8,
  'ISO-2022-JP': byCharacter(iso2022jp),
  Shift_JIS: byCharacter(shiftJis),
  'EUC-JP': byCharacter(eucJp),
  'ISO-8859-1': byCharacter(latin1),
  ASCII: byCharacter(ascii),
};

function byCharacter(codec: Omit<Codec, 'hasAll'>): Codec {
  return { ...codec, hasAll: (text) => Array.from(text).every((character) => codec.has(character)) };
}

function isAscii(character: string): boolean {
  return character.length === 1 && character.charCodeAt(0) < 0x80;
}

function bytesOf(text: string, other: (character: string) => readonly number[]): Uint8Array {
  return Uint8Array.from(
    Array.from(text).flatMap((character) =>
      isAscii(character) ? [character.charCodeAt(0)] : other(character),
    ),
  );
}

function decodeAs(label: string): Codec['decode'] {
  return (bytes, broken) => new TextDecoder(label, { fatal: broken === 'refuse' }).decode(bytes);
}
