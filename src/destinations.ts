import type { Config, Destination } from './config/schema.ts';
import { logCourier } from './daemon-log.ts';
import { createCourier, type Courier, type CourierEvent } from './deliver/courier.ts';
import type { Client } from './deliver/client.ts';
import { createKnownFolders } from './deliver/known-folders.ts';
import { clientFor } from './destination-client.ts';
import type { CourierFacts } from './monitor/facts.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { ServiceState } from './state-file.ts';
import { isPassing } from './store/failure.ts';
import type { SqliteFault } from './store/failure.ts';
import type { Store } from './store/store.ts';
import type { Alerts } from './alerts/alerts.ts';
import { certificatesJob } from './upkeep/certificates.ts';
import type { Job } from './upkeep/schedule.ts';

export interface DestinationsDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly alerts: Alerts;
  readonly faultOf: (error: unknown) => SqliteFault | null;
  readonly onEvent: (event: CourierEvent) => void;
  readonly onFatal: (error: unknown) => void;
}

/** Every destination with a courier of its own: one that is down holds up none of the others. */
export interface Destinations {
  start(): void;
  /** Something was queued. */
  wake(): void;
  /** Calls for a person while messages are held; to be called again and again, as others may settle the matter. */
  tick(): void;
  stop(): Promise<void>;
  state(): ServiceState['destinations'];
  /** Whether each courier comes round as it should. */
  isAlive(): boolean;
  /** The same of each, for those who watch the service. */
  facts(): readonly CourierFacts[];
  /** The daily look at certificates. */
  readonly job: Job;
}

/** By how much a courier may be late, on a machine that is busy with something else. */
const LATE_MS = 30_000;

export function createDestinations(deps: DestinationsDeps): Destinations {
  const { config, store, clock, log, alerts, faultOf, onEvent, onFatal } = deps;
  const knownFolders = createKnownFolders(config.dataDir);
  const employed: {
    readonly destination: Destination;
    readonly client: Client;
    readonly courier: Courier;
  }[] = [];

  const onCourier = (event: CourierEvent): void => {
    const key = `lis:${event.destination}` as const;
    if (event.kind === 'down') alerts.raise(key, `${event.destination} is down: ${event.outcome}`);
    else if (event.kind === 'up') alerts.clear(key, `${event.destination} is back`);
    else {
      if (event.cause === 'damaged') {
        alerts.raise(
          `damaged:${event.controlId}`,
          `Message ${event.controlId} is damaged in the database and held: raisingd queue list shows it`,
        );
      }
      // A restart knows nothing of the outage that it ends.
      if (event.kind !== 'retry') alerts.clear(key, `${event.destination} is back`);
      alerts.clear('outbox', 'What became of messages can be noted again');
      logCourier(log, event, store.outbox.contentOf(event.controlId)?.slice(0, 12) ?? null);
    }
    onEvent(event);
  };

  const employ = (destination: Destination): void => {
    const client = clientFor(destination, { site: config.site, clock, log, knownFolders });
    const courier = createCourier({
      ...{ destination, outbox: store.outbox, client, clock, log, onEvent: onCourier, onFatal },
      isPassing: (error) => isPassing(faultOf(error)),
      onRefusal: (error) => {
        const fault = faultOf(error) ?? 'unknown';
        alerts.raise('outbox', `The database cannot be written (${fault}): delivery waits until it can`);
      },
    });
    employed.push({ destination, client, courier });
    courier.start();
  };

  /** One alarm a destination, from the first message that is held until none is. */
  const tellHeld = (): void => {
    for (const { name } of config.lis) {
      const key = `held:${name}` as const;
      if (store.outbox.holdsAny(name))
        alerts.raise(key, `Messages for ${name} are held for a person: raisingd queue list shows them`);
      else alerts.clear(key, `No message for ${name} is held any more`);
    }
  };

  const facts = (): readonly CourierFacts[] => {
    const now = performance.now();
    return employed.map(({ destination: { name }, courier }) => {
      const { outage, progressDueBy } = courier.state();
      return { name, alive: now < progressDueBy + LATE_MS, up: outage === null };
    });
  };

  return {
    start() {
      config.lis.forEach(employ);
    },
    tick: tellHeld,
    wake: () => employed.forEach(({ courier }) => courier.wake()),
    async stop() {
      await Promise.all(employed.map(({ courier }) => courier.stop()));
    },
    state: () =>
      employed.map(({ destination: { name }, courier }) => {
        const { outage } = courier.state();
        return { name, downSince: outage?.since.toISOString() ?? null, outcome: outage?.outcome ?? null };
      }),
    isAlive: () => facts().every(({ alive }) => alive),
    facts,
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
