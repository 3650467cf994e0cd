import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../platform/replace-file.ts';
import { EMPTY_BOOK, type Book } from './episodes.ts';
import { isAlertKind, type AlertKey } from './kinds.ts';

const key = z.custom<AlertKey>(
  (value) => typeof value === 'string' && isAlertKind(value.split(':', 1)[0] ?? ''),
);

const bookSchema: z.ZodType<Book> = z.object({
  nextId: z.int().positive(),
  episodes: z.array(
    z.object({
      id: z.int().positive(),
      key,
      text: z.string(),
      since: z.iso.datetime(),
      ended: z.object({ at: z.iso.datetime(), text: z.string().nullable() }).nullable(),
    }),
  ),
  told: z.record(
    z.string(),
    z.object({
      begun: z.array(z.int()),
      settled: z.array(z.int()),
      lastBegun: z.record(z.string(), z.iso.datetime()),
    }),
  ),
});

/**
 * Beside the database and not in it: what is wrong may be the database. Only the process that holds the lock of the
 * data folder writes it.
 */
const fileIn = (dataDir: string): string => join(dataDir, 'alerts.json');

/** What was remembered last. One that cannot be read is empty: what lasts is found anew, and told once more. */
export function readBook(dataDir: string): { readonly book: Book; readonly problem: string | null } {
  try {
    return { book: bookSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8'))), problem: null };
  } catch (error) {
    const isNew = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { book: EMPTY_BOOK, problem: isNew ? null : 'alerts.json cannot be read' };
  }
}

/** Replaces the file; after a power cut it is the old one or the new one. Throws where the disk is full. */
export function writeBook(dataDir: string, book: Book): void {
  replaceFile(fileIn(dataDir), `${JSON.stringify(book)}\n`, true);
}
