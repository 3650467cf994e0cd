import { join } from 'node:path';
import { attach } from '../framework/attach.ts';
import { expect, type Bench } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import type { Site } from '../framework/site.ts';
import { connectionsTo } from '../framework/sockets.ts';
import { callKilledAt, killAt, killRunningAt, type Call, type CallPoint } from '../framework/strace.ts';
import type { Tally } from '../framework/tally.ts';
import { until } from '../framework/wait.ts';

/**
 * From when on calls count. start: the daemon's first one. work: when the service runs, before new traces come.
 * connected: the same, once everything is delivered, and of the connection to the LIS alone, which is kept open.
 */
export type Phase = 'start' | 'work' | 'connected';

/** One moment at which the daemon is killed. */
export interface KillPoint {
  readonly phase: Phase;
  readonly at: (site: Site) => CallPoint;
}

/** Kills of one kind, and how they are counted. */
export interface Chain {
  readonly points: readonly KillPoint[];
  /** Settings that the sites have instead of the default ones. */
  readonly settings?: (site: Site) => Readonly<Record<string, unknown>>;
  /** New finished traces before each kill. */
  readonly traces: number;
  readonly tally: Tally;
  /** The station that a kill counts for, by the call that really was cut off. */
  readonly stationOf: (call: Call, phase: 'start' | 'work') => string;
}

/** So many data folders are worked on at once: while one daemon waits, the other works. */
const LANES = 2;
/** After so many kills in a row the daemon is left alone until everything is where it belongs. */
const CHAIN = 8;

/** Deals items to the lanes, which work at the same time. */
export async function inLanes<T>(
  items: readonly T[],
  work: (mine: readonly T[]) => Promise<void>,
): Promise<void> {
  const lanes = Array.from({ length: LANES }, (_, lane) => items.filter((_item, at) => at % LANES === lane));
  await Promise.all(lanes.filter((mine) => mine.length > 0).map((mine) => work(mine)));
}

/**
 * Kills the daemon at every point. Each start is the recovery from the kill before it and is killed itself; the
 * checker judges after each kill, and after each chain of them once everything has come to rest.
 */
export async function killAtEach(bench: Bench, chain: Chain): Promise<void> {
  await inLanes(chain.points, async (mine) => {
    const site = await bench.site();
    if (chain.settings !== undefined) site.configure(chain.settings(site));
    await site.recovered();
    for (let at = 0; at < mine.length; at += CHAIN) {
      for (const point of mine.slice(at, at + CHAIN)) await kill(bench, site, point, chain);
      await recover(site, chain.tally);
    }
  });
}

async function kill(
  bench: Bench,
  site: Site,
  { phase, at }: KillPoint,
  { traces, tally, stationOf }: Chain,
): Promise<void> {
  const report = join(site.root, 'killed');
  const point = at(site);
  const daemon =
    phase === 'start'
      ? startedUnder(site, traces, point, report)
      : await workingUnder(bench, site, traces, { phase, point, report });
  const isAtRest = (): boolean => {
    const { pending, places } = site.check();
    return pending.length === 0 && places.queued === 0;
  };
  await until(() => !daemon.isRunning() || isAtRest(), {
    signal: bench.signal,
    everyMs: 40,
    what: 'the daemon comes to the call at which it is killed, or past it',
  });
  if (daemon.isRunning()) tally.notReached();
  else {
    const call = await callKilledAt(report, point, bench.signal);
    if (call === null) throw new Error(`it ended by itself: ${daemon.stderr()}`);
    tally.hit(stationOf(call, phaseOf(daemon)));
  }
  await daemon.kill(true);
  const { lost, duplicated } = site.check();
  if (lost.length + duplicated.length > 0) throw new Error([...lost, ...duplicated].join('; '));
}

function startedUnder(site: Site, traces: number, point: CallPoint, report: string): Daemon {
  site.drop(traces);
  return site.start({ under: killAt(point, report) });
}

async function workingUnder(
  bench: Bench,
  site: Site,
  traces: number,
  { phase, point, report }: { readonly phase: Phase; readonly point: CallPoint; readonly report: string },
): Promise<Daemon> {
  const daemon = site.start();
  await daemon.ready();
  const meant = phase === 'connected' ? { ...point, paths: await connection(site, daemon) } : point;
  const tracer = await attach(bench, killRunningAt(daemon.pid, meant, report, 'main'));
  expect(tracer !== null, `the daemon is there when strace comes: ${daemon.stderr()}`);
  site.drop(traces);
  return daemon;
}

/** The one connection to the LIS, which is open and at rest once a message went over it. */
async function connection(site: Site, daemon: Daemon): Promise<readonly string[]> {
  site.drop(1);
  await site.settled();
  const open = connectionsTo(daemon.pid, site.lis.port);
  expect(open.length === 1, `one connection to the LIS is open, not ${open.length}`);
  return open;
}

const phaseOf = ({ log }: Daemon): 'start' | 'work' =>
  log.some(({ message }) => message === 'The service runs') ? 'work' : 'start';

/** Waits until the daemon has ended, or the service runs; whether it ended before. */
export async function endsAtItsStart(daemon: Daemon): Promise<boolean> {
  await Promise.race([daemon.ended, daemon.ready()]);
  return phaseOf(daemon) === 'start';
}

/** Starts the daemon and leaves it alone until the LIS has everything. */
export async function recover(site: Site, tally: Tally): Promise<void> {
  const began = performance.now();
  const verdict = await site.recovered();
  tally.judged(site, verdict, (performance.now() - began) / 1000);
  const { code, stdout } = await site.command('audit', 'verify');
  expect(code === 0, `the audit log is whole: ${stdout}`);
}
