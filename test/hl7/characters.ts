import { decode, encode, type Charset } from '../../src/hl7/charset.ts';

/** What a reader has of a text that was written in the set; null where it could not be written or read. */
export function roundTrip(text: string, charset: Charset): string | null {
  const encoded = encode(text, charset);
  if (!encoded.ok) return null;
  const decoded = decode(encoded.bytes, charset);
  return decoded.ok ? decoded.text : null;
}

/** Bytes as people compare them: `1b 24 42`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
