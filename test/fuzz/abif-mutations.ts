import type { Dice } from './dice.ts';

/** Where the numbers of an ABIF file are: what a mutation has to know to hit what a reader looks at. */
interface Layout {
  readonly base: number;
  /** Place of each 28-byte directory entry. */
  readonly entries: readonly number[];
}

const ENTRY = 28;
/** Field of an entry, or of the root entry at 6: name, number, type, element size, count, size, offset. */
const FIELDS = [
  { at: 0, wide: true },
  { at: 4, wide: true },
  { at: 8, wide: false },
  { at: 10, wide: false },
  { at: 12, wide: true },
  { at: 16, wide: true },
  { at: 20, wide: true },
] as const;
const ROOT = 6;

const BORDERS = [0, 1, 2, 3, 4, 5, 7, 28, 127, 255, 256, 32767, 32768, 65535, 2 ** 24, 2 ** 30];
const TYPES = [0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 18, 19, 1023, 1024, -1, 32767];
/** The tags that are read, and some that are not. */
const NAMES = [
  ...['DATA', 'PBAS', 'PLOC', 'FWO_', 'S/N%', 'SPAC', 'SMPL', 'RunN', 'InjN', 'TUBE', 'CTNM', 'LANE'],
  ...['RUND', 'RUNT', 'HCFG', 'MODL', 'MCHN', 'ASPt', 'AEPt', 'PCON', 'JUNK', '\0\0\0\0'],
];
const TEXTS = ['GATC', 'GTAC', 'GATN', 'gatc', '\r\nOBX|1|', '\u000b\u001c', '|^~\\&', '山田', '\uFEFF', ''];

/** One hostile file, made of a good one by one to four mutations. */
export function mutateAbif(corpus: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes: Buffer = Buffer.from(dice.pick(corpus));
  const count = 1 + dice.integer(4);
  for (let done = 0; done < count; done += 1) bytes = dice.pick(MUTATIONS)(bytes, dice, corpus);
  return bytes;
}

type Mutation = (bytes: Buffer, dice: Dice, corpus: readonly Uint8Array[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  flipBytes,
  changeEntry,
  changeEntry,
  changeEntry,
  changeHeader,
  cut,
  duplicateTag,
  swapEntries,
  pointElsewhere,
  changeValue,
  changeValue,
  changeText,
  spoilSignal,
  spoilSignal,
  splice,
  wrap,
];

function flipBytes(bytes: Buffer, dice: Dice): Buffer {
  const count = 1 + dice.integer(8);
  for (let done = 0; done < count && bytes.length > 0; done += 1) {
    const at = dice.integer(bytes.length);
    bytes[at] = dice.once(2) ? dice.integer(256) : (bytes[at] ?? 0) ^ (1 << dice.integer(8));
  }
  return bytes;
}

function changeEntry(bytes: Buffer, dice: Dice): Buffer {
  const { entries } = layoutOf(bytes);
  if (entries.length === 0) return flipBytes(bytes, dice);
  const field = dice.pick(FIELDS);
  write(bytes, dice.pick(entries) + field.at, field.wide, numberFor(field.at, bytes, dice));
  return bytes;
}

function changeHeader(bytes: Buffer, dice: Dice): Buffer {
  const { base } = layoutOf(bytes);
  const field = dice.pick(FIELDS);
  write(bytes, base + ROOT + field.at, field.wide, numberFor(field.at, bytes, dice));
  return bytes;
}

/** Cuts the file, at any byte or where something begins, or lets it go on. */
function cut(bytes: Buffer, dice: Dice): Buffer {
  const { entries } = layoutOf(bytes);
  if (dice.once(4))
    return Buffer.concat([bytes, dice.once(2) ? Buffer.alloc(dice.integer(600)) : dice.bytes(64)]);
  const at = entries.length > 0 && dice.once(2) ? dice.pick(entries) : dice.integer(bytes.length + 1);
  return bytes.subarray(0, Math.min(bytes.length, at + dice.integer(5)));
}

/** A tag twice, under its own name or as another tag. */
function duplicateTag(bytes: Buffer, dice: Dice): Buffer {
  const { entries } = layoutOf(bytes);
  if (entries.length === 0) return bytes;
  const [from, to] = [dice.pick(entries), dice.pick(entries)];
  bytes.copyWithin(to, from, from + ENTRY);
  if (dice.once(2)) rename(bytes, to, dice);
  return bytes;
}

function swapEntries(bytes: Buffer, dice: Dice): Buffer {
  const { entries } = layoutOf(bytes);
  if (entries.length === 0) return bytes;
  const [one, other] = [dice.pick(entries), dice.pick(entries)];
  const kept = Buffer.from(bytes.subarray(one, one + ENTRY));
  bytes.copyWithin(one, other, other + ENTRY);
  bytes.set(kept, other);
  if (dice.once(3)) bytes.fill(0, one, one + ENTRY);
  return bytes;
}

/** A value that is the directory, the header, another tag's value, or nearly all of the file. */
function pointElsewhere(bytes: Buffer, dice: Dice): Buffer {
  const { base, entries } = layoutOf(bytes);
  if (entries.length === 0) return bytes;
  const entry = dice.pick(entries);
  const start = dice.pick([
    0,
    6,
    (entries[0] ?? 0) - base,
    offsetOf(bytes, dice.pick(entries)),
    dice.integer(bytes.length),
  ]);
  const room = Math.max(0, bytes.length - base - start);
  const size = dice.pick([room, room - 1, room + 1, Math.floor(room / 2), dice.integer(room + 1)]);
  bytes.writeInt32BE(size | 0, entry + 16);
  bytes.writeInt32BE(start | 0, entry + 20);
  if (dice.once(2)) bytes.writeInt32BE(Math.floor(size / dice.pick([1, 2, 4])) | 0, entry + 12);
  return bytes;
}

/** Extreme numbers inside a value: positions, dates, figures, calls. */
function changeValue(bytes: Buffer, dice: Dice): Buffer {
  const value = anyValue(bytes, dice);
  const count = 1 + dice.integer(6);
  for (let done = 0; done < count && value.length >= 4; done += 1) {
    const at = 2 * dice.integer(Math.floor((value.length - 2) / 2));
    switch (dice.integer(4)) {
      case 0:
        value.writeInt16BE(dice.pick([-32768, -1, 0, 1, 32767]), at);
        break;
      case 1:
        value.writeInt32BE(dice.pick([-(2 ** 31), -1, 2 ** 31 - 1]), Math.min(at, value.length - 4));
        break;
      case 2:
        value.writeFloatBE(
          dice.pick([NaN, Infinity, -Infinity, 1e-45, -0, 3e38]),
          Math.min(at, value.length - 4),
        );
        break;
      default:
        value.fill(dice.integer(256), at);
    }
  }
  return bytes;
}

function changeText(bytes: Buffer, dice: Dice): Buffer {
  const text = Buffer.from(dice.pick(TEXTS));
  const value = anyValue(bytes, dice);
  value.set(text.subarray(0, value.length));
  if (value.length > 0 && dice.once(2)) value[0] = dice.integer(256);
  return bytes;
}

/** A signal that is flat, full, a comb, noise, upside down or another channel's. */
function spoilSignal(bytes: Buffer, dice: Dice): Buffer {
  const { entries } = layoutOf(bytes);
  const signals = entries.filter((entry) => bytes.toString('latin1', entry, entry + 4) === 'DATA');
  if (signals.length === 0) return bytes;
  const signal = valueAt(bytes, dice.pick(signals));
  const from = 2 * dice.integer(Math.floor(signal.length / 2) + 1);
  const part = signal.subarray(from, dice.once(2) ? signal.length : from + 2 * dice.integer(400));
  const step = 1 + dice.integer(40);
  const level = dice.pick([0, 1, 900, 32767, -32768, -1]);
  const kind = dice.integer(5);
  const other = valueAt(bytes, dice.pick(signals));
  for (let at = 0; at + 1 < part.length; at += 2) {
    const before = part.readInt16BE(at);
    const noise = dice.integer(65536) - 32768;
    const comb = (at / 2) % step === 0 ? 32767 : 0;
    const negative = Math.min(32767, -before);
    const borrowed = at + 1 < other.length ? other.readInt16BE(at) : 0;
    part.writeInt16BE([level, comb, noise, negative, borrowed][kind] ?? 0, at);
  }
  return bytes;
}

/** The beginning of one file and the end of another. */
function splice(bytes: Buffer, dice: Dice, corpus: readonly Uint8Array[]): Buffer {
  const at = dice.integer(bytes.length + 1);
  const other = dice.pick(corpus);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(Math.min(at, other.length))]);
}

