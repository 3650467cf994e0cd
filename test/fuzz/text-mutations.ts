import type { Dice } from './dice.ts';

/** What hurts readers of delimited text. */
const PIECES: readonly string[] = [
  ...[
    '|',
    '^',
    '~',
    '&',
    '\\',
    '\r',
    '\n',
    '\r\n',
    '\u000b',
    '\u001c',
    '\u001c\r',
    '\0',
    '\u0085',
    '\u2028',
    '\uFEFF',
  ],
  ...[
    '\\F\\',
    '\\X0D\\',
    '\\XZZ\\',
    '\\.br\\',
    '""',
    '"',
    ',',
    ';',
    '\t',
    "'",
    '=1+1',
    '山田',
    '𠮷',
    '\ud800',
  ],
  ...['MSH|^~\\&|', 'MSA|AA|', 'ERR|||207^x^HL70357|E', 'OBX|1|NM|', 'accession', 'constructor', '__proto__'],
  ...['0', '-1', '1e309', 'NaN', '99999999999999999999', '20250229', '2025-13-45', '20250101T25:61'],
];

/** One hostile text, made of a good one by one to six mutations. */
export function mutateText(corpus: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes: Buffer = Buffer.from(dice.pick(corpus));
  const count = 1 + dice.integer(6);
  for (let done = 0; done < count; done += 1) bytes = change(bytes, dice, corpus);
  return bytes;
}

function change(bytes: Buffer, dice: Dice, corpus: readonly Uint8Array[]): Buffer {
  const at = dice.integer(bytes.length + 1);
  const end = Math.min(bytes.length, at + dice.integer(12));
  const put = (piece: Uint8Array): Buffer =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(end)]);
  switch (dice.integer(8)) {
    case 0:
      return put(Buffer.from(dice.pick(PIECES)));
    case 1:
      return put(Buffer.from(dice.pick(PIECES).repeat(1 + dice.integer(dice.once(20) ? 5000 : 20))));
    case 2:
      return put(dice.bytes(dice.integer(16)));
    case 3:
      return put(new Uint8Array());
    case 4: {
      const other = dice.pick(corpus);
      const from = dice.integer(other.length + 1);
      return put(other.subarray(from, from + dice.integer(200)));
    }
    case 5:
      return swapParts(bytes, dice);
    case 6:
      return bytes.subarray(0, at);
    default:
      if (bytes.length > 0) bytes[at % bytes.length] = dice.integer(256);
      return bytes;
  }
}

/** Two lines, fields or components in each other's place, or one of them twice. */
function swapParts(bytes: Buffer, dice: Dice): Buffer {
  const mark = dice.pick(['\r', '\n', '|', ',', '^']);
  const parts = bytes.toString('latin1').split(mark);
  const [one, other] = [dice.integer(parts.length), dice.integer(parts.length)];
  const kept = parts[one] ?? '';
  parts[one] = parts[other] ?? '';
  if (dice.once(2)) parts[other] = kept;
  return Buffer.from(parts.join(mark), 'latin1');
}
