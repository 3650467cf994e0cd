import { hash } from 'node:crypto';
import { wordsOf } from '../platform/words-of.ts';
import type { Scored } from './finding.ts';
import { toBytes } from './path.ts';
import type { RawPath } from './path.ts';
import type { FileRead } from './read-file.ts';
import { sameContent } from './settle.ts';
import type { Content } from './settle.ts';

/** A file to be read, hashed and perhaps scored: as plain data, so that another thread can do it. */
export interface Errand {
  readonly path: RawPath;
  readonly maxBytes: number;
  /** The content that is to be scored if that is what the file holds; null where none is. */
  readonly worth: Content | null;
}

/** What came of an errand. The bytes themselves stay where they were read. */
export type Examined =
  | Exclude<FileRead, { readonly kind: 'read' }>
  | {
      readonly kind: 'examined';
      readonly content: Content & { readonly sha256: string };
      /** A fault: the program itself fails on the file, which must not keep the others from being scored. */
      readonly scored: Scored | { readonly fault: string } | null;
    };

/** Runs an errand; `during` wraps each wait for the file system. */
export type Examine = (errand: Errand, during: <T>(operation: Promise<T>) => Promise<T>) => Promise<Examined>;

export type Score = (bytes: Uint8Array, sha256: string) => Scored;

/** Runs errands on this thread, which stays free while a file is read. */
export function createExamine(
  read: (path: Buffer, maxBytes: number) => Promise<FileRead>,
  score: Score,
): Examine {
  return async ({ path, maxBytes, worth }, during) =>
    appraise(await during(read(toBytes(path), maxBytes)), worth, score);
}

export function appraise(read: FileRead, worth: Content | null, score: Score): Examined {
  if (read.kind !== 'read') return read;
  const { bytes, size, mtimeNs } = read;
  const sha256 = hash('sha256', bytes);
  const content = { size, mtimeNs, sha256 };
  const wanted = worth !== null && sameContent(worth, content);
  return { kind: 'examined', content, scored: wanted ? scoreSafely(bytes, sha256, score) : null };
}

function scoreSafely(bytes: Uint8Array, sha256: string, score: Score): Scored | { fault: string } {
  try {
    return score(bytes, sha256);
  } catch (error) {
    return { fault: wordsOf(error) };
  }
}
