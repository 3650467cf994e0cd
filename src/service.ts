import { join } from 'node:path';
import { formatFault } from './config/faults.ts';
import type { LoadedConfig, Refused } from './config/load.ts';
import { createDaemon, type Daemon, type DaemonEvent } from './daemon.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { Notify } from './platform/notify.ts';
import { writeState } from './state-file.ts';
import { sqliteFault } from './store/failure.ts';
import { DATABASE_FILE } from './store/file.ts';
import { acquireLock } from './store/lock.ts';
import { openStore } from './store/store.ts';

export interface ServiceDeps {
  readonly loaded: LoadedConfig;
  /** Reads the configuration again, for a reload. */
  readonly load: () => LoadedConfig | Refused;
  readonly clock: Clock;
  readonly log: Log;
  readonly notify: Notify;
  readonly version: string;
  readonly onEvent?: (event: DaemonEvent) => void;
}

/** The running service: one data folder, one lock, one database, and a daemon that a reload replaces. */
export interface Service {
  /** Takes a changed configuration; a faulty one is named in the log and the running one stays. */
  reload(): Promise<void>;
  /** Resolves when everything has ended. */
  stop(): Promise<void>;
  /** Resolves with null after `stop`, or with what went wrong; then too everything has ended. */
  readonly ended: Promise<unknown>;
}

const STATE_MS = 2000;

/**
 * Starts the service.
 * @returns null where another process serves the data folder
 * @throws StoreError where the database cannot be trusted
 */
export function startService(deps: ServiceDeps): Service | null {
  const { clock, log, notify, version } = deps;
  const { dataDir } = deps.loaded.config;
  const startedAt = clock.now();
  const lock = acquireLock(dataDir, startedAt);
  if (lock === null) return null;

  let store;
  try {
    store = openStore(join(dataDir, DATABASE_FILE), { access: 'service', now: startedAt });
  } catch (error) {
    lock.release();
    throw error;
  }

  const ended = Promise.withResolvers<unknown>();
  let loaded = deps.loaded;
  let stopping: Promise<void> | null = null;
  let changing = Promise.resolve();

  const assemble = (): Daemon =>
    createDaemon({
      ...{ loaded, store, clock, log, version },
      onEvent: deps.onEvent ?? (() => undefined),
      onFatal: (error) => {
        log.error('The service cannot go on', {
          error: wordsOf(error),
        });
        void stop(error);
      },
    });

  const audit = (
    action: string,
    detail: Readonly<Record<string, string | number | null | readonly string[]>>,
  ): void => {
    store.audit.append({ at: clock.now(), actor: 'raisingd', action, subject: 'service', detail });
  };

  const report = (): void => {
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

  if (store.created) {
    // Also what a data folder looks like whose disk is not mounted.
    log.warn('A new database was made: there was none', { file: store.file });
    audit('store.created', { file: store.file });
  }
  audit('service.started', { version, config: loaded.hash, source: loaded.source });
  let daemon = assemble();
  daemon.start();
  report();
  const reporting = setInterval(report, STATE_MS);
  const watching =
    notify.intervalMs === null
      ? null
      : setInterval(() => {
          // systemd restarts a service that stays silent: only real progress may speak.
          if (daemon.isAlive()) void notify.watchdog();
        }, notify.intervalMs);
  log.info('The service runs', {
    version,
    config: loaded.hash,
    destinations: loaded.config.lis.map(({ name }) => name),
  });
  void notify.ready();

  const replace = async (): Promise<void> => {
    if (stopping !== null) return;
    const next = deps.load();
    if (!next.ok) {
      for (const fault of next.faults)
        log.error('The configuration is refused; the running one stays', { fault: formatFault(fault) });
      audit('config.refused', { faults: next.faults.map(({ path, message }) => `${path}: ${message}`) });
      return;
    }
    if (next.config.dataDir !== dataDir) {
      log.error('dataDir cannot change while the service runs; the running configuration stays', {
        remedy: 'restart',
      });
      audit('config.refused', { faults: ['dataDir: needs a restart'] });
      return;
    }
    // Before anything is stopped: where the disk is full or the database busy, the running one goes on.
    audit('config.changed', { before: loaded.hash, after: next.hash });
    await notify.reloading();
    await daemon.stop();
    log.info('The configuration was read again', { before: loaded.hash, after: next.hash });
    loaded = next;
    daemon = assemble();
    daemon.start();
    report();
    await notify.ready();
  };

  const shutDown = async (why: unknown): Promise<void> => {
    await changing;
    void notify.stopping();
    clearInterval(reporting);
    if (watching !== null) clearInterval(watching);
    await daemon.stop();
    try {
      if (why === null) audit('service.stopped', {});
    } catch (error) {
      log.warn('The end of the service was not audited', { error: wordsOf(error) });
    }
    store.close();
    lock.release();
    ended.resolve(why);
  };

  const stop = (why: unknown): Promise<void> => (stopping ??= shutDown(why));

  return {
    reload: () =>
      (changing = changing.then(replace).catch((error: unknown) => {
        log.error('The configuration was not taken', { error: wordsOf(error) });
        // Stopped and not started again: only a restart mends that.
        if (sqliteFault(error) === null) void stop(error);
      })),
    stop: () => stop(null),
    ended: ended.promise,
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
