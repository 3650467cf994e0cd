import { DatabaseSync } from 'node:sqlite';
import type { Receiver } from './receiver.ts';

/** The destination `main` as a site has it, with changes at the top level. */
export function mainDestination(
  { host, port }: Pick<Receiver, 'host' | 'port'>,
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    name: 'main',
    mllp: { host, port },
    retry: { firstSeconds: 0.1, maxSeconds: 0.5 },
    timeouts: { connectSeconds: 2, ackSeconds: 2 },
    ...changes,
  };
}

/** How many messages for a destination are in a state. */
export function inState(
  database: string,
  destination: string,
  state: 'queued' | 'delivered' | 'held' | 'dropped',
): number {
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const row = db
      .prepare('SELECT count(*) AS count FROM outbox WHERE destination = ? AND state = ?')
      .get(destination, state);
    return Number(row?.['count']);
  } finally {
    db.close();
  }
}
