import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './wait.ts';

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
  readonly ended: Promise<Ended>;
  isRunning(): boolean;
  /** Of the whole group where `group` is true, else of the parent alone; resolves when the parent is gone. */
  kill(group?: boolean): Promise<Ended>;
  /** SIGTERM; resolves when it is gone. */
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

export function startDaemon(config: string, signal: AbortSignal, options: StartOptions = {}): Daemon {
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
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);

  const log: LogLine[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
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

  return {
    pid,
    log,
    ended,
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
      if (isRunning()) send(group ? -pid : pid, 'SIGKILL');
      const how = await ended;
      // Children of a dead parent end by themselves; where the whole group is meant they are not waited for.
      if (group) send(-pid, 'SIGKILL');
      return how;
    },
    async stop() {
      if (isRunning()) send(pid, 'SIGTERM');
      return ended;
    },
    children: (part) => childrenOf(pid).filter((id) => commandOf(id).includes(part)),
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
