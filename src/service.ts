import { join } from 'node:path';
import { createAlerts } from './alerts/alerts.ts';
import { readBook, writeBook } from './alerts/book-file.ts';
import { alertSettings } from './alerts/settings.ts';
import { formatChange } from './config/changes.ts';
import type { LoadedConfig, Refused } from './config/load.ts';
import { judgeReload, type ReloadCause } from './config/reload.ts';
import { createDaemon, type Daemon, type DaemonEvent } from './daemon.ts';
import { createMonitoring } from './monitoring.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import { thisMachine, type Machine } from './platform/machine.ts';
import type { Notify } from './platform/notify.ts';
import { keepIfDamaged, LAST_WORDS_MS } from './service-failure.ts';
import { writeState } from './state-file.ts';
import { isDamage, isPassing, sqliteFault } from './store/failure.ts';
import { DATABASE_FILE } from './store/file.ts';
import { acquireLock } from './store/lock.ts';
import { faultsIn } from './store/room.ts';
import { openStore } from './store/store.ts';
import { copyBeforeUpgrade } from './upkeep/backup-copy.ts';
import { wordsOf } from './platform/words-of.ts';

export interface ServiceDeps {
  readonly loaded: LoadedConfig;
  /** Reads the configuration again, for a reload. */
  readonly load: () => LoadedConfig | Refused;
  readonly clock: Clock;
  readonly log: Log;
  readonly notify: Notify;
  readonly version: string;
  readonly onEvent?: (event: DaemonEvent) => void;
  readonly machine?: Machine;
  /** Monotonic, milliseconds. */
  readonly elapsed?: () => number;
  /** Between two looks at what waits, the disk and the clock, milliseconds. */
  readonly lookMs?: number;
}

/** The running service: one data folder, one lock, one database, and a daemon that a reload replaces. */
export interface Service {
  /** Takes a changed configuration; a faulty one is named in the log and the running one stays. */
  reload(cause?: ReloadCause): Promise<void>;
  /** Resolves when everything has ended. */
  stop(): Promise<void>;
  /** Resolves with null after `stop`, or with what went wrong; then too everything has ended. */
  readonly ended: Promise<unknown>;
}

const STATE_MS = 2000;
const LOOK_MS = 5000;
/** When a configuration is tried again that a full disk or a busy database kept from being taken. */
const RELOAD_MS = 5000;

/**
 * Starts the service.
 * @returns null where another process serves the data folder
 * @throws StoreError where the database cannot be trusted
 */
