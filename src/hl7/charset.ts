/** Character sets that a message can be written in. */
export type Charset = 'UTF-8';

export type Encoded =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** `detail` names the field and the character's code, and quotes nothing else. */
  | { readonly ok: false; readonly detail: string };

export type Decoded =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly detail: string };

interface Codec {
  /** Index of the first UTF-16 unit that the set has no bytes for; -1 where all can be written. */
  firstUnwritable(text: string): number;
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array, broken: 'refuse' | 'substitute'): string;
}

const CODECS: Readonly<Record<Charset, Codec>> = {
  'UTF-8': {
    firstUnwritable: (text) => text.search(/\p{Surrogate}/u),
    encode: (text) => new TextEncoder().encode(text),
    decode: (bytes, broken) => new TextDecoder('utf-8', { fatal: broken === 'refuse' }).decode(bytes),
  },
};

/** A whole message to bytes, once, and only if each character can be written: there is no silent `?`. */
export function encode(message: string, charset: Charset): Encoded {
  const codec = CODECS[charset];
  const at = codec.firstUnwritable(message);
  if (at === -1) return { ok: true, bytes: codec.encode(message) };
  const code = (message.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return { ok: false, detail: `${placeOf(message, at)}: U+${code} cannot be written in ${charset}` };
}

/** Bytes to text, before anything is split; bytes that the set does not know are refused. */
export function decode(bytes: Uint8Array, charset: Charset): Decoded {
  try {
    return { ok: true, text: CODECS[charset].decode(bytes, 'refuse') };
  } catch {
    return { ok: false, detail: `the bytes are not ${charset}` };
  }
}

/** Bytes to text with U+FFFD for each that the set does not know; for texts that are only looked at. */
export function decodeLossy(bytes: Uint8Array, charset: Charset): string {
  return CODECS[charset].decode(bytes, 'substitute');
}

function placeOf(message: string, index: number): string {
  const before = message.slice(0, index).split('\r');
  const line = before.at(-1) ?? '';
  const id = line.slice(0, 3);
  const field = line.split('|').length - (id === 'MSH' ? 0 : 1);
  const count = before.filter((other) => other.startsWith(id)).length;
  return `${count === 1 ? id : `${id}[${count}]`}-${field}`;
}
