import { readFileSync } from 'node:fs';
import { until } from './wait.ts';

/** Which calls are meant: one system call, on some files or on any. */
export interface Calls {
  readonly syscall: string;
  /** Exact paths, also of files that do not exist yet; every call where there are none. */
  readonly paths?: readonly string[];
}

/** The n-th of some calls: where a process is killed. */
export interface CallPoint extends Calls {
  readonly n: number;
}

/** One call as strace wrote it down, with what each of its descriptors stands for. */
export interface Call {
  readonly syscall: string;
  /** The whole line, such as `write(25<TCP:[127.0.0.1:56050->127.0.0.1:40723]>, "\vMSH…", 1110) = 1110`. */
  readonly text: string;
  /** Of which it is; empty where only one thread is watched. */
  readonly thread: string;
}

/**
 * Goes before a daemon's command. The daemon is the process that was started (-D: strace is a grandchild), and only
 * its main thread is watched, which does all of its database and socket work.
 */
export function countCalls(of: readonly Calls[], report: string): readonly string[] {
  return ['strace', '-D', ...writing(report), ...traced(of)];
}

/** Kills the process when it is about to make the n-th of these calls: that one is not made any more. */
export function killAt(point: CallPoint, report: string): readonly string[] {
  return ['strace', '-D', ...writing(report), ...traced([point]), ...injection(point)];
}

/** Which threads of a process that runs already are watched; each counts for itself. */
export type Threads = 'main' | 'all';

export function countRunning(
  pid: number,
  of: readonly Calls[],
  report: string,
  threads: Threads,
): readonly string[] {
  return ['strace', ...attached(pid, threads), ...writing(report), ...traced(of)];
}

export function killRunningAt(
  pid: number,
  point: CallPoint,
  report: string,
  threads: Threads,
): readonly string[] {
  return ['strace', ...attached(pid, threads), ...writing(report), ...traced([point]), ...injection(point)];
}

/** The calls in a report; of each system call those of the thread that made most of them. */
export function readCalls(report: string): readonly Call[] {
  const calls = parse(readFileSync(report, 'utf8'));
  const threads = new Map<string, number>();
  for (const call of calls) threads.set(keyOf(call), (threads.get(keyOf(call)) ?? 0) + 1);
  const busiest = new Map<string, string>();
  for (const [key, count] of threads) {
    const syscall = key.split(' ')[0] ?? '';
    if (count > (threads.get(busiest.get(syscall) ?? '') ?? 0)) busiest.set(syscall, key);
  }
  return calls.filter((call) => busiest.get(call.syscall) === keyOf(call));
}

/** How often each call was made, by name. */
export function readCounts(report: string): ReadonlyMap<string, number> {
  const groups = Map.groupBy(readCalls(report), ({ syscall }) => syscall);
  return new Map([...groups].map(([syscall, calls]) => [syscall, calls.length]));
}

/**
 * The call at which a process died, once it is dead: strace has to say that a SIGKILL ended it, and the call has to be
 * the n-th of its thread. Null where it died of something else.
 */
export async function callKilledAt(
  report: string,
  { syscall, n }: CallPoint,
  signal: AbortSignal,
): Promise<Call | null> {
  const text = await until(
    () => {
      const written = readFileSync(report, 'utf8');
      return /^(\d+ +)?\+\+\+ (killed by|exited with) .*\n$/m.test(written) ? written : null;
    },
    { signal, everyMs: 5, what: 'strace tells how the process ended' },
  );
  if (!text.includes('+++ killed by SIGKILL +++')) return null;
  const threads = Map.groupBy(
    parse(text).filter((call) => call.syscall === syscall),
    ({ thread }) => thread,
  );
  return [...threads.values()].find((calls) => calls.length === n)?.at(-1) ?? null;
}

function parse(report: string): Call[] {
  return report.split('\n').flatMap((text) => {
    const [, thread = '', syscall] = /^(?:(\d+) +)?(\w+)\(/.exec(text) ?? [];
    return syscall === undefined ? [] : [{ syscall, text, thread }];
  });
}

const keyOf = ({ syscall, thread }: Call): string => `${syscall} ${thread}`;

/** How a process ended has to be in the report, so -q is not given twice; long enough to know a log line by its text. */
const writing = (report: string): string[] => ['-yy', '-s', '100', '-o', report];
const attached = (pid: number, threads: Threads): string[] => [
  ...(threads === 'all' ? ['-f'] : []),
  ...['-p', String(pid)],
];
const traced = (of: readonly Calls[]): string[] => [
  ...['-e', `trace=${[...new Set(of.map(({ syscall }) => syscall))].join(',')}`],
  ...[...new Set(of.flatMap(({ paths = [] }) => paths))].flatMap((path) => ['-P', path]),
];
const injection = ({ syscall, n }: CallPoint): string[] => ['-e', `inject=${syscall}:signal=KILL:when=${n}`];

/** At most `most` of the items, evenly spread, the first and the last among them. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  if (most === 1) return items.slice(Math.floor(items.length / 2)).slice(0, 1);
  return Array.from({ length: most }, (_, index) =>
    Math.round((index * (items.length - 1)) / (most - 1)),
  ).flatMap((at) => items.slice(at, at + 1));
}

/** The numbers 1 to `count`: those of all calls of a kind. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
