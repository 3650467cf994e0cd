import { setTimeout as pause } from 'node:timers/promises';
import type { LoadedConfig } from './config/load.ts';
import type { Destination } from './config/schema.ts';
import type { Context } from './context/context.ts';
import { accessionOnly } from './context/source.ts';
import { createWorklistBook } from './context/worklist-book.ts';
import type { WorklistReading } from './context/worklist-reading.ts';
import { logCourier, logRecorded } from './daemon-log.ts';
import { createCourier, type Courier, type CourierEvent } from './deliver/courier.ts';
import { createMllpClient } from './deliver/mllp.ts';
import { readAck } from './hl7/ack.ts';
import { createPipeline, type Recorded } from './pipeline.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { ServiceState } from './state-file.ts';
import { sqliteFault } from './store/failure.ts';
import type { Store } from './store/store.ts';
import { createAlerts } from './upkeep/alert.ts';
import { upkeepJobs } from './upkeep/jobs.ts';
import { createSchedule } from './upkeep/schedule.ts';
import type { Finding, FolderStatus } from './watch/finding.ts';
import { createIntake } from './watch/intake-client.ts';

export type DaemonEvent =
  | { readonly kind: 'recorded'; readonly recorded: Recorded }
  | { readonly kind: 'courier'; readonly event: CourierEvent };

export interface DaemonDeps {
  readonly loaded: LoadedConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly onEvent: (event: DaemonEvent) => void;
  /** Something failed that only a restart can mend; `stop` is still to be called. */
  readonly onFatal: (error: unknown) => void;
}

/** The service on one configuration; a reload stops one and starts another on the same store. */
export interface Daemon {
  start(): void;
  /** Ends everything within seconds; what was not acknowledged stays queued. */
  stop(): Promise<void>;
  state(): Pick<ServiceState, 'folders' | 'destinations' | 'worklist' | 'complaints' | 'alerts'>;
  /** Whether the couriers come round as they should: what the watchdog is fed by. */
  isAlive(): boolean;
}

const HEARTBEAT_MS = 1000;
const HANG_MS = 20_000;
/** How long to wait before work that found no space, or the database busy, is tried again. */
const RETRY_MS = 5000;
const STOP_MS = 3000;
const COMPLAINTS_KEPT = 200;
/** By how much a courier may be late, on a machine that is busy with something else. */
const LATE_MS = 30_000;

