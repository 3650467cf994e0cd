import type { DatabaseSync } from 'node:sqlite';
import { damaged, sqliteFault } from './failure.ts';
import { number, only, text } from './row.ts';

/** Up to this size everything is checked at start, which takes about 0.5 s. */
const WHOLE_CHECK_BYTES = 128 * 1024 * 1024;

/** Of a larger database the tables that number what is sent; a start must not take longer as the years pass. */
const NUMBERING_TABLES = ['installation', 'sequence'];

/**
 * Throws StoreError where the database is damaged. What start-up leaves out of a large one is checked before every
 * nightly backup, and the bytes of a message are always compared with their hash before they are sent.
 * @param isSuspect damage was found before: everything is checked, however long it takes
 */
export function assertUndamaged(db: DatabaseSync, file: string, isSuspect = false): void {
  const pages = number(only(db.prepare('PRAGMA page_count').get()), 'page_count');
  const pageSize = number(only(db.prepare('PRAGMA page_size').get()), 'page_size');
  const problems =
    isSuspect || pages * pageSize <= WHOLE_CHECK_BYTES
      ? findDamage(db, 'integrity_check')
      : NUMBERING_TABLES.flatMap((table) => findDamage(db, 'integrity_check', table));
  if (problems.length > 0) throw damaged(file, problems.join('; '));
}

/**
 * What is wrong with a database or one of its tables; empty where nothing is. quick_check leaves out whether each
 * index holds the rows of its table, and a message that its index lacks is never sent.
 */
export function findDamage(
  db: DatabaseSync,
  check: 'quick_check' | 'integrity_check',
  table?: string,
): string[] {
  const argument = table === undefined ? '3' : `'${table}'`;
  try {
    const rows = db.prepare(`PRAGMA ${check}(${argument})`).all();
    return rows.map((row) => text(row, check).trim().replaceAll('\n', ', ')).filter((line) => line !== 'ok');
  } catch (error) {
    // Where the check itself cannot read on, that is its finding.
    if (sqliteFault(error) !== 'damaged') throw error;
    return [String(error)];
  }
}
