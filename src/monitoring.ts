import { Registry } from 'prom-client';
import type { DaemonFacts, StoreFacts } from './monitor/facts.ts';
import { createGauges } from './monitor/gauges.ts';
import { readiness } from './monitor/health.ts';
import { machineFacts } from './monitor/machine.ts';
import { createMetrics, type Metrics } from './monitor/metrics.ts';
import { createMonitor, type Monitor } from './monitor/server.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { Store } from './store/store.ts';
import { wordsOf } from './platform/words-of.ts';

export interface MonitoringDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly startedAt: Date;
  /** The daemon of the moment; null while that of one configuration makes way for that of another. */
  readonly daemon: () => { isAlive(): boolean; facts(): DaemonFacts } | null;
}

/** What others watch the service by. It outlives reloads, and so do its counters. */
export interface Monitoring extends Monitor {
  readonly metrics: Metrics;
}

const BETWEEN: DaemonFacts = {
  intake: { pid: null, replaced: 0, silentMs: 0, folders: [] },
  couriers: [],
  alerts: [],
};

export function createMonitoring({
  store,
  clock,
  log,
  version,
  startedAt,
  daemon,
}: MonitoringDeps): Monitoring {
  const registry = new Registry();
  const metrics = createMetrics(registry, { version });
  const setGauges = createGauges(registry, startedAt);
  const daemonFacts = (): DaemonFacts => daemon()?.facts() ?? BETWEEN;
  const monitor = createMonitor(
    {
      isAlive: () => daemon()?.isAlive() ?? true,
      readiness: () => readiness(daemonFacts(), problemOf(store)),
      metrics: async () => {
        const facts = daemonFacts();
        const machine = await machineFacts(store.file, facts.intake.pid);
        setGauges({ now: clock.now(), daemon: facts, store: storeFacts(store), machine });
        return { contentType: registry.contentType, text: await registry.metrics() };
      },
    },
    log,
  );
  return { metrics, ...monitor };
}

function storeFacts({ outbox, results }: Store): StoreFacts {
  const [oldest] = results.held(1);
  return {
    queues: outbox.stats(),
    heldResults: results.heldCount(),
    waitingResults: results.waitingCount(),
    oldestHeldAt: oldest?.version.decidedAt ?? null,
  };
}

/** Asks the database the least that a result needs of it; null where it answers. */
function problemOf(store: Store): string | null {
  try {
    store.results.waitingCount();
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}
