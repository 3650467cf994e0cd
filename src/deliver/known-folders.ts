import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../platform/replace-file.ts';
import { errorCode } from './error-code.ts';
import type { Mark } from './folder-mark.ts';

/** The folders that were written to, and the word in the mark of each; see src/deliver/folder-mark.ts. */
export interface KnownFolders {
  /** Throws where the note cannot be read: whether a folder is new is then not known. */
  markOf(folder: string): Mark;
  /** Durable when it returns; throws where the disk is full. */
  note(folder: string, word: string): void;
}

const FILE = 'output-folders.json';

const noteSchema = z.record(z.string(), z.string());

export function createKnownFolders(dataDir: string): KnownFolders {
  const file = join(dataDir, FILE);
  let cached: Readonly<Record<string, string>> | null = null;
  /** The same for two destinations that meet one new folder at the same time. */
  const fresh = new Map<string, string>();

  const words = (): Readonly<Record<string, string>> => (cached ??= readNote(file));

  return {
    markOf(folder) {
      const proposed = fresh.get(folder) ?? randomBytes(8).toString('hex');
      fresh.set(folder, proposed);
      return { known: words()[folder] ?? null, fresh: proposed };
    },
    note(folder, word) {
      const noted = { ...words(), [folder]: word };
      try {
        replaceFile(file, `${JSON.stringify(noted)}\n`, true);
      } catch (cause) {
        throw troubleWith('written', cause);
      }
      cached = noted;
      fresh.delete(folder);
    },
  };
}

function readNote(file: string): Readonly<Record<string, string>> {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return {};
    throw troubleWith('read', cause);
  }
}

function troubleWith(done: string, cause: unknown): Error {
  const words = `${FILE} in dataDir cannot be ${done} (${errorCode(cause)})`;
  return Object.assign(new Error(words, { cause }), { code: words });
}
