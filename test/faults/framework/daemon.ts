import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ground } from './ground.ts';
import { childrenOf, commandOf, send } from './processes.ts';
import { until, within } from './wait.ts';

export const RAISINGD = fileURLToPath(new URL('../../../bin/raisingd', import.meta.url));

/** One line of the daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running daemon with its children, in a process group of its own. */
export interface Daemon {
  /** Of the parent process. */
  readonly pid: number;
  /** All log lines so far. */
  readonly log: readonly LogLine[];
  /** What it wrote to stderr so far. */
  stderr(): string;
  /** Resolves when it says that the service runs; throws where it ends before. */
  ready(): Promise<void>;
  /** For a race with something else: it may never come. */
  readonly ended: Promise<Ended>;
  /** Resolves when it has ended; throws where it does not within so many seconds, 60 by default. */
  gone(seconds?: number): Promise<Ended>;
  isRunning(): boolean;
  /** Of the whole group where `group` is true, else of the parent alone; resolves when the parent is gone. */
  kill(group?: boolean): Promise<Ended>;
  /** SIGTERM; resolves when it is gone, as `gone` does. */
  stop(): Promise<Ended>;
  /** Process ids of its children whose command line holds `part`, such as `intake.ts` or `backup-process.ts`. */
  children(part: string): readonly number[];
}

export interface StartOptions {
  /** A command before the daemon's own, such as strace with its options. It has to become the daemon (exec). */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** By then a process is gone that was killed, unless it hangs in a call that cannot be broken off. */
const KILL_SECONDS = 50;

export function startDaemon(
  config: string,
  { signal, fail }: Pick<Ground, 'signal' | 'fail'>,
  options: StartOptions = {},
): Daemon {
  const [command = RAISINGD, ...args]: readonly string[] = [
    ...(options.under ?? []),
    ...[RAISINGD, 'run', '--config', config],
  ];
  signal.throwIfAborted();
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.once('error', fail);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);

  const log: LogLine[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    try {
      for (const line of lines) if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
    } catch (error) {
      fail(new Error(`the log has a line that is no JSON: ${lines.join(' | ')}`, { cause: error }));
    }
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let end: Ended | null = null;
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, killedBy) => {
      end = { code, signal: killedBy };
      resolve(end);
    });
  });
  const isRunning = (): boolean => end === null;
  const gone = (seconds = 60): Promise<Ended> => within(seconds, 'the daemon ends', ended);

  // Once the whole group is gone its id may be given to somebody else, who must not be killed for it.
  let hasGroup = true;
  const killGroup = (): void => {
    if (hasGroup) hasGroup = send(-pid, 'SIGKILL');
  };
  void ended.then(() => {
    const watch = setInterval(() => {
      hasGroup &&= send(-pid, 0);
      if (!hasGroup) clearInterval(watch);
    }, 100).unref();
  });

  return {
    pid,
    log,
    ended,
    gone,
    isRunning,
    stderr: () => stderr,
    async ready() {
      await until(() => !isRunning() || log.some(({ message }) => message === 'The service runs'), {
        signal,
        everyMs: 5,
        what: 'the daemon starts',
      });
      if (!isRunning())
        throw new Error(`the daemon ended at its start: ${stderr || JSON.stringify(log.at(-1))}`);
    },
    async kill(group = false) {
      if (group) killGroup();
      else if (isRunning()) send(pid, 'SIGKILL');
      const how = await within(KILL_SECONDS, 'the daemon is gone once it is killed', ended);
      // Children that it had begun meanwhile. Those of a dead parent end by themselves and are not waited for.
      if (group) killGroup();
      return how;
    },
    async stop() {
      if (isRunning()) send(pid, 'SIGTERM');
      return gone();
    },
    children: (part) => childrenOf(pid).filter((id) => commandOf(id).includes(part)),
  };
}