export function startService(deps: ServiceDeps): Service | null {
  const { clock, log, notify, version, machine = thisMachine, lookMs = LOOK_MS } = deps;
  const elapsed = deps.elapsed ?? (() => performance.now());
  const { dataDir } = deps.loaded.config;
  const startedAt = clock.now();
  const lock = acquireLock(dataDir, startedAt);
  if (lock === null) return null;

  let store;
  const file = join(dataDir, DATABASE_FILE);
  const upgrades: { readonly from: number; readonly to: number; readonly copy: string }[] = [];
  try {
    store = openStore(file, {
      access: 'service',
      now: startedAt,
      beforeUpgrade: (versions) => {
        // Beside the database, wherever backups go: nothing else is known to be there.
        const copy = copyBeforeUpgrade(file, join(dataDir, 'backups'), versions.to, startedAt);
        upgrades.push({ ...versions, copy: copy.path });
        log.info('The database was copied before its upgrade', { ...versions, ...copy });
      },
    });
  } catch (error) {
    keepIfDamaged(error, { dataDir, clock, log });
    lock.release();
    throw error;
  }

  const faultOf = faultsIn(dataDir);
  const ended = Promise.withResolvers<unknown>();
  let loaded = deps.loaded;
  let stopping: Promise<void> | null = null;
  let changing = Promise.resolve();

  const kept = readBook(dataDir);
  if (kept.problem !== null) log.warn(kept.problem);
  const alerts = createAlerts({
    ...{ clock, elapsed, log, book: kept.book, settings: alertSettings(loaded.config) },
    save: (book) => writeBook(dataDir, book),
  });

  let running: Daemon | null = null;
  const monitoring = createMonitoring({
    ...{ store, clock, log, version, startedAt },
    daemon: () => running,
  });
  const { metrics } = monitoring;
  const devices = new Map<string, string>();
  const assemble = (): Daemon =>
    createDaemon({
      ...{ loaded, store, clock, log, alerts, machine, elapsed, lookMs, version },
      ...{ metrics, devices },
      onEvent: deps.onEvent ?? (() => undefined),
      onFatal: fail,
    });
  const fail = (error: unknown): void => {
    log.error('The service cannot go on', { error: wordsOf(error) });
    void stop(error);
  };

  const audit = (
    action: string,
    detail: Readonly<Record<string, string | number | null | readonly string[]>>,
  ): void => {
    store.audit.append({ at: clock.now(), actor: 'raisingd', action, subject: 'service', detail });
  };

  /** On a full disk the service starts all the same, for what is queued has to go out. */
  const auditStart = (): void => {
    try {
      if (store.created) audit('store.created', { file: store.file });
      for (const upgrade of upgrades) audit('store.upgraded', upgrade);
      audit('service.started', { version, config: loaded.hash, source: loaded.source });
    } catch (error) {
      if (!isPassing(faultOf(error))) throw error;
      log.warn('The start of the service was not audited', { error: wordsOf(error) });
    }
  };

  let unnotedBefore: string | null = null;
  const report = (): void => {
    try {
      const unnoted = store.leaveWitness();
      if (unnoted !== null && unnoted !== unnotedBefore)
        log.warn('The end of the audit log is not noted beside the database', { error: unnoted });
      unnotedBefore = unnoted;
    } catch (error) {
      // Whoever finds the database damaged: nothing more is sent from it.
      if (isDamage(error)) fail(error);
      else log.warn('The end of the audit log cannot be read', { error: wordsOf(error) });
    }
    try {
      const config = { source: loaded.source, hash: loaded.hash };
      const at = clock.now().toISOString();
      writeState(dataDir, {
        at,
        pid: process.pid,
        startedAt: startedAt.toISOString(),
        version,
        config,
        ...daemon.state(),
      });
    } catch (error) {
      // A full disk: delivery has to go on without it.
      log.debug('The state file was not written', {
        error: wordsOf(error),
      });
    }
  };

  const replace = async (cause: ReloadCause): Promise<void> => {
    if (stopping !== null) return;
    const verdict = judgeReload(loaded, deps.load(), cause);
    if (verdict.kind === 'refused') {
      for (const fault of verdict.lines)
        log.error('The configuration is refused; the running one stays', { fault });
      alerts.raise('config', verdict.alarm);
      audit('config.refused', { faults: verdict.faults });
      return;
    }
    if (verdict.kind === 'unchanged') {
      log.info('The configuration was saved; what it means has not changed');
      alerts.clear('config', 'The configuration is in order again');
      return;
    }
    const { next, changes } = verdict;
    // Before anything is stopped: where the disk is full or the database busy, the running one goes on.
    audit('config.changed', { before: loaded.hash, after: next.hash, changes: changes.map(formatChange) });
    await notify.reloading();
    running = null;
    await daemon.stop();
    log.info('The configuration was read again', {
      ...{ before: loaded.hash, after: next.hash, changes: changes.map(formatChange) },
    });
    if (changes.some(({ key }) => key.startsWith('log.')))
      log.warn('The keys of log take effect at the next start; the others are in force');
    loaded = next;
    alerts.configure(alertSettings(loaded.config));
    alerts.clear('config', 'The configuration is in order again');
    daemon = assemble();
    daemon.start();
    running = daemon;
    report();
    await monitoring.listen(loaded.config.listen);
    await notify.ready();
  };

  const shutDown = async (why: unknown): Promise<void> => {
    await changing;
    void notify.stopping();
    timers.forEach(clearInterval);
    await Promise.all([daemon.stop(), monitoring.close()]);
    if (why !== null) {
      const fault = sqliteFault(why) ?? (why instanceof Error ? why.name : 'unknown');
      alerts.raise('start', `The service ended because of an error (${fault}); its log says which`);
    }
    await alerts.stop(LAST_WORDS_MS);
    try {
      if (why === null) {
        audit('service.stopped', {});
        store.leaveWitness();
      }
    } catch (error) {
      log.warn('The end of the service was not audited', { error: wordsOf(error) });
    }
    store.close();
    keepIfDamaged(why, { dataDir, clock, log });
    lock.release();
    ended.resolve(why);
  };

  const stop = (why: unknown): Promise<void> => (stopping ??= shutDown(why));

  // Also what a data folder looks like whose disk is not mounted.
  if (store.created) log.warn('A new database was made: there was none', { file: store.file });
  let daemon = assemble();
  const timers: NodeJS.Timeout[] = [];
  try {
    auditStart();
    daemon.start();
    running = daemon;
    alerts.clear('start', 'The service runs again');
    alerts.clear('config', 'The configuration is in order again');
    report();
    timers.push(
      setInterval(report, STATE_MS),
      setInterval(() => alerts.tick(), lookMs),
    );
    // systemd restarts a service that stays silent: only real progress may speak.
    const speak = (): void => {
      if (daemon.isAlive()) void notify.watchdog();
    };
    if (notify.intervalMs !== null) timers.push(setInterval(speak, notify.intervalMs));
    log.info('The service runs', {
      version,
      config: loaded.hash,
      destinations: loaded.config.lis.map(({ name }) => name),
    });
    void notify.ready();
    void monitoring.listen(loaded.config.listen);
  } catch (error) {
    // Nothing half started may be left: it ends like a service that fails later.
    fail(error);
  }

  let again: NodeJS.Timeout | undefined;
  const reload = (cause: ReloadCause): Promise<void> =>
    (changing = changing
      .then(() => replace(cause))
      .catch((error: unknown) => {
        const words = wordsOf(error);
        log.error('The configuration was not taken', { error: words });
        // Stopped and not started again, or nothing may be sent any more: only a restart mends that.
        if (running === null || !isPassing(faultOf(error))) {
          void stop(error);
          return;
        }
        alerts.raise('config', `A changed configuration is not in force yet (${words}); it is tried again`);
        clearTimeout(again);
        again = setTimeout(() => void reload(cause), RELOAD_MS).unref();
      }));

  return {
    reload: (cause = 'signal') => reload(cause),
    stop: () => stop(null),
    ended: ended.promise,
  };
}
