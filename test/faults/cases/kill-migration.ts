import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { makeOlder, NEWEST_VERSION, versionOf } from '../framework/older-database.ts';
import type { Site } from '../framework/site.ts';
import { countCalls, killAt, readCounts, spread, type Calls } from '../framework/strace.ts';
import { until } from '../framework/wait.ts';
import { createTally, inLanes, recover } from './kill-chain.ts';

const SYSCALLS = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'unlink', 'pread64', 'fcntl', 'rename'];
const MOST = 12;
const TRACES = 3;

const callsIn = ({ database, dataDir }: Site, syscall: string): Calls => ({
  syscall,
  paths: [
    ...['', '-wal', '-shm', '-journal'].map((suffix) => `${database}${suffix}`),
    join(dataDir, 'backups'),
  ],
});

/** Upgrades of a data folder with queued messages, from every earlier version, killed at every step. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const queued = await siteWithQueue(bench);
  const points = await pointsOf(bench, queued);
  let upgrades = 0;
  const finish = async (site: Site): Promise<void> => {
    await recover(site, tally);
    upgrades += 1;
    const acknowledged = site.check().places.acknowledged;
    expect(acknowledged === TRACES, 'every message queued before the upgrade is acknowledged');
    const copies = readdirSync(join(site.dataDir, 'backups')).filter((name) => name.includes('-before-'));
    expect(
      copies.length === 1,
      `however often it is cut short, an upgrade leaves one copy: ${copies.join(', ')}`,
    );
  };
  await inLanes(points, async (mine) => {
    let version = 1;
    let site = await olderSite(bench, queued, version);
    for (const { syscall, n } of mine) {
      if (versionOf(site.database) === NEWEST_VERSION) {
        await finish(site);
        version = 1 + (version % (NEWEST_VERSION - 1));
        site = await olderSite(bench, queued, version);
      }
      const daemon = site.start({ under: killAt(callsIn(site, syscall), n) });
      const { signal } = await Promise.race([daemon.ended, daemon.ready().then(() => daemon.kill(true))]);
      expect(signal === 'SIGKILL', `it is killed, and does not end by itself: ${daemon.stderr()}`);
      await daemon.kill(true);
      // Later than the migration it would be one of the other cases.
      if (daemon.log.some(({ message }) => message === 'The service runs')) tally.notReached();
      else tally.killed();
    }
    await finish(site);
  });
  return tally.measured(`${upgrades} upgrades from versions 1 to ${NEWEST_VERSION - 1}; `);
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

async function pointsOf(bench: Bench, queued: Site): Promise<readonly { syscall: string; n: number }[]> {
  const site = await olderSite(bench, queued, 1);
  const report = join(site.root, 'calls');
  const calls = SYSCALLS.map((syscall) => callsIn(site, syscall));
  const daemon = site.start({ under: countCalls(calls, report) });
  await until(() => versionOf(site.database) === NEWEST_VERSION, {
    signal: bench.signal,
    what: 'it is upgraded',
  });
  await daemon.kill(true);
  const counts = readCounts(report);
  bench.say([...counts].map(([syscall, count]) => `${syscall} ${count}`).join(', '));
  return SYSCALLS.flatMap((syscall) => spread(counts.get(syscall) ?? 0, MOST).map((n) => ({ syscall, n })));
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
