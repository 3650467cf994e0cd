import type { Alerts } from './alerts/alerts.ts';
import { createLookout } from './alerts/lookout.ts';
import { endUnconfigured } from './alerts/settings.ts';
import { formatRemark } from './config/faults.ts';
import type { LoadedConfig } from './config/load.ts';
import { warningsOf } from './config/warnings.ts';
import { createWorklistBook, describeWorklistFault } from './context/worklist-book.ts';
import type { WorklistReading } from './context/worklist-reading.ts';
import { createDaemonAlerts } from './daemon-alerts.ts';
import { logRecorded } from './daemon-log.ts';
import type { CourierEvent } from './deliver/courier.ts';
import { createDestinations } from './destinations.ts';
import { takeOver, tellForgotten, tellUntold } from './former-names.ts';
import { createOrderDesk } from './orders/desk.ts';
import { oneAtATime } from './platform/one-at-a-time.ts';
import { createPersist } from './persist.ts';
import { createPipeline, type Recorded } from './pipeline.ts';
import { recordApart, type Unusable } from './record-apart.ts';
import { adoptCutoffs } from './result/adopt-cutoffs.ts';
import type { DaemonFacts } from './monitor/facts.ts';
import type { Metrics } from './monitor/metrics.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { Machine } from './platform/machine.ts';
import type { ServiceState } from './state-file.ts';
import { isDamage, isPassing } from './store/failure.ts';
import { faultsIn } from './store/room.ts';
import type { Sighting } from './store/sightings.ts';
import type { Store } from './store/store.ts';
import { auditJob } from './upkeep/audit-job.ts';
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
  readonly alerts: Alerts;
  readonly machine: Machine;
  /** Monotonic, milliseconds. */
  readonly elapsed: () => number;
  /** Between two looks at what waits, the disk and the clock. */
  readonly lookMs: number;
  readonly version: string;
  readonly metrics: Metrics;
  /** Outlives a reload: where the watched folders were when they were there last. */
  readonly devices: Map<string, string>;
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
  /** Whether scanner, scorer, recorder and couriers make progress: what the watchdog is fed by. */
  isAlive(): boolean;
  /** How its parts are, for those who watch the service. */
  facts(): DaemonFacts;
}

const HEARTBEAT_MS = 1000;
const HANG_MS = 20_000;
const STOP_MS = 3000;
/** How often results whose time of waiting is over are looked for. */
const TICK_MS = 1000;
const COMPLAINTS_KEPT = 200;

