import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Log } from './log.ts';
import { wordsOf } from './words-of.ts';

/** What the service tells systemd. Nothing outside of a unit of Type=notify; no method throws. */
export interface Notify {
  ready(): Promise<void>;
  /** To be followed by ready(). */
  reloading(): Promise<void>;
  stopping(): Promise<void>;
  /** The service is alive; systemd restarts it when this is not heard for WatchdogSec. */
  watchdog(): Promise<void>;
  /** Milliseconds between two calls of watchdog(), a third of WatchdogSec; null where no watchdog is set. */
  readonly intervalMs: number | null;
}

const run = promisify(execFile);

/** How long systemd-notify may take, in milliseconds; it answers in about ten. */
const PATIENCE_MS = 5000;

/** Node has no datagram Unix sockets, so systemd's own program speaks (NotifyAccess=all in the unit). */
export function createNotify(env: NodeJS.ProcessEnv, log: Log, pid = process.pid): Notify {
  const supervised = (env['NOTIFY_SOCKET'] ?? '') !== '';
  let last = Promise.resolve();
  /** One at a time: a READY must never overtake the RELOADING before it. */
  const tell = (message: string) => {
    if (supervised) last = last.then(() => send(message));
    return last;
  };
  const send = async (message: string) => {
    try {
      await run('systemd-notify', [`--pid=${pid}`, message], { env, timeout: PATIENCE_MS });
    } catch (error) {
      // Losing the voice is no reason to stop the work; systemd acts on its own when it misses a message.
      log.warn('systemd was not told', {
        message,
        error: wordsOf(error),
      });
    }
  };
  return {
    ready: () => tell('READY=1'),
    reloading: () => tell('RELOADING=1'),
    stopping: () => tell('STOPPING=1'),
    watchdog: () => tell('WATCHDOG=1'),
    intervalMs: supervised ? watchdogInterval(env, pid) : null,
  };
}

function watchdogInterval(env: NodeJS.ProcessEnv, pid: number): number | null {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const forUs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid);
  return forUs && microseconds > 0 ? Math.floor(microseconds / 3000) : null;
}
