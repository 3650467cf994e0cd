import { join } from 'node:path';
import { attach } from '../framework/attach.ts';
import type { Bench, FaultCase, Measured } from '../framework/case.ts';
import { mainDestination } from '../framework/destination.ts';
import type { Site } from '../framework/site.ts';
import {
  countCalls,
  countRunning,
  numbers,
  readCalls,
  spread,
  type Call,
  type Calls,
} from '../framework/strace.ts';
import { createTally } from '../framework/tally.ts';
import { killAtEach, type Chain, type KillPoint } from './kill-chain.ts';

/**
 * Where kills are spread: one system call on one kind of thing, and at how many of its calls at most. Each has several,
 * since a kill may hit the neighbour of the call that was meant; it counts for what it hit.
 */
interface Station {
  readonly syscall: string;
  readonly on: 'LIS' | 'child' | 'log' | 'database' | 'witness' | 'events';
  readonly most: number;
}

/** A journey of some traces that is played again and again, with kills spread over it. */
interface Journey extends Pick<Chain, 'traces' | 'settings'> {
  readonly phase: 'start' | 'work';
  readonly stations: readonly Station[];
  /** Only calls on these files are counted; all where there are none. */
  readonly paths?: (site: Site) => readonly string[];
}

const databaseFiles = ({ database }: Site): readonly string[] =>
  ['', '-wal', '-shm', '-journal', '.witness', '.witness.new'].map((suffix) => `${database}${suffix}`);

const DATABASE: readonly Journey[] = [
  {
    phase: 'start',
    traces: 2,
    paths: databaseFiles,
    stations: [
      { syscall: 'openat', on: 'database', most: 8 },
      { syscall: 'pread64', on: 'database', most: 20 },
      { syscall: 'fcntl', on: 'database', most: 20 },
      { syscall: 'pwrite64', on: 'database', most: 20 },
      { syscall: 'ftruncate', on: 'database', most: 2 },
    ],
  },
  {
    phase: 'work',
    traces: 4,
    paths: databaseFiles,
    stations: [
      { syscall: 'pwrite64', on: 'database', most: 76 },
      { syscall: 'fsync', on: 'database', most: 12 },
      { syscall: 'fcntl', on: 'database', most: 30 },
      { syscall: 'pread64', on: 'database', most: 10 },
      { syscall: 'write', on: 'witness', most: 4 },
      { syscall: 'rename', on: 'witness', most: 4 },
    ],
  },
];

const SOCKETS: readonly Journey[] = [
  {
    phase: 'start',
    traces: 2,
    stations: [{ syscall: 'setsockopt', on: 'child', most: 8 }],
  },
  {
    phase: 'work',
    traces: 6,
    stations: [
      { syscall: 'recvmsg', on: 'child', most: 10 },
      { syscall: 'write', on: 'log', most: 8 },
      { syscall: 'epoll_pwait', on: 'events', most: 24 },
    ],
  },
  {
    phase: 'work',
    traces: 6,
    settings: ({ lis }) => ({ lis: [mainDestination(lis, { connection: 'perMessage' })] }),
    stations: [
      { syscall: 'socket', on: 'LIS', most: 6 },
      { syscall: 'connect', on: 'LIS', most: 6 },
      { syscall: 'getsockopt', on: 'LIS', most: 6 },
      { syscall: 'setsockopt', on: 'LIS', most: 16 },
      { syscall: 'write', on: 'LIS', most: 6 },
      { syscall: 'read', on: 'LIS', most: 10 },
      { syscall: 'shutdown', on: 'LIS', most: 6 },
      { syscall: 'close', on: 'LIS', most: 6 },
    ],
  },
];

/** Messages of one journey over a connection that is kept open; each is one write and one read. */
const MESSAGES = 6;

