import { randomInt } from 'node:crypto';

/** Crockford's base 32: digits and capitals without I, L, O and U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Four random characters that tell one database from another in control IDs and result keys (1,048,576 tags). */
export function newTag(): string {
  return Array.from({ length: 4 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}