/** Behind a MacBinary header, as files that passed through an old Macintosh are; or what only looks like one. */
function wrap(bytes: Buffer, dice: Dice): Buffer {
  return Buffer.concat([dice.once(3) ? dice.bytes(128) : Buffer.alloc(128), bytes]);
}

function layoutOf(bytes: Buffer): Layout {
  const base = bytes.length >= 132 && bytes.toString('latin1', 128, 132) === 'ABIF' ? 128 : 0;
  if (bytes.length < base + 30) return { base, entries: [] };
  const start = base + bytes.readInt32BE(base + 26);
  const count = Math.min(bytes.readInt32BE(base + 18), 400);
  const entries: number[] = [];
  for (let at = start; entries.length < count && at >= 0 && at + ENTRY <= bytes.length; at += ENTRY)
    entries.push(at);
  return { base, entries };
}

function numberFor(field: number, bytes: Buffer, dice: Dice): number {
  if (field === 0) return Buffer.from(dice.pick(NAMES), 'latin1').readInt32BE(0);
  if (field === 8) return dice.pick(TYPES);
  const near = dice.pick([0, bytes.length, ...BORDERS]) + dice.integer(5) - 2;
  return dice.pick([near, -near, dice.integer(2 ** 31), -(2 ** 31), 2 ** 31 - 1, dice.integer(20)]);
}

function write(bytes: Buffer, at: number, wide: boolean, value: number): void {
  if (at < 0 || at + (wide ? 4 : 2) > bytes.length) return;
  if (wide) bytes.writeInt32BE(value | 0, at);
  else bytes.writeUInt16BE(value & 0xffff, at);
}

function rename(bytes: Buffer, entry: number, dice: Dice): void {
  bytes.write(dice.pick(NAMES), entry, 4, 'latin1');
  bytes.writeInt32BE(1 + dice.integer(12), entry + 4);
}

function offsetOf(bytes: Buffer, entry: number): number {
  return bytes.readInt32BE(entry + 20);
}

function anyValue(bytes: Buffer, dice: Dice): Buffer {
  const { entries } = layoutOf(bytes);
  return entries.length === 0 ? bytes : valueAt(bytes, dice.pick(entries));
}

/** The bytes that an entry names, as far as they are in the file. */
function valueAt(bytes: Buffer, entry: number): Buffer {
  const { base } = layoutOf(bytes);
  const size = Math.max(0, bytes.readInt32BE(entry + 16));
  const start = size <= 4 ? entry + 20 : base + Math.max(0, offsetOf(bytes, entry));
  return bytes.subarray(Math.min(start, bytes.length), Math.min(start + size, bytes.length));
}