/** Composition root of the service; with intake.ts and the commands the only place where adapters are built. */
export function createDaemon(deps: DaemonDeps): Daemon {
  const { store, clock, log, alerts, metrics, onEvent, onFatal } = deps;
  const { config, method, texts } = deps.loaded;
  const book = createWorklistBook(log);
  const stopping = new AbortController();
  const complaints: { path: string; detail: string }[] = [];
  const calls = createDaemonAlerts(alerts, store);
  const faultOf = faultsIn(config.dataDir);

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
    software: { version: deps.version, build: '' },
  });

  const announce = (recorded: readonly Recorded[]): void => {
    metrics.judged(recorded);
    for (const one of recorded) {
      logRecorded(log, one);
      onEvent({ kind: 'recorded', recorded: one });
      if (one.decision.kind === 'control') calls.control(one.decision);
      tellUntold(alerts, one.untold);
    }
    if (recorded.some(({ messages }) => messages.length > 0)) destinations.wake();
  };

  const persist = createPersist({ store, alerts, faultOf, stopping: stopping.signal, announce });

  const reject = (finding: Unusable): void => {
    complain(finding.file.name, `${finding.reason.code}: ${finding.reason.detail}`);
    calls.rejected(finding);
  };

  const record = (findings: readonly Finding[]): Promise<void> => {
    for (const finding of findings) if (finding.kind === 'unusable') reject(finding);
    return persist(() => {
      const recorded = recordApart((batch) => pipeline.record(batch), findings, reject);
      metrics.taken(findings, recorded, clock.now());
      return recorded;
    });
  };

  const desk = createOrderDesk<Recorded>({
    ...{ store, config, clock, log, alerts, persist, onFatal, faultOf },
    reconsider: (accession) => pipeline.reconsider(accession),
    stopping: stopping.signal,
  });

  const takeWorklist = (reading: WorklistReading): void => {
    desk.takeWorklist(book.update(reading), reading.silence).catch(onFatal);
  };

  const complain = (path: string, detail: string): void => {
    log.warn('Something in a folder is not read; raisingd status names it', { detail });
    complaints.push({ path, detail });
    complaints.splice(0, complaints.length - COMPLAINTS_KEPT);
  };

  const onFolder = (status: FolderStatus): void => {
    if (status.folder === config.worklist?.folder) {
      const isThere = status.state === 'available' || status.state === 'starting';
      worklistAwaySince = isThere ? null : (worklistAwaySince ?? clock.now());
    }
    calls.folder(status);
  };

  const destinations = createDestinations({
    ...{ config, store, clock, log, alerts, faultOf, onFatal },
    onEvent: (event) => {
      metrics.courier(event, clock.now());
      onEvent({ kind: 'courier', event });
    },
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
    devices: deps.devices,
    ledger: () => taken(store),
    onFindings: record,
    onWorklist: takeWorklist,
    onFolder,
    onComplaint: complain,
    onFatal,
    log,
  });

  const jobs = upkeepJobs({
    ...{ store, config, clock, log },
    tell: (summary) => alerts.tell('summary', summary),
    onBackup: (at) => metrics.backup(at),
  });
  const audit = auditJob({ cron: config.upkeep.audit.cron, file: store.file, alerts });
  const scheduled = [...jobs, destinations.job, audit];
  metrics.expect({
    destinations: config.lis.map(({ name }) => name),
    jobs: scheduled.map(({ name }) => name),
  });
  const schedule = createSchedule(scheduled, {
    log,
    onFailure: (job, error) => {
      metrics.job(job, 'failed', clock.now());
      calls.jobFailed(job, error);
      // Whoever finds the database damaged: nothing more is sent from it.
      if (isDamage(error)) onFatal(error);
    },
    onSuccess: (job) => {
      metrics.job(job, 'done', clock.now());
      calls.jobWorks(job);
    },
  });

  const adopt = (): readonly Recorded[] => {
    const messages = store.transaction(() => takeOver(store, config.lis, clock.now()));
    if (messages > 0) log.info('What waited under former names of destinations goes out', { messages });
    const adoption = adoptCutoffs(store, config, clock.now());
    if (adoption.kind === 'adopted') log.info('The cut-offs are in force', { ...adoption });
    if (adoption.kind === 'proposed')
      log.warn('New cut-offs wait for raisingd cutoffs apply', { ...adoption });
    return [];
  };

  const lookout = createLookout({
    ...{ store, clock, alerts, dataDir: config.dataDir, limits: config.alerts },
    destinations: config.lis.map(({ name }) => name),
    ...{ machine: deps.machine, elapsed: deps.elapsed },
  });

  let ticking: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  // On a full disk it lasts until there is room.
  const judgeDue = oneAtATime(() => persist(() => pipeline.tick()), onFatal);
  const tick = (): void => {
    try {
      destinations.tick();
      if (pipeline.isDue()) judgeDue();
    } catch (error) {
      onFatal(error);
    }
  };

  const look = (): void => {
    try {
      lookout.look();
    } catch (error) {
      if (!isPassing(faultOf(error))) onFatal(error);
    }
  };

  return {
    start() {
      endUnconfigured(alerts, config);
      for (const remark of warningsOf(config))
        log.warn('A setting to know of', { setting: formatRemark(remark) });
      tellForgotten(alerts, store, config);
      // Nothing is judged before; on a full disk that waits, and what is queued goes out.
      const adopted = persist(adopt);
      destinations.start();
      desk.start();
      adopted
        .then(() => {
          if (!stopping.signal.aborted) intake.start();
        })
        .catch(onFatal);
      ticking = setInterval(tick, TICK_MS);
      look();
      looking = setInterval(look, deps.lookMs);
      schedule.start();
    },
    async stop() {
      stopping.abort();
      clearInterval(ticking);
      clearInterval(looking);
      await Promise.all([schedule.stop(), intake.stop(STOP_MS), destinations.stop(), desk.stop()]);
    },
    state: () => ({
      folders: [...intake.state().folders],
      destinations: destinations.state(),
      worklist:
        config.worklist === undefined
          ? null
          : { rows: book.size(), faults: book.faults().map(describeWorklistFault) },
      complaints: [...complaints],
      alerts: alerts.episodes().map(({ key, text, since }) => ({ key, text, since })),
    }),
    isAlive: () => destinations.isAlive() && (alerts.open().includes('disk') || intake.isAlive()),
    facts: () => ({ intake: intake.state(), couriers: destinations.facts(), alerts: alerts.open() }),
  };
}

/** What was rejected is looked at again after each start: `status` has to name it, and a new program may read it. */
function* taken({ sightings }: Store): Generator<Sighting> {
  for (const sighting of sightings.all()) if (sighting.sha256 !== null) yield sighting;
}
