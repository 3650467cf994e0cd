import { createAnalyses } from './analyses.ts';
import type { Analyses } from './analyses.ts';
import { createAudit } from './audit.ts';
import type { Audit } from './audit.ts';
import { openDatabase } from './database.ts';
import type { Access } from './database.ts';
import { createOutbox } from './outbox.ts';
import type { OutboxStore } from './outbox.ts';
import { createResults } from './results.ts';
import type { Results } from './results.ts';
import { createSequence } from './sequence.ts';
import type { Sequence } from './sequence.ts';
import { createSightings } from './sightings.ts';
import type { Sightings } from './sightings.ts';
import { createCounts } from './summary.ts';
import type { Summary } from './summary.ts';
import { createTransaction } from './transaction.ts';
import type { Transaction } from './transaction.ts';

/**
 * All that the program remembers. A call on its own is durable when it returns; calls inside `transaction` become
 * durable together, or not at all.
 */
export interface Store {
  readonly file: string;
  /** True where this call made the database: worth a line in log and audit, since nothing that came before is known. */
  readonly created: boolean;
  readonly transaction: Transaction;
  readonly sightings: Sightings;
  readonly analyses: Analyses;
  readonly results: Results;
  readonly outbox: OutboxStore;
  readonly sequence: Sequence;
  readonly audit: Audit;
  /** What happened since a time, and what waits now. */
  summary(since: Date): Summary;
  close(): void;
}

/** Opens the database; throws StoreError where there is none to open or it cannot be trusted. */
export function openStore(file: string, options: { readonly access: Access; readonly now: Date }): Store {
  const { db, created } = openDatabase(file, options.access, options.now);
  const results = createResults(db);
  const outbox = createOutbox(db, file);
  const counts = createCounts(db);
  return {
    file,
    created,
    transaction: createTransaction(db),
    sightings: createSightings(db),
    analyses: createAnalyses(db),
    results,
    outbox,
    sequence: createSequence(db),
    audit: createAudit(db),
    summary: (since) => ({
      ...counts(since),
      delivered: outbox.deliveredSince(since),
      heldResults: results.heldCount(),
      queues: outbox.stats(),
    }),
    close: () => db.close(),
  };
}
