import { readFileSync } from 'node:fs';

/** Which calls are meant: one system call, on some files or on any. */
export interface Calls {
  readonly syscall: string;
  /** Exact paths, also of files that do not exist yet; every call where there are none. */
  readonly paths?: readonly string[];
}

/**
 * Goes before a daemon's command. The daemon is the process that was started (-D: strace is a grandchild), and only
 * its main thread is watched, which does all of its database and socket work.
 */
export function countCalls(of: readonly Calls[], report: string): readonly string[] {
  const paths = of.flatMap((calls) => calls.paths ?? []);
  return ['strace', '-D', '-qq', '-o', report, '-e', `trace=${names(of)}`, ...filter(paths)];
}

/** Kills the process when it is about to make the n-th of these calls: that one is not made any more. */
export function killAt({ syscall, paths = [] }: Calls, n: number): readonly string[] {
  return ['strace', '-D', '-qq', '-o', '/dev/null', ...injection(syscall, n), ...filter(paths)];
}

/** The same for a process that runs already, with all of its threads; each thread counts for itself. */
export function killRunningAt(pid: number, { syscall, paths = [] }: Calls, n: number): readonly string[] {
  return ['strace', '-f', '-o', '/dev/null', '-p', String(pid), ...injection(syscall, n), ...filter(paths)];
}

export function countRunning(pid: number, of: readonly Calls[], report: string): readonly string[] {
  const paths = of.flatMap((calls) => calls.paths ?? []);
  return ['strace', '-f', '-o', report, '-p', String(pid), '-e', `trace=${names(of)}`, ...filter(paths)];
}

/** How often each call was made, by name; of several threads the one that made it most often. */
export function readCounts(report: string): ReadonlyMap<string, number> {
  const threads = new Map<string, number>();
  for (const line of readFileSync(report, 'utf8').split('\n')) {
    const [, thread = '', name] = /^(?:(\d+) +)?(\w+)\(/.exec(line) ?? [];
    if (name === undefined) continue;
    const key = `${name} ${thread}`;
    threads.set(key, (threads.get(key) ?? 0) + 1);
  }
  const counts = new Map<string, number>();
  for (const [key, count] of threads) {
    const name = key.split(' ')[0] ?? '';
    counts.set(name, Math.max(count, counts.get(name) ?? 0));
  }
  return counts;
}

const names = (of: readonly Calls[]): string => [...new Set(of.map(({ syscall }) => syscall))].join(',');
const filter = (paths: readonly string[]): string[] => [...new Set(paths)].flatMap((path) => ['-P', path]);
const injection = (syscall: string, n: number): string[] => [
  ...['-e', `trace=${syscall}`],
  ...['-e', `inject=${syscall}:signal=KILL:when=${n}`],
];

/** At most `most` of the numbers 1 to `count`, evenly spread, the first and the last among them. */
export function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index + 1);
  return Array.from({ length: most }, (_, index) => 1 + Math.round((index * (count - 1)) / (most - 1)));
}
