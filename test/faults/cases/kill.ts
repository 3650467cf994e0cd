import { join } from 'node:path';
import type { Bench, FaultCase, Measured } from '../framework/case.ts';
import type { Site } from '../framework/site.ts';
import { countCalls, killAt, readCounts, spread, type Calls } from '../framework/strace.ts';
import { killAtEach, TRACES_A_KILL, type KillPoint } from './kill-chain.ts';

/** Where kills are spread: one system call, how many of its calls at most, and which. */
interface Station {
  readonly syscall: string;
  readonly most: number;
  /** Only the last so many calls of a journey: those before are Node's own, which loads the program. */
  readonly last?: number;
}

const DATABASE: readonly Station[] = [
  { syscall: 'pwrite64', most: 90 },
  { syscall: 'fsync', most: 30 },
  { syscall: 'fdatasync', most: 30 },
  { syscall: 'ftruncate', most: 10 },
  { syscall: 'unlink', most: 10 },
  { syscall: 'openat', most: 10 },
  { syscall: 'pread64', most: 50 },
  { syscall: 'fcntl', most: 40 },
];

const SOCKETS: readonly Station[] = [
  { syscall: 'write', most: 40 },
  { syscall: 'writev', most: 10 },
  { syscall: 'sendmsg', most: 10 },
  { syscall: 'connect', most: 5 },
  { syscall: 'setsockopt', most: 10 },
  { syscall: 'recvmsg', most: 15 },
  { syscall: 'read', most: 40, last: 80 },
  { syscall: 'epoll_pwait', most: 40 },
  { syscall: 'rename', most: 5 },
];

const databaseFiles = ({ database }: Site): readonly string[] =>
  ['', '-wal', '-shm', '-journal'].map((suffix) => `${database}${suffix}`);

const anyFile = (): readonly string[] => [];

/** Plays one journey under a counting strace, and spreads the kills over what it counted. */
async function pointsAt(
  bench: Bench,
  stations: readonly Station[],
  pathsIn: (site: Site) => readonly string[],
): Promise<KillPoint[]> {
  const site = await bench.site();
  await site.recovered();
  site.drop(TRACES_A_KILL);
  const report = join(site.root, 'calls');
  const callsOf = ({ syscall }: Station, at: Site): Calls => ({ syscall, paths: pathsIn(at) });
  const all = stations.map((station) => callsOf(station, site));
  const daemon = site.start({ under: countCalls(all, report) });
  await daemon.ready();
  await site.settled();
  await daemon.kill(true);
  const counts = readCounts(report);
  bench.say([...counts].map(([syscall, count]) => `${syscall} ${count}`).join(', '));
  return stations.flatMap((station) => {
    const count = counts.get(station.syscall) ?? 0;
    const first = Math.max(0, count - (station.last ?? count));
    return spread(count - first, station.most).map((n): KillPoint => (at) => ({
      under: killAt(callsOf(station, at), first + n),
    }));
  });
}

async function killAtStations(
  bench: Bench,
  stations: readonly Station[],
  pathsIn: (site: Site) => readonly string[],
): Promise<Measured> {
  return killAtEach(bench, await pointsAt(bench, stations, pathsIn));
}

export const killCases: readonly FaultCase[] = [
  {
    name: 'kill -9: at database calls',
    expected: 'it goes on where it was; nothing is lost and nothing is told twice',
    needs: ['strace'],
    limitSeconds: 900,
    run: (bench) => killAtStations(bench, DATABASE, databaseFiles),
  },
  {
    name: 'kill -9: at sockets and pipes',
    expected:
      'it goes on where it was; what was sent and not acknowledged goes out again with the same bytes',
    needs: ['strace'],
    limitSeconds: 900,
    run: (bench) => killAtStations(bench, SOCKETS, anyFile),
  },
];
