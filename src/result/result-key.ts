import { hash } from 'node:crypto';

/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * OBR-3 of the result of a specimen: the same in every database of the laboratory, so that what is scored again after
 * a restore, or into a new database, comes to the LIS as the result that it has and not as a second one.
 * 60 bits of SHA-256: among a million results two share one with a probability of one in two million, and the second
 * would get a number instead.
 */
export function resultKey(facility: string, assay: string, accession: string): string {
  const digest = hash('sha256', JSON.stringify([facility, assay, accession]), 'hex');
  let key = 'RD';
  // Five hex digits are 20 bits, and those are four letters.
  for (let at = 0; at < 15; at += 5) {
    const bits = parseInt(digest.slice(at, at + 5), 16);
    for (const shift of [15, 10, 5, 0]) key += ALPHABET.charAt((bits >> shift) & 31);
  }
  return key;
}
