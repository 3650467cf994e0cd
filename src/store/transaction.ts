import type { DatabaseSync } from 'node:sqlite';

/**
 * Runs `work` in one transaction: all that it wrote is durable when this returns, or, where it throws, none of it
 * happened. `work` is synchronous, and does not begin a transaction itself.
 */
export type Transaction = <T>(work: () => T extends PromiseLike<unknown> ? never : T) => T;

export function createTransaction(db: DatabaseSync): Transaction {
  const isOpen = (): boolean => db.isTransaction;
  return (work) => {
    if (isOpen()) throw new Error('a transaction is already open: do all that belongs together in its work');
    // IMMEDIATE: one that reads first and writes later could find that another process has written in between.
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      if (isPromise(result)) throw new TypeError('the work of a transaction must not be asynchronous');
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk or an I/O error may have ended the transaction already.
      if (isOpen()) db.exec('ROLLBACK');
      throw error;
    }
  };
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
