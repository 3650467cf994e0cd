import type { Config, Destination } from './config/schema.ts';
import { logCourier } from './daemon-log.ts';
import { createCourier, type Courier, type CourierEvent } from './deliver/courier.ts';
import type { Client } from './deliver/client.ts';
import { clientFor } from './destination-client.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { ServiceState } from './state-file.ts';
import { sqliteFault } from './store/failure.ts';
import type { Store } from './store/store.ts';
import type { Alerts } from './upkeep/alert.ts';
import { certificatesJob } from './upkeep/certificates.ts';
import type { Job } from './upkeep/schedule.ts';

export interface DestinationsDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly alerts: Alerts;
  readonly onEvent: (event: CourierEvent) => void;
  readonly onFatal: (error: unknown) => void;
}

/** Every destination with a courier of its own: one that is down holds up none of the others. */
export interface Destinations {
  start(): void;
  /** Something was queued. */
  wake(): void;
  stop(): Promise<void>;
  state(): ServiceState['destinations'];
  /** Whether each courier comes round as it should. */
  isAlive(): boolean;
  /** The daily look at certificates. */
  readonly job: Job;
}

/** By how much a courier may be late, on a machine that is busy with something else. */
const LATE_MS = 30_000;

export function createDestinations(deps: DestinationsDeps): Destinations {
  const { config, store, clock, log, alerts, onEvent, onFatal } = deps;
  const employed: {
    readonly destination: Destination;
    readonly client: Client;
    readonly courier: Courier;
  }[] = [];

  const onCourier = (event: CourierEvent): void => {
    const key = `lis:${event.destination}`;
    if (event.kind === 'down') alerts.raise(key, `${event.destination} is down: ${event.outcome}`);
    else if (event.kind === 'up') alerts.clear(key, `${event.destination} is back`);
    else {
      alerts.clear('outbox', 'What became of messages can be noted again');
      logCourier(log, event, store.outbox.contentOf(event.controlId)?.slice(0, 12) ?? null);
    }
    onEvent(event);
  };

  const employ = (destination: Destination): void => {
    const client = clientFor(destination, { site: config.site, clock, log });
    const courier = createCourier({
      ...{ destination, outbox: store.outbox, client, clock, log, onEvent: onCourier, onFatal },
      isPassing: (error) => ['full', 'busy'].includes(sqliteFault(error) ?? ''),
      onRefusal: (error) => {
        const fault = sqliteFault(error) ?? 'unknown';
        alerts.raise('outbox', `The database cannot be written (${fault}): delivery waits until it can`);
      },
    });
    employed.push({ destination, client, courier });
    courier.start();
  };

  /** Messages for a name that is not configured (any more) are kept, and somebody has to know. */
  const tellOrphans = (): void => {
    const known = new Set(config.lis.map(({ name }) => name));
    for (const { destination, queued, held } of store.outbox.stats()) {
      if (known.has(destination)) continue;
      alerts.raise(
        `queue:${destination}`,
        `${queued + held} messages wait for ${destination}, which is not configured: ` +
          `raisingd queue move --from ${destination} --to NAME, or configure it again`,
      );
    }
  };

  return {
    start() {
      tellOrphans();
      config.lis.forEach(employ);
    },
    wake: () => employed.forEach(({ courier }) => courier.wake()),
    async stop() {
      await Promise.all(employed.map(({ courier }) => courier.stop()));
    },
    state: () =>
      employed.map(({ destination: { name }, courier }) => {
        const { outage } = courier.state();
        return { name, downSince: outage?.since.toISOString() ?? null, outcome: outage?.outcome ?? null };
      }),
    isAlive: () => {
      const now = performance.now();
      return employed.every(({ courier }) => now < courier.state().progressDueBy + LATE_MS);
    },
    job: certificatesJob({
      settings: config.upkeep.certificates,
      destinations: () =>
        employed.map(({ destination, client }) => ({
          destination,
          peerValidTo: client.peerValidTo?.() ?? null,
        })),
      ...{ clock, log, alerts },
    }),
  };
}
