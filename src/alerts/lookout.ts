import type { AlertsConfig } from '../config/alerts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Machine } from '../platform/machine.ts';
import type { Store } from '../store/store.ts';
import type { Alerts } from './alerts.ts';
import { kindOf, subjectOf } from './kinds.ts';
import { judgeObservation, type Observation } from './observe.ts';
import { createWaiting } from './waiting.ts';

/** Looks every few seconds at what nobody tells of by itself: how long things wait, the disk, the clock. */
export interface Lookout {
  /** Never waits: what is slow is looked at beside, and counts at the next look. */
  look(): void;
}

export interface LookoutDeps {
  readonly store: {
    readonly outbox: Pick<Store['outbox'], 'stats'>;
    readonly results: Pick<Store['results'], 'held' | 'heldCount'>;
  };
  readonly destinations: readonly string[];
  readonly dataDir: string;
  readonly limits: AlertsConfig;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Monotonic, milliseconds. */
  readonly elapsed: () => number;
  readonly alerts: Alerts;
}

/** A look rests for so many times its own length: counting half a million messages is no matter of a moment. */
const REST = 50;
/** Between two questions to the machine about its clock, milliseconds: each is a process. */
const SYNC_EVERY_MS = 5 * 60_000;

export function createLookout(deps: LookoutDeps): Lookout {
  const { store, clock, elapsed, machine, alerts } = deps;
  const waiting = createWaiting(clock, elapsed);
  let freeBytes: number | null = null;
  let unsyncedSince: number | null | 'unknown' = 'unknown';
  let asked = -Infinity;
  let isAsking = false;
  let restsUntil = -Infinity;
  let last = { wall: clock.now().getTime(), mono: elapsed() };

  const jump = (): number => {
    const next = { wall: clock.now().getTime(), mono: elapsed() };
    const jumpMs = next.wall - last.wall - (next.mono - last.mono);
    last = next;
    return jumpMs;
  };

  const ask = async (): Promise<void> => {
    freeBytes = await machine.freeBytes(deps.dataDir);
    if (elapsed() - asked < SYNC_EVERY_MS) return;
    asked = elapsed();
    const synchronised = await machine.clockSynchronised();
    if (synchronised === null) unsyncedSince = 'unknown';
    else if (synchronised) unsyncedSince = null;
    else if (typeof unsyncedSince !== 'number') unsyncedSince = elapsed();
  };

  const observe = (): Observation => {
    const rows = store.outbox.stats();
    const stats = new Map(rows.map((row) => [row.destination, row]));
    const told = alerts.open().filter((key) => kindOf(key) === 'queue');
    const strangers = new Set([...stats.keys(), ...told.map(subjectOf)]);
    const [first] = store.results.held(1);
    return {
      queues: deps.destinations.map((destination) => {
        const row = stats.get(destination);
        const waitedMs = waiting(destination, row?.oldestQueuedAt ?? null);
        return { destination, queued: row?.queued ?? 0, waitedMs };
      }),
      orphans: [...strangers]
        .filter((name) => !deps.destinations.includes(name))
        .map((destination) => {
          const row = stats.get(destination);
          return { destination, waiting: (row?.queued ?? 0) + (row?.held ?? 0) };
        }),
      review: {
        count: first === undefined ? 0 : store.results.heldCount(),
        waitedMs: waiting('review:', first?.version.decidedAt ?? null),
      },
      freeBytes,
      unsyncedMs: unsyncedSince === 'unknown' ? null : unsyncedSince === null ? 0 : elapsed() - unsyncedSince,
      jumpMs: jump(),
    };
  };

  return {
    look() {
      const began = elapsed();
      if (began < restsUntil) return;
      for (const { key, then, text } of judgeObservation(observe(), deps.limits)) {
        if (then === 'begin') alerts.raise(key, text);
        else if (then === 'end') alerts.clear(key, text);
        else alerts.tell(key, text);
      }
      restsUntil = elapsed() + REST * (elapsed() - began);
      if (isAsking) return;
      isAsking = true;
      void ask().finally(() => {
        isAsking = false;
      });
    },
  };
}
