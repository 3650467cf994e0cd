import { createHash } from 'node:crypto';

/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LETTERS = 12;

/**
 * OBR-3 of the result of a specimen: the same in every database of the laboratory, so that what is scored again after
 * a restore, or into a new database, comes to the LIS as the result that it has and not as a second one.
 * 60 bits of SHA-256: among a million results two share one with a probability of one in two million, and the second
 * would get a number instead.
 */
export function resultKey(facility: string, assay: string, accession: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([facility, assay, accession]))
    .digest();
  let bits = digest.readBigUInt64BE() >> 4n;
  let letters = '';
  for (let i = 0; i < LETTERS; i += 1) {
    letters = ALPHABET.charAt(Number(bits & 31n)) + letters;
    bits >>= 5n;
  }
  return `RD${letters}`;
}
