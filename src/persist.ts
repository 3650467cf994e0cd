import { setTimeout as pause } from 'node:timers/promises';
import type { Alerts } from './alerts/alerts.ts';
import type { Recorded } from './pipeline.ts';
import { isPassing, type SqliteFault } from './store/failure.ts';
import type { Store } from './store/store.ts';

/** How long to wait before work that found no space, or the database busy, is tried again. */
const RETRY_MS = 5000;

export interface PersistDeps {
  readonly store: Pick<Store, 'leaveWitness'>;
  readonly alerts: Pick<Alerts, 'raise' | 'clear'>;
  readonly faultOf: (error: unknown) => SqliteFault | null;
  readonly stopping: AbortSignal;
  /** Called with what was recorded, once it is durable. */
  readonly announce: (recorded: readonly Recorded[]) => void;
}

/** Does `work` until the database takes it: a full disk stops the intake, and nothing that was found is lost. */
export function createPersist({ store, alerts, faultOf, stopping, announce }: PersistDeps) {
  return async (work: () => readonly Recorded[]): Promise<void> => {
    while (!stopping.aborted) {
      try {
        const recorded = work();
        alerts.clear('disk', 'The database can be written again');
        // Before any of it can be sent: a database that has lost this is not used any more.
        store.leaveWitness();
        announce(recorded);
        return;
      } catch (error) {
        const fault = faultOf(error);
        if (!isPassing(fault)) throw error;
        alerts.raise('disk', `The database cannot be written (${fault}): scoring waits, delivery goes on`);
        await pause(RETRY_MS, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  };
}
