import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createChecker, type Checker, type CheckerOptions, type Verdict } from '../checker/checker.ts';
import { RAISINGD, startDaemon, type Daemon, type StartOptions } from './daemon.ts';
import type { Ground } from './ground.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { traceOf, type Trace } from './traces.ts';
import { until } from './wait.ts';

export interface SiteOptions {
  /** Default: a new folder. Files that are dropped are finished in a folder beside it first. */
  readonly incoming?: string;
  /** Default: a new folder that does not exist yet. */
  readonly dataDir?: string;
  /** Settings that replace the default ones, key by key at the top level; see `settings`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Number of the first trace that `drop` makes; default 1. */
  readonly firstTrace?: number;
}

/** A laboratory around one real daemon. */
export interface Site {
  readonly root: string;
  readonly incoming: string;
  readonly dataDir: string;
  /** The database file. */
  readonly database: string;
  /** Path of the config file. */
  readonly config: string;
  /** The receiver behind the destination `main`. */
  readonly lis: Receiver;
  readonly checker: Checker;
  /** Writes the config anew, with changes at the top level. */
  configure(changes: Readonly<Record<string, unknown>>): void;
  /** A daemon; killed with its whole group when the case ends. Does not wait until it is ready. */
  start(options?: StartOptions): Daemon;
  /** Puts new finished traces into the watched folder, each under its last name at once. */
  drop(count: number): readonly Trace[];
  /** Puts bytes there under a name, in the same way. */
  put(name: string, bytes: Uint8Array): void;
  /** A command of raisingd with this site's config. */
  command(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  check(options?: { readonly whole?: boolean }): Verdict;
  /**
   * Waits until nothing is pending, nothing queued, and an alarm tells of what the LIS refused; returns the verdict,
   * damage of the database included.
   */
  settled(seconds?: number): Promise<Verdict>;
  /** Starts a daemon, waits until everything is settled, and ends it as a service manager does. */
  recovered(seconds?: number): Promise<Verdict>;
}

export async function createSite(bench: Ground, options: SiteOptions = {}): Promise<Site> {
  const root = bench.folder();
  const { incoming = join(root, 'incoming'), dataDir = join(root, 'data') } = options;
  mkdirSync(incoming, { recursive: true });
  const config = join(root, 'raisingd.yaml');
  const lis = await createReceiver(join(root, 'journal.jsonl'));
  bench.onEnd(() => lis.end());
  const database = join(dataDir, 'raisingd.db');
  const checked: CheckerOptions = {
    ...{ folders: [incoming], database },
    alarms: join(dataDir, 'alerts.json'),
    journals: { main: lis.journal },
  };
  const checker = createChecker(checked);
  let next = options.firstTrace ?? 1;

  const put = (name: string, bytes: Uint8Array): void => {
    // On the same file system, so that it appears whole.
    const draft = join(incoming, '.draft');
    writeFileSync(draft, bytes);
    renameSync(draft, join(incoming, name));
  };
  const site: Site = {
    ...{ root, incoming, dataDir, database, config, lis, checker, put },
    configure(changes) {
      writeFileSync(
        config,
        stringify({ ...settings({ incoming, dataDir, lis }), ...options.config, ...changes }),
      );
    },
    start(how) {
      const daemon = startDaemon(config, bench, how);
      bench.onEnd(() => daemon.kill(true));
      return daemon;
    },
    drop(count) {
      const traces = Array.from({ length: count }, () => traceOf(next++));
      for (const { file, bytes } of traces) put(file, bytes);
      return traces;
    },
    command: (...args) =>
      new Promise((resolve) => {
        const how = { timeout: 60_000, signal: bench.signal };
        execFile(RAISINGD, [...args, '--config', config], how, (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
          resolve({ code, stdout, stderr });
        });
      }),
    check: (how) => checker.check(how),
    async recovered(seconds) {
      const daemon = site.start();
      await daemon.ready();
      const verdict = await site.settled(seconds);
      await daemon.stop();
      return verdict;
    },
    async settled(seconds = 30) {
      let last = '';
      try {
        await until(
          () => {
            const { pending, places, lost, duplicated, untold } = checker.check();
            last = JSON.stringify({ places, pending: pending.slice(0, 3), lost, duplicated, untold });
            if (lost.length > 0 || duplicated.length > 0) return true;
            return pending.length === 0 && places.queued === 0 && untold.length === 0;
          },
          { signal: bench.signal, seconds, what: 'everything finds its place' },
        );
      } catch (error) {
        bench.signal.throwIfAborted();
        throw new Error(`${String(error)}; now ${last}`, { cause: error });
      }
      return checker.check({ whole: true });
    },
  };
  site.configure({});
  return site;
}

/** Short times, so that a case is not spent waiting; everything else as it is by default. */
function settings({ incoming, dataDir, lis }: Pick<Site, 'incoming' | 'dataDir' | 'lis'>) {
  return {
    dataDir,
    watch: { folders: [incoming], scanSeconds: 0.3, quietSeconds: 0.1 },
    lis: [
      {
        name: 'main',
        mllp: { host: lis.host, port: lis.port },
        retry: { firstSeconds: 0.1, maxSeconds: 0.5 },
        timeouts: { connectSeconds: 2, ackSeconds: 2 },
      },
    ],
  };
}
