import type { DatabaseSync } from 'node:sqlite';
import { number, only, text } from './row.ts';

/** Numbers that are never given out twice, whatever the clock does; call them inside the recording transaction. */
export interface Sequence {
  /** MSH-10, exactly 20 characters: `RD`, the UTC day as yymmdd, the database's tag, 8 digits. */
  nextControlId(now: Date): string;
  /**
   * OBR-3 of a result that has no accession to make it of (src/result/result-key.ts): `RD`, the UTC year as yy, the
   * database's tag, 6 digits or, past a million, more.
   */
  nextResultKey(now: Date): string;
}

/** The largest number that MSH-10 has room for: 39 years of 6,912 messages a day. */
const LAST_MESSAGE = 99_999_999;

export function createSequence(db: DatabaseSync): Sequence {
  const advance = db.prepare('UPDATE sequence SET value = value + 1 WHERE name = ? RETURNING value');
  const readTag = db.prepare('SELECT tag FROM installation');
  const tag = text(only(readTag.get()), 'tag');
  const next = (name: 'message' | 'result'): number => number(only(advance.get(name)), 'value');
  const day = (now: Date): string => now.toISOString().slice(2, 10).replaceAll('-', '');

  return {
    nextControlId(now) {
      const value = next('message');
      if (value > LAST_MESSAGE) {
        throw new Error(
          `no control ID is left after ${LAST_MESSAGE}: set the database aside and begin a new one`,
        );
      }
      return `RD${day(now)}${tag}${String(value).padStart(8, '0')}`;
    },
    nextResultKey(now) {
      return `RD${day(now).slice(0, 2)}${tag}${String(next('result')).padStart(6, '0')}`;
    },
  };
}
