import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { AuditEnd } from './audit.ts';
import { StoreError } from './failure.ts';
import { text } from './row.ts';

/**
 * A note beside the database of how far its audit log went. A database whose -wal file was removed after a crash, or
 * in whose place somebody put an older copy, looks whole; what it has forgotten would be sent again as new.
 */
export interface Witness {
  /** Notes the end of the log if it has moved. What it notes has to be committed. Throws where the disk is full. */
  note(end: AuditEnd | null): void;
}

export const witnessOf = (file: string): string => `${file}.witness`;

export function createWitness(file: string): Witness {
  let noted = 0;
  return {
    note(end) {
      if (end === null || end.seq === noted) return;
      const draft = `${witnessOf(file)}.new`;
      const { seq, hash, at } = end;
      // Not synchronised: after a power cut it may know less than the database, and never more.
      writeFileSync(draft, `${JSON.stringify({ seq, hash, at: at.toISOString() })}\n`, { mode: 0o600 });
      renameSync(draft, witnessOf(file));
      noted = seq;
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

/** Null where there is none, or none that can be read: then there is nothing to compare with. */
function readWitness(file: string): { seq: number; hash: string; at: string } | null {
  try {
    const note: unknown = JSON.parse(readFileSync(witnessOf(file), 'utf8'));
    if (typeof note !== 'object' || note === null || !('seq' in note && 'hash' in note && 'at' in note))
      return null;
    const { seq, hash, at } = note;
    return typeof seq === 'number' && typeof hash === 'string' && typeof at === 'string'
      ? { seq, hash, at }
      : null;
  } catch {
    // A power cut may leave an empty file.
    return null;
  }
}
