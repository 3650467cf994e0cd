import type { AbifTag } from './abif.ts';

/** ABIF element types, by the numbers of the file format. */
const SHORT = 4;
const LONG = 5;
const PSTRING = 18;
/** As many characters as a Pascal string can hold: no instrument lets a name be longer. */
const MAX_TEXT = 255;

/** Number of whole integers in a tag's value: the smaller of what is claimed and what is there. */
export function integerCount(tag: AbifTag, value: Uint8Array): number {
  const fits = Math.floor(value.length / integerWidth(tag));
  return tag.count > 0 ? Math.min(tag.count, fits) : fits;
}

/**
 * Decodes big-endian integers into `target`, from its start, as many as it holds; values beyond 16 bits are
 * clamped to them. The element size in the entry is not asked: it is 0 on some real files, the type is not.
 */
export function readInt16s(tag: AbifTag, value: Uint8Array, target: Int16Array): void {
  if (integerWidth(tag) === 2) {
    const raw = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
    raw.set(value.subarray(0, raw.length));
    raw.swap16();
    return;
  }
  const view = viewOf(value);
  for (let i = 0; i < target.length; i++) {
    target[i] = Math.max(-32768, Math.min(32767, view.getInt32(i * 4)));
  }
}

/** Decodes big-endian integers without clamping. */
export function readIntegers(tag: AbifTag, value: Uint8Array): Int32Array {
  const integers = new Int32Array(integerCount(tag, value));
  const view = viewOf(value);
  const wide = integerWidth(tag) === 4;
  for (let i = 0; i < integers.length; i++) integers[i] = wide ? view.getInt32(i * 4) : view.getInt16(i * 2);
  return integers;
}

/** Greatest of a tag's integers from index `from` up to, not including, `to`; null where there is none. */
export function greatestInteger(tag: AbifTag, value: Uint8Array, from: number, to: number): number | null {
  const width = integerWidth(tag);
  if (to <= from) return null;
  const view = viewOf(value);
  if (width === 4) {
    let greatest = -Infinity;
    for (let i = from; i < to; i++) greatest = Math.max(greatest, view.getInt32(i * 4));
    return greatest;
  }
  // The hot loop of the whole reader: the low byte is looked at only where the high byte can win. Flipping
  // the sign bit makes unsigned bytes compare as the signed numbers do.
  let high = -1;
  let greatest = -32768;
  for (let at = from * 2; at < to * 2; at += 2) {
    const byte = (value[at] ?? 0) ^ 0x80;
    if (byte < high) continue;
    high = byte;
    greatest = Math.max(greatest, view.getInt16(at));
  }
  return greatest;
}

/** First integer of a tag; null where the tag is absent, out of the file or empty. */
export function readInteger(tag: AbifTag | null): number | null {
  if (tag?.value == null || tag.value.length < integerWidth(tag)) return null;
  const view = viewOf(tag.value);
  return integerWidth(tag) === 4 ? view.getInt32(0) : view.getInt16(0);
}

/** A 32-bit float; null where the tag is absent or short. */
export function readFloat(tag: AbifTag | null): number | null {
  return tag?.value == null || tag.value.length < 4 ? null : viewOf(tag.value).getFloat32(0);
}

/**
 * A text as people read it: cut to its element, UTF-8 where it is valid UTF-8 and Latin-1 otherwise, without
 * control characters and outer blanks, at most 255 characters. Null where nothing is left.
 */
export function readText(tag: AbifTag | null): string | null {
  if (tag?.value == null) return null;
  const text = decode(tag.type === PSTRING ? pString(tag.value) : upToNul(tag.value));
  const clean = text.replace(/\p{Cc}/gu, '').trim();
  if (clean === '') return null;
  return clean.length <= MAX_TEXT
    ? clean
    : Array.from(clean.slice(0, 2 * MAX_TEXT))
        .slice(0, MAX_TEXT)
        .join('');
}

/** Date and time tags as `YYYY-MM-DDTHH:MM:SS`; null where either is absent or not a date or time of day. */
export function readDateTime(date: AbifTag | null, time: AbifTag | null): string | null {
  if (date?.value == null || time?.value == null) return null;
  if (date.value.length < 4 || time.value.length < 3) return null;
  const year = viewOf(date.value).getInt16(0);
  const [month = 0, day = 0] = date.value.subarray(2);
  const [hour = 0, minute = 0, second = 0] = time.value;
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month))
    return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/** Integers of a type that has none (or a foreign one) are read as shorts, the type of nearly all signals. */
function integerWidth(tag: AbifTag): 2 | 4 {
  if (tag.type === LONG) return 4;
  if (tag.type === SHORT || tag.count <= 0) return 2;
  return tag.size === tag.count * 4 ? 4 : 2;
}

function pString(value: Uint8Array): Uint8Array {
  return value.subarray(1, 1 + (value[0] ?? 0));
}

function upToNul(value: Uint8Array): Uint8Array {
  const end = value.indexOf(0);
  return end === -1 ? value : value.subarray(0, end);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(value: Uint8Array): string {
  try {
    return utf8.decode(value);
  } catch {
    return Buffer.from(value).toString('latin1');
  }
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function viewOf(value: Uint8Array): DataView {
  return new DataView(value.buffer, value.byteOffset, value.byteLength);
}
