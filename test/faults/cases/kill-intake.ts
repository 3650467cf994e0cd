import { join } from 'node:path';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import { attach, type Tracer } from '../framework/attach.ts';
import type { Site } from '../framework/site.ts';
import {
  callKilledAt,
  countRunning,
  killRunningAt,
  numbers,
  readCounts,
  spread,
  type Calls,
} from '../framework/strace.ts';
import { createTally } from '../framework/tally.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';
import { inLanes } from './kill-chain.ts';

/** Of the child: what it does with files, and what it tells its parent. */
const SYSCALLS = ['openat', 'statx', 'pread64', 'getdents64', 'close'];
const MOST = 9;
const TALKING = ['write', 'epoll_pwait', 'futex'];
const MOST_TALKING = 8;
const TRACES = 6;
const AT_LEAST = 38;
/** A child that dies again and again is replaced ever more slowly, so a daemon sees only so many deaths. */
const DEATHS = 3;

interface Point {
  readonly syscall: string;
  readonly n: number;
  readonly onFiles: boolean;
}

/** Kills the child that reads the folder at every step; the parent goes on and starts another. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const points = await pointsOf(bench);
  await inLanes(points, async (mine) => {
    const site = await bench.site({ firstTrace: 1 });
    let next = 1;
    for (let at = 0; at < mine.length; at += DEATHS) {
      const daemon = site.start();
      await daemon.ready();
      for (const { syscall, n, onFiles } of mine.slice(at, at + DEATHS)) {
        const paths = onFiles ? filesAhead(site, next) : [];
        const point = { syscall, paths, n };
        const report = join(site.root, 'killed');
        const { pid, tracer } = await traced(bench, daemon, (child) =>
          killRunningAt(child, point, report, 'all'),
        );
        site.drop(TRACES);
        next += TRACES;
        const began = performance.now();
        const verdict = await site.settled();
        tally.judged(site, verdict, (performance.now() - began) / 1000);
        if (daemon.children('intake.ts').includes(pid)) {
          tally.notReached();
          await tracer.detach();
        } else {
          const call = await callKilledAt(report, point, bench.signal);
          expect(call !== null, `the child is killed at ${syscall} ${n}, and does not end by itself`);
          tally.hit(syscall);
        }
      }
      await daemon.stop();
    }
  });
  return tally.kills({
    ...{ atLeast: AT_LEAST, stations: [...SYSCALLS, ...TALKING] },
    note: `${tally.told()}; the parent lived on each time; `,
  });
}

/** The files that will be dropped next, and their folder. */
function filesAhead({ incoming }: Site, next: number): readonly string[] {
  const files = Array.from({ length: TRACES }, (_, index) => join(incoming, traceOf(next + index).file));
  return [incoming, ...files];
}

/** Attaches strace to the child that reads; one that is just being replaced is not there long enough. */
function traced(
  bench: Bench,
  daemon: Daemon,
  command: (pid: number) => readonly string[],
): Promise<{ readonly pid: number; readonly tracer: Tracer }> {
  const attempt = async () => {
    const [pid] = daemon.children('intake.ts');
    if (pid === undefined) return null;
    const tracer = await attach(bench, command(pid));
    return tracer === null ? null : { pid, tracer };
  };
  return until(attempt, { signal: bench.signal, everyMs: 5, what: 'there is a child that reads' });
}

async function pointsOf(bench: Bench): Promise<readonly Point[]> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  const measure = async (syscalls: readonly string[], next: number, onFiles: boolean): Promise<Point[]> => {
    const report = join(site.root, `calls-${next}`);
    const paths = onFiles ? filesAhead(site, next) : [];
    const calls = syscalls.map((syscall): Calls => ({ syscall, paths }));
    const { tracer } = await traced(bench, daemon, (pid) => countRunning(pid, calls, report, 'all'));
    site.drop(TRACES);
    await site.settled();
    await tracer.detach();
    const counts = readCounts(report);
    bench.say([...counts].map(([syscall, count]) => `${syscall} ${count}`).join(', '));
    const most = onFiles ? MOST : MOST_TALKING;
    return syscalls.flatMap((syscall) =>
      spread(numbers(counts.get(syscall) ?? 0), most).map((n) => ({ syscall, n, onFiles })),
    );
  };
  const points = [...(await measure(SYSCALLS, 1, true)), ...(await measure(TALKING, 1 + TRACES, false))];
  await daemon.stop();
  return points;
}

export const killIntakeCases: readonly FaultCase[] = [
  {
    name: 'kill -9: the reading child',
    expected: 'the parent starts another, which reads again what was not recorded',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
