import { decode, decodeLossy, type Charset } from '../hl7/charset.ts';

/** Names in MSH-18 (HL7 table 0211, and what senders write instead), letters and digits only. */
const NAMES: Readonly<Record<string, Charset>> = {
  UNICODEUTF8: 'UTF-8',
  UTF8: 'UTF-8',
  UNICODE: 'UTF-8',
  ASCII: 'ASCII',
  '88591': 'ISO-8859-1',
  ISO88591: 'ISO-8859-1',
  ISOIR87: 'ISO-2022-JP',
  ISO2022JP: 'ISO-2022-JP',
  SHIFTJIS: 'Shift_JIS',
  SJIS: 'Shift_JIS',
  EUCJP: 'EUC-JP',
};

/** The character set that MSH-18 names; the last repetition that is known, since the first one is often ASCII. */
function charsetOf(bytes: Uint8Array, preset: Charset): Charset {
  const [line = ''] = decodeLossy(bytes, 'ISO-8859-1').split(/[\r\n]/, 1);
  const at = line.indexOf('MSH');
  const bar = line[at + 3];
  if (at === -1 || bar === undefined) return preset;
  const names = (line.slice(at).split(bar)[17] ?? '').split(/[~^]/);
  const known = names.map((name) => NAMES[name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')]);
  return known.findLast((charset) => charset !== undefined) ?? preset;
}

/** The whole message as text, or why it is none; never a text with replaced characters. */
export function readText(
  bytes: Uint8Array,
  preset: Charset,
): ReturnType<typeof decode> & { readonly charset: Charset } {
  const charset = charsetOf(bytes, preset);
  return { ...decode(bytes, charset), charset };
}