/** Kills at each write to and each read from the LIS, over and above those of the journeys. */
const CONNECTED: readonly KillPoint[] = ['write', 'read'].flatMap((syscall) =>
  numbers(MESSAGES).map((n): KillPoint => ({ phase: 'connected', at: () => ({ syscall, n }) })),
);

/** What a call was made on; the daemon has no connection but those to the LIS. */
function thingOf({ text }: Call): Station['on'] | null {
  if (/<TCP|\(AF_INET/.test(text)) return 'LIS';
  if (/^\w+\([12]</.test(text)) return 'log';
  if (text.includes('<UNIX-STREAM')) return 'child';
  if (text.includes('raisingd.db.witness')) return 'witness';
  if (text.includes('raisingd.db')) return 'database';
  return text.includes('eventpoll') ? 'events' : null;
}

const nameOf = (syscall: string, on: Station['on'] | null, phase: Journey['phase']): string =>
  `${syscall} on ${on ?? 'anything else'} (${phase})`;

/** Plays a journey under a counting strace, and spreads the kills over what it counted. */
async function pointsOf(
  bench: Bench,
  { phase, stations, traces, settings, paths }: Journey,
): Promise<KillPoint[]> {
  const site = await bench.site();
  if (settings !== undefined) site.configure(settings(site));
  await site.recovered();
  const report = join(site.root, 'calls');
  const callsOf = (syscall: string, at: Site): Calls => ({ syscall, paths: paths?.(at) ?? [] });
  const all = stations.map(({ syscall }) => callsOf(syscall, site));
  if (phase === 'start') {
    site.drop(traces);
    const daemon = site.start({ under: countCalls(all, report) });
    await daemon.ready();
    await daemon.kill(true);
  } else {
    const daemon = site.start();
    await daemon.ready();
    const tracer = await attach(bench, countRunning(daemon.pid, all, report, 'main'));
    site.drop(traces);
    await site.settled();
    await tracer?.detach();
    await daemon.kill(true);
  }
  const calls = readCalls(report);
  return stations.flatMap(({ syscall, on, most }) => {
    const same = calls.filter((call) => call.syscall === syscall);
    const there = same.flatMap((call, index) => (thingOf(call) === on ? [index + 1] : []));
    bench.say(`${nameOf(syscall, on, phase)}: ${there.length} of ${same.length}`);
    return spread(there, most).map((n): KillPoint => ({
      phase,
      at: (where) => ({ ...callsOf(syscall, where), n }),
    }));
  });
}

/** `connected`: further points, on the connection to the LIS. */
async function killAlong(
  bench: Bench,
  journeys: readonly Journey[],
  atLeast: number,
  connected: readonly KillPoint[] = [],
): Promise<Measured> {
  const tally = createTally();
  const stationOf: Chain['stationOf'] = (call, phase) => nameOf(call.syscall, thingOf(call), phase);
  for (const journey of journeys) {
    const points = await pointsOf(bench, journey);
    const { traces, settings } = journey;
    await killAtEach(bench, { points, traces, tally, stationOf, ...(settings && { settings }) });
  }
  await killAtEach(bench, { points: connected, traces: MESSAGES, tally, stationOf });
  const stations = journeys.flatMap((journey) =>
    journey.stations.map(({ syscall, on }) => nameOf(syscall, on, journey.phase)),
  );
  return tally.kills({ atLeast, stations, note: `${tally.told()}; ` });
}

export const killCases: readonly FaultCase[] = [
  {
    name: 'kill -9: at database calls',
    expected: 'it goes on where it was; nothing is lost and nothing is told twice',
    needs: ['strace'],
    limitSeconds: 900,
    run: (bench) => killAlong(bench, DATABASE, 170),
  },
  {
    name: 'kill -9: at sockets and pipes',
    expected:
      'it goes on where it was; what was sent and not acknowledged goes out again with the same bytes',
    needs: ['strace'],
    limitSeconds: 900,
    run: (bench) => killAlong(bench, SOCKETS, 95, CONNECTED),
  },
];
