/**
 * Bytes by character for the Japanese sets, turned round from the decoders that Node brings with it (ICU), so that
 * what is written here is by construction what a decoder reads. Built when first needed; takes a few milliseconds.
 */
export type Table = ReadonlyMap<string, readonly number[]>;

/** Characters of JIS X 0208: rows 1-8 (non-kanji) and 16-84 (kanji of levels 1 and 2). */
const JIS_X_0208_SIZE = 6879;

const ROWS = [...range(1, 8), ...range(16, 84)];
const CELLS = range(1, 94);

/** Row and cell of each character of JIS X 0208; no NEC, IBM or JIS X 0212 character is among them. */
export const jisX0208 = once((): Table => {
  const decoder = new TextDecoder('euc-jp', { fatal: true });
  const table = new Map<string, readonly number[]>();
  for (const row of ROWS) {
    for (const cell of CELLS) {
      const character = decoded(decoder, [0xa0 + row, 0xa0 + cell]);
      if (character !== null) table.set(character, [row, cell]);
    }
  }
  if (table.size !== JIS_X_0208_SIZE) {
    throw new Error(
      `this Node knows ${table.size} characters of JIS X 0208, not ${JIS_X_0208_SIZE}: it needs full ICU data`,
    );
  }
  return table;
});

/** Half-width katakana (JIS X 0201) and their one byte in Shift_JIS. */
export const halfWidthKana: Table = new Map(
  range(0xa1, 0xdf).map((byte) => [String.fromCharCode(0xff61 + byte - 0xa1), [byte]]),
);

/**
 * Shift_JIS as Windows writes it (cp932): JIS X 0208, half-width katakana, NEC's row 13 and IBM's extensions. Of a
 * character that has several places the first counts; NEC's copies of the IBM extensions (ED, EE) are never written.
 */
export const cp932 = once((): Table => {
  const decoder = new TextDecoder('shift_jis', { fatal: true });
  const leads = [...range(0x81, 0x9f), ...range(0xe0, 0xec), ...range(0xfa, 0xfc)];
  const trails = [...range(0x40, 0x7e), ...range(0x80, 0xfc)];
  const table = new Map<string, readonly number[]>(halfWidthKana);
  for (const lead of leads) {
    for (const trail of trails) {
      const character = decoded(decoder, [lead, trail]);
      if (character !== null && !table.has(character)) table.set(character, [lead, trail]);
    }
  }
  return table;
});

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: readonly number[]): string | null {
  try {
    const text = decoder.decode(Uint8Array.from(bytes));
    return Array.from(text).length === 1 && !/\p{Co}/u.test(text) ? text : null;
  } catch {
    return null; // no character has this place
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
