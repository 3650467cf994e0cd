import { z } from 'zod';

const notBlank = () => z.string().trim().min(1, 'must not be empty');

/** A text that names something. */
export const name = notBlank();
/** A file or folder; relative ones are resolved against the folder of the config file (see load.ts). */
export const path = notBlank();
export const count = z.int().positive();
/** A day at most: timers that wait longer than 24.8 days fire at once. */
export const seconds = z.number().positive().max(86_400);
/** Judged in contradictions.ts, by the library that will run it. */
export const cron = notBlank();

/** Lets a rule over two keys speak even while another key beside them is at fault, so that all are listed at once. */
export function isMapping({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}

/** A regular expression with the named group `accession`. */
export const accessionPattern = z.string().refine(
  (text) => {
    try {
      return new RegExp(text, 'u').source.includes('(?<accession>');
    } catch {
      return false;
    }
  },
  { error: 'must be a regular expression with a group (?<accession>…)' },
);

export const pattern = z.string().refine(
  (text) => {
    try {
      return new RegExp(text, 'iu').source.length > 0;
    } catch {
      return false;
    }
  },
  { error: 'must be a regular expression' },
);

export const timeZone = z.string().refine(
  (zone) => {
    if (zone === 'system') return true;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0).length > 0;
    } catch {
      return false;
    }
  },
  { error: 'must be an IANA time zone such as Asia/Tokyo, or "system"' },
);
