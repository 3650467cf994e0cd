import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';
import { errorCode } from './error-code.ts';

/**
 * A file in each folder that is written to, with a word that the data folder knows as well. Where a share is not mounted,
 * its mount point is a folder like any other, of this machine's own disk: it lacks the word, and nothing is written there.
 */
export const MARK = '.raisingd';

export interface Mark {
  /** The word that the folder had; null where nothing was written to it before. */
  readonly known: string | null;
  /** For a folder that has none. */
  readonly fresh: string;
}

export type Recognition =
  | { readonly kind: 'known' }
  /** It is known by this word from now on; to be noted before anything is written. */
  | { readonly kind: 'marked'; readonly word: string }
  | { readonly kind: 'strange' };

export const STRANGE = `it lacks its ${MARK}: is its share mounted? If it is the right one, make an empty ${MARK} in it`;

/** Whether a folder is the one that was written to before. Marks it where it is new, or where a person says so. */
export async function recognise(folder: string, { known, fresh }: Mark): Promise<Recognition> {
  const word = await wordIn(folder);
  if (word !== null && word === known) return { kind: 'known' };
  // Of an installation that was here before, or of another one that writes here too.
  if (word !== null && word !== '' && known === null) return { kind: 'marked', word };
  if (await isStrange(folder, known)) return { kind: 'strange' };
  const remark = 'raisingd looks for this file before it writes here: leave it alone.';
  const mark = join(folder, MARK);
  await writeDurably(mark, new TextEncoder().encode(`${fresh}\n${remark}\n`), `${mark}.${process.pid}.tmp`);
  return { kind: 'marked', word: fresh };
}

/** Whether a folder that was written to lacks its word, and no person has said that it is the right one. */
export async function isStrange(folder: string, known: string | null): Promise<boolean> {
  if (known === null) return false;
  const word = await wordIn(folder);
  return word !== known && word !== '';
}

/** Null where there is no mark; empty where a person made one. */
async function wordIn(folder: string): Promise<string | null> {
  try {
    const text = await readFile(join(folder, MARK), 'utf8');
    return text.split('\n', 1)[0]?.trim() ?? '';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
