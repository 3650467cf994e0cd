/** One tag's entry in an ABIF directory. Every number is the file's own claim; only `valueOf` checks it. */
export interface AbifTag {
  /** Name and number as people write them: `DATA9`, `PBAS2`. */
  readonly label: string;
  /** ABIF element type: 2 char, 4 short, 5 long, 7 float, 10 date, 11 time, 18 pString, 19 cString, … */
  readonly type: number;
  /** Number of elements; 0 or a false number on some real files. */
  readonly count: number;
  /** Length of the value in bytes; may be negative or absurd. */
  readonly size: number;
  /** The value, or null where the entry points outside the file. */
  readonly value: Uint8Array | null;
}

/** The opened container: looks a tag up, the first of duplicates wins. Null where there is no such tag. */
export type FindTag = (name: string, number: number) => AbifTag | null;

/** What kept the container shut. `complete` is false where the file may still be growing. */
export interface AbifFailure {
  readonly ok: false;
  readonly kind: 'not-abif' | 'incomplete';
  readonly detail: string;
  readonly complete: boolean;
}

const MACBINARY_HEADER = 128;
/** Magic, version and the root entry up to its data offset. */
const HEADER = 30;
const ENTRY = 28;
/** Instruments write 100 to 200; each look-up goes through them all. */
const MOST_ENTRIES = 10_000;
const MAGIC = 0x41424946;

/**
 * Opens an ABIF container: magic, root entry, directory within the bytes. Reads no value. Nothing is allocated
 * or repeated by a number from the file that the file's own length does not bound.
 *
 * Layout (Applied Biosystems Genetic Analysis Data File Format, 2009): magic at 0, or at 128 behind a MacBinary
 * header, to which all offsets are then relative; version; root entry; 28-byte big-endian entries.
 */
export function openAbif(bytes: Uint8Array): { ok: true; find: FindTag } | AbifFailure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const base = findBase(view, bytes);
  if (typeof base !== 'number') return base;
  if (bytes.length < base + HEADER) {
    return incomplete(`the header needs ${base + HEADER} bytes, the file has ${bytes.length}`);
  }

  const count = view.getInt32(base + 18);
  const size = view.getInt32(base + 22);
  const offset = view.getInt32(base + 26);
  if (count === 0 && size === 0 && offset === 0) return incomplete('the directory is not written yet');
  const claim = `${count} entries in ${size} bytes at ${offset}`;
  if (count <= 0 || offset < 0) return incomplete(`the header puts the directory at ${claim}`, true);
  if (count > MOST_ENTRIES)
    return incomplete(`the header puts the directory at ${claim}, which is too many`, true);
  const start = base + offset;
  const end = start + count * ENTRY;
  // Only the entries count: a few real files end without the padding that the directory's size includes.
  if (end > bytes.length) {
    // No writer passes through a header that contradicts itself on its way to a good file.
    const contradiction = count * ENTRY > size;
    return incomplete(`the directory is ${claim}, the file has ${bytes.length} bytes`, contradiction);
  }
  for (let at = start; at < end; at += ENTRY) {
    if (view.getUint32(at) === 0) {
      const entry = String((at - start) / ENTRY);
      return incomplete(`directory entry ${entry} of ${count} holds zeros, as in a file reserved ahead`);
    }
  }

  const find: FindTag = (name, number) => {
    const wanted = nameCode(name);
    for (let at = start; at < end; at += ENTRY) {
      if (view.getUint32(at) === wanted && view.getInt32(at + 4) === number) {
        return tagAt(view, bytes, base, at, `${name}${number}`);
      }
    }
    return null;
  };
  return { ok: true, find };
}

function findBase(view: DataView, bytes: Uint8Array): number | AbifFailure {
  for (const base of [0, MACBINARY_HEADER]) {
    if (bytes.length >= base + 4 && view.getUint32(base) === MAGIC) return base;
  }
  if (bytes.length < MACBINARY_HEADER + 4 && couldBecomeAbif(bytes)) {
    return incomplete(`the file has ${bytes.length} bytes, too few to tell what it is`);
  }
  if (bytes.subarray(0, 4).every((byte) => byte === 0)) {
    return incomplete('starts with zeros, as a file reserved ahead does');
  }
  const head = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return {
    ok: false,
    kind: 'not-abif',
    complete: true,
    detail: `starts with 0x${head} where ABIF has 0x41424946`,
  };
}

/** A prefix of the magic, a file of zeros, or what may be a MacBinary header (which starts with a zero). */
function couldBecomeAbif(bytes: Uint8Array): boolean {
  return bytes[0] === 0 || [...bytes.subarray(0, 4)].every((byte, i) => byte === 'ABIF'.charCodeAt(i));
}

function incomplete(detail: string, complete = false): AbifFailure {
  return { ok: false, kind: 'incomplete', detail, complete };
}

function nameCode(name: string): number {
  return Buffer.from(name, 'latin1').readUInt32BE(0);
}

function tagAt(view: DataView, bytes: Uint8Array, base: number, at: number, label: string): AbifTag {
  const size = view.getInt32(at + 16);
  // Values of four bytes or less stand in the entry itself, in the place of the offset.
  const start = size <= 4 ? at + 20 : base + view.getInt32(at + 20);
  const inside = size >= 0 && start >= base && start + size <= bytes.length;
  return {
    label,
    type: view.getInt16(at + 8),
    count: view.getInt32(at + 12),
    size,
    value: inside ? bytes.subarray(start, start + size) : null,
  };
}
