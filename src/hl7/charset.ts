import type { Charset } from '../config/message.ts';
import { CODECS } from './charset/codecs.ts';
import { codeOf, placeOf } from './charset/place.ts';

export type { Charset };

export type Encoded =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** `detail` names the field and the character's code, and quotes nothing else. */
  | { readonly ok: false; readonly detail: string };

export type Decoded =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly detail: string };

/** Whether a set has every character of a text. */
export function canWrite(text: string, charset: Charset): boolean {
  return unwritableAt(text, charset) === null;
}

/** A whole message to bytes, once, and only if each character can be written: there is no silent `?`. */
export function encode(message: string, charset: Charset): Encoded {
  const at = unwritableAt(message, charset);
  if (at !== null) {
    const place = placeOf(message, at);
    return { ok: false, detail: `${place}: ${codeOf(message.slice(at))} cannot be written in ${charset}` };
  }
  const bytes = CODECS[charset].encode(message);
  // What is written is not believed before a decoder of someone else's has read it.
  return CODECS[charset].decode(bytes, 'substitute') === message
    ? { ok: true, bytes }
    : { ok: false, detail: `the message would not be read in ${charset} as it was meant` };
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

/** Index of the first character that the set has no bytes for. */
function unwritableAt(text: string, charset: Charset): number | null {
  const codec = CODECS[charset];
  if (codec.hasAll(text)) return null;
  let index = 0;
  for (const character of text) {
    if (!codec.has(character)) return index;
    index += character.length;
  }
  return null;
}
