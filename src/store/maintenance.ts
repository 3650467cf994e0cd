import type { DatabaseSync } from 'node:sqlite';
import { number, only } from './row.ts';

/** What keeps a database quick and small over the years. None of it changes what it holds. */
export interface Maintenance {
  /** Renews the statistics by which queries are planned, where they are out of date. */
  optimize(): void;
  /** Pages in the file, and how many of them are free. */
  pages(): { readonly all: number; readonly free: number };
  /** Gives at most so many free pages back to the file system; returns how many. */
  shrink(most: number): number;
  /** Writes the write-ahead log into the database and empties it; false where somebody still reads from it. */
  checkpoint(): boolean;
}

export function createMaintenance(db: DatabaseSync): Maintenance {
  const value = (name: string): number => number(only(db.prepare(`PRAGMA ${name}`).get()), name);
  const pages = () => ({ all: value('page_count'), free: value('freelist_count') });
  return {
    optimize() {
      // A look at some rows of each index is enough, and takes no longer as the years pass.
      db.exec('PRAGMA analysis_limit = 400; PRAGMA optimize');
    },
    pages,
    shrink(most) {
      const before = pages().free;
      // Does nothing in a database that was not made for it (see create in database.ts).
      db.exec(`PRAGMA incremental_vacuum(${Math.trunc(most)})`);
      return before - pages().free;
    },
    checkpoint: () => number(only(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()), 'busy') === 0,
  };
}
