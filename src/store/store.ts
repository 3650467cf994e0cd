import { createAnalyses } from './analyses.ts';
import type { Analyses } from './analyses.ts';
import { createAudit } from './audit.ts';
import type { Audit } from './audit.ts';
import { createControls } from './controls.ts';
import type { Controls } from './controls.ts';
import { createCutoffs } from './cutoffs.ts';
import type { CutoffsStore } from './cutoffs.ts';
import { openDatabase } from './database.ts';
import type { Access, Upgrade } from './database.ts';
import { createHoldings } from './holdings.ts';
import type { Holdings } from './holdings.ts';
import { createInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { createMaintenance } from './maintenance.ts';
import type { Maintenance } from './maintenance.ts';
import { createOrders } from './orders.ts';
import type { Orders } from './orders.ts';
import { createOutbox } from './outbox.ts';
import type { OutboxStore } from './outbox.ts';
import { createPictures } from './pictures.ts';
import type { Pictures } from './pictures.ts';
import { createRestores } from './restores.ts';
import type { Restores } from './restores.ts';
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
import { createWitness } from './witness.ts';

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
  readonly pictures: Pictures;
  readonly results: Results;
  readonly controls: Controls;
  readonly cutoffs: CutoffsStore;
  readonly orders: Orders;
  readonly inbox: Inbox;
  readonly outbox: OutboxStore;
  readonly sequence: Sequence;
  readonly restores: Restores;
  readonly maintenance: Maintenance;
  readonly holdings: Holdings;
  readonly audit: Audit;
  /** What happened since a time, and what waits now. */
  summary(since: Date): Summary;
  /** Notes beside the database how far it has come, for the next start. Returns why it could not; else null. */
  leaveWitness(): string | null;
  close(): void;
}

/** Opens the database; throws StoreError where there is none to open or it cannot be trusted. */
export function openStore(
  file: string,
  options: {
    readonly access: Access;
    readonly now: Date;
    readonly beforeUpgrade?: (upgrade: Upgrade) => void;
  },
): Store {
  const { db, created } = openDatabase(file, options.access, options.now, options.beforeUpgrade);
  const results = createResults(db);
  const outbox = createOutbox(db);
  const counts = createCounts(db);
  const audit = createAudit(db);
  const witness = createWitness(file);
  return {
    file,
    created,
    transaction: createTransaction(db),
    sightings: createSightings(db),
    analyses: createAnalyses(db),
    pictures: createPictures(db),
    results,
    controls: createControls(db),
    cutoffs: createCutoffs(db),
    orders: createOrders(db),
    inbox: createInbox(db),
    outbox,
    sequence: createSequence(db),
    restores: createRestores(db),
    maintenance: createMaintenance(db),
    holdings: createHoldings(db),
    audit,
    summary: (since) => ({
      ...counts(since),
      delivered: outbox.deliveredSince(since),
      heldResults: results.heldCount(),
      waitingResults: results.waitingCount(),
      queues: outbox.stats(),
    }),
    leaveWitness: () => witness.note(audit.last()),
    close: () => db.close(),
  };
}
