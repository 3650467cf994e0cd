import { fork } from 'node:child_process';
import type { FromIntake, ToIntake } from '../intake-protocol.ts';

/** One running intake process. */
export interface IntakeProcess {
  readonly pid: number | null;
  /** Where the process is gone already, nothing happens: `ended` tells. */
  send(message: ToIntake): void;
  /** As `send`; resolves when the message has left this process, or never will. */
  sent(message: ToIntake): Promise<void>;
  /** Ends it by force; it has nothing to lose. It may still linger for as long as a share does not answer. */
  kill(): void;
  /** Lets this process exit although that one lingers. */
  abandon(): void;
  /** Resolves when it is gone, with how it ended. */
  readonly ended: Promise<{ readonly how: string; readonly stderr: string }>;
}

const ENTRY = new URL('../intake.ts', import.meta.url);
/** Threads for each folder: those that wait for a dead share must not be the last ones. */
const THREADS_A_FOLDER = 6;
const STDERR_KEPT = 4000;

/** Starts an intake process. A failing start shows in `ended`. */
export function launchIntake(folders: number, onMessage: (message: FromIntake) => void): IntakeProcess {
  const child = fork(ENTRY, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Reading thousands of files leaves much short-lived memory behind; a small nursery keeps the process small.
    execArgv: ['--max-semi-space-size=2'],
    env: { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(1, folders) * THREADS_A_FOLDER) },
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  child.on('message', (message) => onMessage(message as FromIntake));

  const { promise: ended, resolve } = Promise.withResolvers<{ how: string; stderr: string }>();
  child.once('exit', (code, signal) => resolve({ how: signal ?? `exit code ${String(code)}`, stderr }));
  child.on('error', (error) => {
    if (child.pid === undefined) resolve({ how: error.message, stderr });
  });

  return {
    pid: child.pid ?? null,
    send(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    sent: (message) =>
      new Promise((resolve) => {
        if (child.connected) child.send(message, () => resolve());
        else resolve();
      }),
    kill() {
      child.kill('SIGKILL');
    },
    abandon() {
      if (child.connected) child.disconnect();
      child.stderr?.destroy();
      child.unref();
    },
    ended,
  };
}
