import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { makeOlder, NEWEST_VERSION, versionOf } from '../framework/older-database.ts';
import type { Site } from '../framework/site.ts';
import { callKilledAt, countCalls, killAt, readCalls, type CallPoint } from '../framework/strace.ts';
import { createTally, type Tally } from '../framework/tally.ts';
import { until } from '../framework/wait.ts';
import { endsAtItsStart, inLanes, recover } from './kill-chain.ts';

const AT_LEAST = 40;
const TRACES = 3;

/** One call of one step of an upgrade; `to` is the version that the step leads to. */
interface Point extends CallPoint {
  readonly from: number;
  readonly to: number;
}

const stepOf = (from: number, to: number): string => `from ${from}, step to ${to}`;

/** Upgrades of a data folder with queued messages, from every earlier version, each killed in every one of its steps. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const queued = await siteWithQueue(bench);
  const earlier = Array.from({ length: NEWEST_VERSION - 1 }, (_, index) => index + 1);
  const points: Point[] = [];
  await inLanes(earlier, async (mine) => {
    for (const version of mine) points.push(...(await pointsOf(bench, queued, version)));
  });
  await inLanes(points, async (mine) => {
    for (const point of mine) {
      const site = await olderSite(bench, queued, point.from);
      const report = join(site.root, 'killed');
      const daemon = site.start({ under: killAt(point, report) });
      const ended = await endsAtItsStart(daemon);
      const call = ended ? await callKilledAt(report, point, bench.signal) : null;
      expect(call !== null, `it is killed, and does not end by itself: ${daemon.stderr()}`);
      // A step whose commit was written and not yet synced outlives the process.
      const version = versionOf(site.database);
      const inStep = version === point.to - 1 || version === point.to;
      expect(inStep && copiesIn(site).length === 1, `killed in the step to ${point.to}, not at ${version}`);
      tally.hit(stepOf(point.from, point.to));
      await finish(site, tally);
    }
  });
  const steps = earlier.flatMap((from) => stepsFrom(from).map((to) => stepOf(from, to)));
  return tally.kills({
    ...{ atLeast: AT_LEAST, stations: steps },
    note: `each of the ${steps.length} steps of upgrades from versions ${earlier.join(', ')} to ${NEWEST_VERSION}; `,
  });
}

/** Versions that the steps of an upgrade lead to. */
const stepsFrom = (from: number): readonly number[] =>
  Array.from({ length: NEWEST_VERSION - from }, (_, index) => from + 1 + index);

const copiesIn = ({ dataDir }: Site): readonly string[] =>
  readdirSync(join(dataDir, 'backups')).filter((name) => name.includes('-before-'));

/** Left alone, the next start ends the upgrade and sends what was queued before. */
async function finish(site: Site, tally: Tally): Promise<void> {
  await recover(site, tally);
  expect(versionOf(site.database) === NEWEST_VERSION, 'the upgrade is done');
  const copies = copiesIn(site);
  expect(
    copies.length === 1,
    `however often it is cut short, an upgrade leaves one copy: ${copies.join(', ')}`,
  );
}

/** A data folder with messages that wait for a LIS that is away. */
async function siteWithQueue(bench: Bench): Promise<Site> {
  const site = await bench.site();
  await site.lis.close();
  const daemon = site.start();
  await daemon.ready();
  site.drop(TRACES);
  await until(() => site.check().places.queued === TRACES, {
    signal: bench.signal,
    what: 'messages are queued',
  });
  await daemon.stop();
  return site;
}

/** The same as an older program would have left it, with a LIS that is there. */
async function olderSite(bench: Bench, queued: Site, version: number): Promise<Site> {
  const site = await bench.site();
  mkdirSync(site.dataDir, { recursive: true, mode: 0o700 });
  makeOlder(site.database, version, queued.database);
  site.drop(TRACES);
  expect(site.check().places.queued === TRACES, 'the older database holds the same queue');
  return site;
}

/** Of each step a write in its middle, and of every second one the sync that ends it; found by the file that the step is read from. */
async function pointsOf(bench: Bench, queued: Site, from: number): Promise<readonly Point[]> {
  const site = await olderSite(bench, queued, from);
  const report = join(site.root, 'calls');
  const watched = ['openat', 'pwrite64', 'fsync'].map((syscall) => ({ syscall }));
  const daemon = site.start({ under: countCalls(watched, report) });
  await daemon.ready();
  await daemon.kill(true);
  const calls = readCalls(report);
  return stepsFrom(from).flatMap((to) => {
    const begin = calls.findIndex(({ text }) => text.includes(`/migrations/${String(to).padStart(4, '0')}-`));
    const end = calls.findIndex(({ syscall }, at) => at > begin && syscall === 'fsync');
    expect(begin !== -1 && end !== -1, `the step from ${to - 1} to ${to} is seen`);
    const before = (at: number, syscall: string): number =>
      calls.slice(0, at).filter((call) => call.syscall === syscall).length;
    const [first, last] = [before(begin, 'pwrite64'), before(end, 'pwrite64')];
    const write: Point = { from, to, syscall: 'pwrite64', n: Math.ceil((first + 1 + last) / 2) };
    const sync: Point = { from, to, syscall: 'fsync', n: before(end, 'fsync') + 1 };
    return (from + to) % 2 === 0 ? [write, sync] : [write];
  });
}

export const killMigrationCases: readonly FaultCase[] = [
  {
    name: 'kill -9: during an upgrade',
    expected: 'the next start goes on with the step that was cut short; nothing queued is lost or told twice',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
