import { readFileSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { AuditEnd } from './audit.ts';
import { StoreError } from './failure.ts';
import { text } from './row.ts';
import { replaceFile } from '../platform/replace-file.ts';
import { wordsOf } from '../platform/words-of.ts';

/**
 * A note beside the database of how far its audit log went. A database whose -wal file was removed after a crash, or
 * in whose place somebody put an older copy, looks whole; what it has forgotten would be sent again as new.
 */
export interface Witness {
  /** Notes the end of the log, which has to be committed, if it has moved. Returns why it could not; else null. */
  note(end: AuditEnd | null): string | null;
}

export const witnessOf = (file: string): string => `${file}.witness`;

export function createWitness(file: string): Witness {
  let noted = 0;
  return {
    note(end) {
      if (end === null || end.seq === noted) return null;
      const { seq, hash, at } = end;
      try {
        // Not synchronised: after a power cut it may know less than the database, and never more.
        replaceFile(witnessOf(file), `${JSON.stringify({ seq, hash, at: at.toISOString() })}\n`);
      } catch (error) {
        // Such as a full disk: delivery has to go on without it.
        return wordsOf(error);
      }
      noted = seq;
      return null;
    },
  };
}

/** A copy takes the database's place, and what it has forgotten is held: nothing is left to compare it with. */
export function dismissWitness(file: string): void {
  rmSync(witnessOf(file), { force: true });
}

/** @throws StoreError where the database lacks what was noted */
export function assertNotBehind(db: DatabaseSync, file: string): void {
  const witness = readWitness(file);
  if (witness === null) return;
  const row = db.prepare('SELECT hash FROM audit WHERE seq = ?').get(witness.seq);
  if (row !== undefined && text(row, 'hash') === witness.hash) return;
  const found = row === undefined ? 'is not there' : 'is another one';
  throw new StoreError(
    'behind',
    file,
    `the database is not as the service left it: row ${witness.seq} of its audit log, written ${witness.at}, ` +
      `${found}. Its -wal file was removed, or a copy was put in its place. Put back what is missing; if that is lost, ` +
      'move this file to another name and give it to raisingd restore, which holds what may have been sent since',
  );
}

const noteSchema = z.object({ seq: z.int(), hash: z.string(), at: z.string() });

/** Null where there is none, or one that a power cut has torn: then there is nothing to compare with. */
function readWitness(file: string): z.output<typeof noteSchema> | null {
  const content = contentOf(file);
  try {
    return noteSchema.parse(JSON.parse(content));
  } catch {
    return null;
  }
}

/** Empty where there is none. */
function contentOf(file: string): string {
  try {
    return readFileSync(witnessOf(file), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    const remedy = 'make it readable for this user; without it nothing shows whether the database is whole';
    throw new StoreError('unsuitable', witnessOf(file), `the note cannot be read; ${remedy}`, { cause });
  }
}
