import { fork, type ChildProcess } from 'node:child_process';
import { errorIn } from './stderr.ts';

/** What came of one request to a helper process. */
export type Answer<Reply> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The time limit is over; what hangs there may still come about. */
  | { readonly kind: 'no-answer' }
  /** The caller's signal was aborted first. */
  | { readonly kind: 'stopped' }
  /** The process could not be started, or ended before it answered. */
  | { readonly kind: 'broken'; readonly how: string };

export interface AskLimits {
  readonly limitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A process for work on folders that may be a share. A call into a share whose server is gone may never return, and a
 * process with such a call in it can neither exit nor be killed: it must not be the one that delivers.
 */
export interface Helper<Request, Reply> {
  /** Starts the process where there is none. One request at a time; never rejects. */
  ask(request: Request, limits?: AskLimits): Promise<Answer<Reply>>;
  /** Ends the process, and waits for nothing. */
  close(): void;
}

export interface HelperOptions {
  /** The module that calls `serve`. */
  readonly entry: URL;
  /** A process that has nothing to do is ended after so long; by default after each answer. */
  readonly idleMs?: number;
}

/** Killed processes that may linger, waiting for a dead share, before no more are started until one is gone. */
const MOST_LINGERING = 2;
const STDERR_KEPT = 4000;

export function createHelper<Request, Reply>({ entry, idleMs = 0 }: HelperOptions): Helper<Request, Reply> {
  const lingering = new Set<ChildProcess>();
  let current: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let busy = false;

  const launch = (): ChildProcess => {
    const child = fork(entry, {
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.on('exit', () => {
      if (current === child) current = null;
    });
    // Without a listener a failing start would end this process; `ask` tells of it.
    child.on('error', () => undefined);
    current = child;
    return child;
  };

  /** Forgets a process, so that it keeps nobody from going on or from exiting. */
  const letGo = (child: ChildProcess): void => {
    clearTimeout(idle);
    if (current === child) current = null;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      lingering.add(child);
      child.once('exit', () => lingering.delete(child));
    }
    child.kill('SIGKILL');
    if (child.connected) child.disconnect();
    child.stderr?.destroy();
    child.unref();
  };

  const rest = (child: ChildProcess): void => {
    if (idleMs === 0) letGo(child);
    else idle = setTimeout(() => letGo(child), idleMs).unref();
  };

  const askOne = (
    child: ChildProcess,
    request: Request,
    { limitMs, signal }: AskLimits,
  ): Promise<Answer<Reply>> =>
    new Promise((resolve) => {
      let stderr = '';
      const onStderr = (chunk: Buffer): void => {
        stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
      };
      const settle = (answer: Answer<Reply>): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        child.off('message', onMessage).off('exit', onExit).off('error', onError);
        child.stderr?.off('data', onStderr);
        if (answer.kind === 'reply') rest(child);
        else letGo(child);
        resolve(answer);
      };
      const onMessage = (reply: unknown): void => settle({ kind: 'reply', reply: reply as Reply });
      const onExit = (code: number | null, killedBy: string | null): void =>
        settle({
          kind: 'broken',
          how: `it ended early (${killedBy ?? `exit code ${code}`}) ${errorIn(stderr)}`.trim(),
        });
      const onError = (error: Error): void => settle({ kind: 'broken', how: error.message });
      const onAbort = (): void => settle({ kind: 'stopped' });
      const timer =
        limitMs === undefined ? undefined : setTimeout(() => settle({ kind: 'no-answer' }), limitMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      child.on('message', onMessage).on('exit', onExit).on('error', onError);
      child.stderr?.on('data', onStderr);
      child.send(request as object, (error) => {
        if (error !== null) onError(error);
      });
    });

  return {
    async ask(request, limits = {}) {
      if (busy) throw new Error(`${entry.pathname}: one request at a time`);
      if (limits.signal?.aborted === true) return { kind: 'stopped' };
      if (lingering.size >= MOST_LINGERING) {
        return { kind: 'broken', how: `${lingering.size} processes before it still wait for the folder` };
      }
      clearTimeout(idle);
      busy = true;
      try {
        return await askOne(current ?? launch(), request, limits);
      } finally {
        busy = false;
      }
    },
    close() {
      if (current !== null) letGo(current);
    },
  };
}

/** The other side: answers each request in turn. To be called once, by a module that is a process of its own. */
export function serve(answer: (request: never) => unknown): void {
  process.on('message', (request) => {
    // A rejection is a defect: it ends this process with its stack on stderr, and the caller is told.
    void Promise.resolve(answer(request as never)).then((reply) => process.send?.(reply));
  });
  // Leaving the usual way would wait for threads that wait for a share.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Ctrl-C and systemd reach the whole group: whoever asked decides when this ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
