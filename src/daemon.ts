import { setTimeout as pause } from 'node:timers/promises';
import { formatRemark } from './config/faults.ts';
import type { LoadedConfig } from './config/load.ts';
import { warningsOf } from './config/warnings.ts';
import { createWorklistBook } from './context/worklist-book.ts';
import type { WorklistReading } from './context/worklist-reading.ts';
import { logRecorded } from './daemon-log.ts';
import type { CourierEvent } from './deliver/courier.ts';
import { createDestinations } from './destinations.ts';
import { createOrderDesk } from './orders/desk.ts';
import { createPipeline, type Recorded } from './pipeline.ts';
import type { Decision } from './release/decide.ts';
import { adoptCutoffs } from './result/adopt-cutoffs.ts';
import { hashOf } from './config/version.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { ServiceState } from './state-file.ts';
import { sqliteFault } from './store/failure.ts';
import type { Sighting } from './store/sightings.ts';
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
/** How often results whose time of waiting is over are looked for. */
const TICK_MS = 1000;
const COMPLAINTS_KEPT = 200;

/** Composition root of the service; with intake.ts and the commands the only place where adapters are built. */
export function createDaemon(deps: DaemonDeps): Daemon {
  const { store, clock, log, onEvent, onFatal } = deps;
  const { config, method } = deps.loaded;
  const alerts = createAlerts(config.alerts.webhook, { log, clock });
  const book = createWorklistBook(log);
  const stopping = new AbortController();
  const complaints: { path: string; detail: string }[] = [];

  const software = { version: deps.version, build: '' };
  const { texts } = deps.loaded;
  let worklistAwaySince: Date | null = null;
  const worklistReadAt = (): Date | null =>
    config.worklist === undefined ? null : (worklistAwaySince ?? clock.now());
  const pipeline = createPipeline({
    store,
    config,
    texts,
    clock,
    findContext: (accession) => desk.find(accession),
    worklistReadAt,
    software,
  });

  const announce = (recorded: readonly Recorded[]): void => {
    for (const one of recorded) {
      logRecorded(log, one);
      onEvent({ kind: 'recorded', recorded: one });
      if (one.decision.kind === 'control') onControl(one.decision);
    }
    if (recorded.some(({ messages }) => messages.length > 0)) destinations.wake();
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

  /** One alarm a run, however many of its results are held. No name of a run: it may hold anything. */
  const onControl = ({ group, groupFailed }: Extract<Decision, { kind: 'control' }>): void => {
    const key = `control:${group === null ? 'no run' : hashOf(group).slice(0, 12)}`;
    if (groupFailed) alerts.raise(key, 'A control failed: the results of its run are held');
    else alerts.clear(key, 'The controls of the run are in order');
  };

  const record = (findings: readonly Finding[]): Promise<void> => {
    for (const finding of findings) {
      if (finding.kind === 'unusable') {
        complain(finding.file.name, `${finding.reason.code}: ${finding.reason.detail}`);
        const key = `file:${hashOf(finding.file.name).slice(0, 12)}`;
        alerts.raise(key, `A file was rejected (${finding.reason.code}); raisingd status names it`);
      }
    }
    return persist(() => pipeline.record(findings));
  };

  const desk = createOrderDesk<Recorded>({
    ...{ store, config, clock, log, alerts, persist, onFatal, faultOf: sqliteFault },
    reconsider: (accession) => pipeline.reconsider(accession),
    stopping: stopping.signal,
  });

  const takeWorklist = (reading: WorklistReading): void => {
    desk.takeWorklist(book.update(reading)).catch(onFatal);
  };

  const complain = (path: string, detail: string): void => {
    log.warn('Something in a folder is not read; raisingd status names it', { detail });
    complaints.push({ path, detail });
    complaints.splice(0, complaints.length - COMPLAINTS_KEPT);
  };

  const onFolder = ({ folder, state, detail }: FolderStatus): void => {
    const key = `folder:${folder}`;
    if (folder === config.worklist?.folder) {
      worklistAwaySince =
        state === 'available' || state === 'starting' ? null : (worklistAwaySince ?? clock.now());
    }
    if (state === 'available') alerts.clear(key, `${folder} is available`);
    if (state === 'unavailable' || state === 'hanging') alerts.raise(key, `${folder} is ${state}: ${detail}`);
  };

  const destinations = createDestinations({
    ...{ config, store, clock, log, alerts, onFatal },
    onEvent: (event) => onEvent({ kind: 'courier', event }),
  });

  const intake = createIntake({
    settings: {
      watch: config.watch,
      worklist: config.worklist,
      method,
      pictures: config.lis.some(({ message }) => message.picture.send || message.pdf),
      heartbeatMs: HEARTBEAT_MS,
      hangMs: HANG_MS,
    },
    ledger: () => taken(store),
    onFindings: record,
    onWorklist: takeWorklist,
    onFolder,
    onComplaint: complain,
    onFatal,
    log,
  });

  const schedule = createSchedule([...upkeepJobs({ store, config, clock, log }), destinations.job], {
    log,
    onFailure: (job, error) =>
      alerts.raise(`job:${job}`, `${job} failed: ${error instanceof Error ? error.message : String(error)}`),
    onSuccess: (job) => alerts.clear(`job:${job}`, `${job} works again`),
  });

  const adopt = (): void => {
    const adoption = adoptCutoffs(store, config, clock.now());
    if (adoption.kind === 'adopted') log.info('The cut-offs are in force', { ...adoption });
    if (adoption.kind === 'proposed')
      log.warn('New cut-offs wait for raisingd cutoffs apply', { ...adoption });
  };

  let ticking: NodeJS.Timeout | undefined;
  const tick = (): void => {
    try {
      if (pipeline.isDue()) persist(() => pipeline.tick()).catch(onFatal);
    } catch (error) {
      onFatal(error);
    }
  };

  return {
    start() {
      for (const remark of warningsOf(config))
        log.warn('A setting to know of', { setting: formatRemark(remark) });
      destinations.start();
      desk.start();
      adopt();
      intake.start();
      ticking = setInterval(tick, TICK_MS);
      schedule.start();
    },
    async stop() {
      stopping.abort();
      clearInterval(ticking);
      await Promise.all([schedule.stop(), intake.stop(STOP_MS), destinations.stop(), desk.stop()]);
      await alerts.settled();
    },
    state: () => ({
      folders: [...intake.state().folders],
      destinations: destinations.state(),
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
    isAlive: () => destinations.isAlive(),
  };
}

/** What was rejected is looked at again after each start: `status` has to name it, and a new program may read it. */
function* taken({ sightings }: Store): Generator<Sighting> {
  for (const sighting of sightings.all()) if (sighting.sha256 !== null) yield sighting;
}