/** Composition root of the service; with intake.ts and the commands the only place where adapters are built. */
export function createDaemon(deps: DaemonDeps): Daemon {
  const { store, clock, log, onEvent, onFatal } = deps;
  const { config, method } = deps.loaded;
  const alerts = createAlerts(config.alerts.webhook, { log, clock });
  const book = createWorklistBook(log);
  const stopping = new AbortController();
  const complaints: { path: string; detail: string }[] = [];
  const couriers = new Map<string, Courier>();

  const findContext = (accession: string): Context | null =>
    config.worklist === undefined ? accessionOnly(accession) : book.find(accession);
  const software = { version: deps.version, build: '' };
  const pipeline = createPipeline({ store, config, clock, findContext, software });

  const announce = (recorded: readonly Recorded[]): void => {
    for (const one of recorded) {
      logRecorded(log, one);
      onEvent({ kind: 'recorded', recorded: one });
    }
    if (recorded.some(({ messages }) => messages.length > 0)) couriers.forEach((courier) => courier.wake());
  };

  /** Does `work` until the database takes it: a full disk stops the intake, and nothing that was found is lost. */
  const persist = async (work: () => readonly Recorded[]): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const recorded = work();
        alerts.clear('disk', 'The database can be written again');
        announce(recorded);
        return;
      } catch (error) {
        const fault = sqliteFault(error);
        if (fault !== 'full' && fault !== 'busy') throw error;
        alerts.raise('disk', `The database cannot be written (${fault}): scoring waits, delivery goes on`);
        await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  const record = (findings: readonly Finding[]): Promise<void> => {
    for (const finding of findings) {
      if (finding.kind === 'unusable') {
        complain(finding.file.name, `${finding.reason.code}: ${finding.reason.detail}`);
        alerts.raise('rejected-file', 'A file was rejected; raisingd status names it');
      }
    }
    return persist(() => pipeline.record(findings));
  };

  const takeWorklist = (reading: WorklistReading): void => {
    book.update(reading);
    const accessions = reading.rows.map(({ accession }) => accession);
    persist(() => accessions.flatMap((accession) => pipeline.reconsider(accession))).catch(onFatal);
  };

  const complain = (path: string, detail: string): void => {
    log.warn('Something in a folder is not read; raisingd status names it', { detail });
    complaints.push({ path, detail });
    complaints.splice(0, complaints.length - COMPLAINTS_KEPT);
  };

  const onFolder = ({ folder, state, detail }: FolderStatus): void => {
    const key = `folder:${folder}`;
    if (state === 'available') alerts.clear(key, `${folder} is available`);
    if (state === 'unavailable' || state === 'hanging') alerts.raise(key, `${folder} is ${state}: ${detail}`);
  };

  const onCourier = (event: CourierEvent): void => {
    const key = `lis:${event.destination}`;
    if (event.kind === 'down') alerts.raise(key, `${event.destination} is down: ${event.outcome}`);
    else if (event.kind === 'up') alerts.clear(key, `${event.destination} is back`);
    else logCourier(log, event, store.outbox.contentOf(event.controlId)?.slice(0, 12) ?? null);
    onEvent({ kind: 'courier', event });
  };

  const employ = (destination: Destination): void => {
    const client = createMllpClient({ destination, readAck, log });
    const courier = createCourier({
      ...{ destination, outbox: store.outbox, client, clock, log, onEvent: onCourier },
      onFatal: (error) => {
        const fault = sqliteFault(error);
        if (fault !== 'full' && fault !== 'busy') {
          onFatal(error);
          return;
        }
        alerts.raise(
          'disk',
          `The database cannot be written (${fault}): deliveries cannot be marked and are repeated`,
        );
        // The LIS may have the message already; it gets the same bytes again and can tell.
        pause(RETRY_MS, undefined, { signal: stopping.signal })
          .then(() => employ(destination))
          .catch(() => undefined);
      },
    });
    couriers.set(destination.name, courier);
    courier.start();
  };

  const intake = createIntake({
    settings: {
      watch: config.watch,
      worklist: config.worklist,
      method,
      heartbeatMs: HEARTBEAT_MS,
      hangMs: HANG_MS,
    },
    ledger: () => store.sightings.all(),
    onFindings: record,
    onWorklist: takeWorklist,
    onFolder,
    onComplaint: complain,
    onFatal,
    log,
  });

  const schedule = createSchedule(upkeepJobs({ store, config, clock, log }), {
    log,
    onFailure: (job, error) =>
      alerts.raise(`job:${job}`, `${job} failed: ${error instanceof Error ? error.message : String(error)}`),
    onSuccess: (job) => alerts.clear(`job:${job}`, `${job} works again`),
  });

  return {
    start() {
      config.lis.forEach(employ);
      intake.start();
      schedule.start();
    },
    async stop() {
      stopping.abort();
      await Promise.all([
        schedule.stop(),
        intake.stop(STOP_MS),
        ...[...couriers.values()].map((courier) => courier.stop()),
      ]);
      await alerts.settled();
    },
    state: () => ({
      folders: [...intake.state().folders],
      destinations: [...couriers].map(([name, courier]) => {
        const { outage } = courier.state();
        return { name, downSince: outage?.since.toISOString() ?? null, outcome: outage?.outcome ?? null };
      }),
      worklist:
        config.worklist === undefined
          ? null
          : {
              rows: book.size(),
              faults: book
                .faults()
                .map(({ file, line, column, problem }) =>
                  [file, line === null ? '' : `line ${line}`, column ?? '', problem]
                    .filter((part) => part !== '')
                    .join(', '),
                ),
            },
      complaints: [...complaints],
      alerts: [...alerts.open()],
    }),
    isAlive: () => {
      const now = performance.now();
      return [...couriers.values()].every((courier) => now < courier.state().progressDueBy + LATE_MS);
    },
  };
}
