import type { EntryState, Outbox, OutboxEntry } from '../../../src/outbox/entry.ts';

export interface MemoryOutbox extends Outbox {
  add(entry: Partial<OutboxEntry> & Pick<OutboxEntry, 'controlId'>): void;
  entry(controlId: string): OutboxEntry;
  inState(state: EntryState): string[];
}

/** The contract of `Outbox` without a database, for couriers under test. */
export function createMemoryOutbox(): MemoryOutbox {
  const entries: OutboxEntry[] = [];

  const update = (id: number, change: Partial<OutboxEntry>): void => {
    const index = entries.findIndex((entry) => entry.id === id);
    const entry = entries[index];
    if (entry === undefined) throw new Error(`no entry ${id}`);
    entries[index] = { ...entry, attempts: entry.attempts + 1, ...change };
  };
  const waiting = (destination: string): OutboxEntry[] => {
    const open = entries.filter((e) => e.destination === destination && ['queued', 'held'].includes(e.state));
    const isFirst = (e: OutboxEntry): boolean => open.find((o) => o.resultKey === e.resultKey) === e;
    return open
      .filter((e) => e.state === 'queued' && isFirst(e))
      .sort((a, b) => dueAt(a).getTime() - dueAt(b).getTime() || a.id - b.id);
  };

  return {
    add(entry) {
      const id = entries.length + 1;
      entries.push({
        id,
        destination: 'main',
        resultKey: `R${id}`,
        bytes: messageBytes(entry.controlId),
        state: 'queued',
        attempts: 0,
        rejections: 0,
        createdAt: new Date(),
        nextAttemptAt: null,
        lastOutcome: null,
        ...entry,
      });
    },
    entry(controlId) {
      const found = entries.find((entry) => entry.controlId === controlId);
      if (found === undefined) throw new Error(`no entry ${controlId}`);
      return found;
    },
    inState: (state) => entries.filter((entry) => entry.state === state).map((entry) => entry.controlId),
    next: (destination, now, except = []) =>
      waiting(destination).find(
        (e) => !except.includes(e.id) && (e.nextAttemptAt === null || e.nextAttemptAt <= now),
      ) ?? null,
    nextDueAt(destination) {
      const [first] = waiting(destination);
      return first === undefined ? null : dueAt(first);
    },
    due: (destination, now, most) =>
      waiting(destination)
        .filter((e) => e.nextAttemptAt === null || e.nextAttemptAt <= now)
        .map((e) => e.id)
        .slice(0, most),
    queued: (id) => entries.find((entry) => entry.id === id && entry.state === 'queued') ?? null,
    together: (work) => work(),
    markDelivered(id, _at, lastOutcome) {
      update(id, { state: 'delivered', nextAttemptAt: null, lastOutcome });
    },
    markHeld(id, _at, lastOutcome) {
      update(id, { state: 'held', nextAttemptAt: null, lastOutcome });
    },
    markRetry(id, _at, nextAttemptAt, lastOutcome, rejected) {
      const { rejections = 0 } = entries.find((entry) => entry.id === id) ?? {};
      update(id, { nextAttemptAt, lastOutcome, rejections: rejections + (rejected ? 1 : 0) });
    },
  };
}

/** A small ORU with a kanji name, as a courier sees it: bytes. */
export function messageBytes(controlId: string): Uint8Array {
  return new TextEncoder().encode(
    [
      `MSH|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||ORU^R01^ORU_R01|${controlId}|T|2.5.1||||||UNICODE UTF-8`,
      'PID|1||0001234567^^^HOSP^MR||山田^太郎^^^^^L^I||19551203|M',
      `OBR|1|P778899^LIS|${controlId}^RAISINGD|HTLV1CLON^HTLV-1 clonality^99RSG`,
      'OBX|1|NM|CV^HTLV-1 clonality value (Cv)^99RSG||0.73|1^unity^UCUM|<0.25|H|||F',
      '',
    ].join('\r'),
  );
}

function dueAt(entry: OutboxEntry): Date {
  return entry.nextAttemptAt ?? entry.createdAt;
}
