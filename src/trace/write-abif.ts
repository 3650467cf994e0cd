/** One tag to write: its value already encoded as `type` wants it. */
export interface TagToWrite {
  /** Four characters. */
  readonly name: string;
  readonly number: number;
  /** ABIF element type. */
  readonly type: number;
  /** Bytes of one element. */
  readonly elementSize: number;
  readonly value: Uint8Array;
}

const HEADER = 128;
const ENTRY = 28;
const ENTRIES_A_BLOCK = 16;

export function chars(name: string, number: number, text: string): TagToWrite {
  return { name, number, type: 2, elementSize: 1, value: Buffer.from(text, 'latin1') };
}

export function bytesTag(name: string, number: number, value: Uint8Array): TagToWrite {
  return { name, number, type: 2, elementSize: 1, value };
}

/** Pascal string: a length byte, then at most 255 bytes of UTF-8. */
export function pString(name: string, number: number, text: string): TagToWrite {
  const encoded = Buffer.from(text, 'utf8').subarray(0, 255);
  return {
    name,
    number,
    type: 18,
    elementSize: 1,
    value: Buffer.concat([Buffer.of(encoded.length), encoded]),
  };
}

/** C string: UTF-8, ended by a NUL. */
export function cString(name: string, number: number, text: string): TagToWrite {
  return { name, number, type: 19, elementSize: 1, value: Buffer.from(`${text}\0`, 'utf8') };
}

export function shorts(name: string, number: number, values: ArrayLike<number>): TagToWrite {
  const value = Buffer.from(Int16Array.from(values).buffer).swap16();
  return { name, number, type: 4, elementSize: 2, value };
}

export function longs(name: string, number: number, values: ArrayLike<number>): TagToWrite {
  const value = Buffer.from(Int32Array.from(values).buffer).swap32();
  return { name, number, type: 5, elementSize: 4, value };
}

export function float(name: string, number: number, of: number): TagToWrite {
  const value = Buffer.alloc(4);
  value.writeFloatBE(of);
  return { name, number, type: 7, elementSize: 4, value };
}

/** `RUND`: year, month 1-12, day. */
export function date(name: string, number: number, year: number, month: number, day: number): TagToWrite {
  const value = Buffer.of(0, 0, month, day);
  value.writeInt16BE(year);
  return { name, number, type: 10, elementSize: 4, value };
}

/** `RUNT`: hour, minute, second; hundredths are 0. */
export function time(name: string, number: number, hour: number, minute: number, second: number): TagToWrite {
  return { name, number, type: 11, elementSize: 4, value: Buffer.of(hour, minute, second, 0) };
}

/**
 * Writes an ABIF file as instruments do: header of 128 bytes, values, and last the directory, sorted by name and
 * number, padded to a multiple of 16 entries. Values of four bytes or less stand in their entries.
 */
export function writeAbif(tags: readonly TagToWrite[]): Uint8Array {
  const sorted = [...tags].sort((a, b) => compare(a.name, b.name) || a.number - b.number);
  const valueBytes = sorted.reduce((sum, tag) => sum + (tag.value.length > 4 ? tag.value.length : 0), 0);
  const directory = HEADER + valueBytes;
  const directoryBytes = Math.ceil(sorted.length / ENTRIES_A_BLOCK) * ENTRIES_A_BLOCK * ENTRY;
  const file = Buffer.alloc(directory + directoryBytes);

  file.write('ABIF', 0, 'latin1');
  file.writeInt16BE(101, 4);
  writeEntry(
    file,
    6,
    { name: 'tdir', number: 1, type: 1023, elementSize: ENTRY },
    sorted.length,
    directoryBytes,
  );
  file.writeInt32BE(directory, 26);

  let at = HEADER;
  for (const [i, tag] of sorted.entries()) {
    const entry = directory + i * ENTRY;
    writeEntry(file, entry, tag, tag.value.length / tag.elementSize, tag.value.length);
    if (tag.value.length <= 4) {
      file.set(tag.value, entry + 20);
    } else {
      file.writeInt32BE(at, entry + 20);
      file.set(tag.value, at);
      at += tag.value.length;
    }
  }
  return file;
}

/** Everything of an entry but where its value is. */
function writeEntry(
  file: Buffer,
  at: number,
  tag: Omit<TagToWrite, 'value'>,
  count: number,
  size: number,
): void {
  file.write(tag.name, at, 4, 'latin1');
  file.writeInt32BE(tag.number, at + 4);
  file.writeInt16BE(tag.type, at + 8);
  file.writeInt16BE(tag.elementSize, at + 10);
  file.writeInt32BE(count, at + 12);
  file.writeInt32BE(size, at + 16);
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
