import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { alarms } from '../framework/alarms.ts';
import { ext4Disk, smallDisk } from '../framework/disk.ts';
import type { Site } from '../framework/site.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

const ROUNDS = 8;
const CROWD = 3;
const PAGE = 4096;

/**
 * The database's disk is filled to the last byte, or to within less than a transaction needs, while traces arrive and
 * while messages wait; it fails at another statement each time.
 */
async function full(bench: Bench): Promise<Measured> {
  const disk = smallDisk(bench, '6m');
  const site = await bench.site({ dataDir: join(disk.path, 'data') });
  site.configure({ upkeep: { backup: { folder: join(bench.folder(), 'backups') } } });
  const daemon = site.start();
  await daemon.ready();
  site.drop(2);
  await site.settled();
  let longest = 0;
  let sent = 0;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = daemon.log.length;
    await site.lis.close();
    await emptyWal(site, bench);
    site.drop(CROWD);
    await until(() => site.check().places.queued === CROWD, {
      signal: bench.signal,
      what: 'three are queued',
    });
    const needed = statSync(walOf(site)).size;
    await emptyWal(site, bench);
    // Nothing, or a few pages: enough for the first statements of a transaction and not for its last. One trace needs
    // a third of what three took at least, should these have come one by one.
    const pages = Math.floor(needed / CROWD / PAGE);
    disk.fill(round % 2 === 0 ? 0 : Math.floor(bench.random() * pages) * PAGE);
    const received = site.lis.received();
    site.drop(CROWD);
    await site.lis.listen();
    await until(() => alarms(daemon, 'disk', 'raised', before) > 0, {
      signal: bench.signal,
      what: `round ${round}: an alarm says that the database cannot be written`,
    });
    await until(() => site.lis.received() > received, {
      signal: bench.signal,
      what: `round ${round}: delivery goes on with what was queued`,
    });
    refused += alarms(daemon, 'disk', 'raised', before);
    sent += site.lis.received() - received;
    expect(daemon.isRunning(), `it runs on: ${daemon.stderr()}`);
    disk.empty();
    const began = performance.now();
    const verdict = await site.settled(60);
    longest = Math.max(longest, seconds(began));
    expect(verdict.places.acknowledged === 2 + 2 * CROWD * (round + 1), JSON.stringify(verdict.places));
    await until(() => alarms(daemon, 'disk', 'cleared', before) === 1, {
      signal: bench.signal,
      what: `round ${round}: the alarm ends`,
    });
  }
  expect(refused === ROUNDS, `one alarm each time: ${refused}`);
  const verdict = await site.settled();
  return {
    injections: refused,
    ...judgement(verdict),
    recoveredSeconds: longest,
    note:
      `filled ${ROUNDS} times with ${CROWD} messages queued and ${CROWD} traces arriving: each time a write was refused, ` +
      `with one alarm that ended by itself; ${sent} messages were sent before there was room again`,
  };
}

const walOf = ({ database }: Site): string => `${database}-wal`;

/** What it holds is free room for the next commits, however full the disk is. */
async function emptyWal(site: Site, bench: Bench): Promise<void> {
  const db = new DatabaseSync(site.database, { timeout: 5000 });
  try {
    await until(
      () =>
        db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0 &&
        statSync(walOf(site)).size === 0,
      { signal: bench.signal, what: 'the -wal file is empty' },
    );
  } finally {
    db.close();
  }
}

async function fullForBackups(bench: Bench): Promise<Measured> {
  const disk = smallDisk(bench, '2m');
  const site = await bench.site();
  const folder = join(disk.path, 'backups');
  site.configure({ upkeep: { backup: { folder, cron: '*/2 * * * * *', keep: 2 } } });
  disk.fill(100_000);
  const daemon = site.start();
  await daemon.ready();
  site.drop(5);
  await until(() => alarms(daemon, 'backup', 'raised') > 0, {
    signal: bench.signal,
    what: 'an alarm says that it failed',
  });
  await site.settled();
  const made = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.db'));
  expect(made().length === 0, `no half copy has the name of a whole one: ${made().join(', ')}`);
  disk.empty();
  disk.resize('20m');
  const began = performance.now();
  await until(() => made().length > 0 && alarms(daemon, 'backup', 'cleared') > 0, {
    signal: bench.signal,
    what: 'a copy is made and the alarm ends',
  });
  return {
    injections: 1,
    ...judgement(await site.settled()),
    recoveredSeconds: seconds(began),
    note: 'no half copy was left under a whole one’s name; results flowed; the next run made one and ended the alarm',
  };
}

async function fullForLog(bench: Bench): Promise<Measured> {
  const disk = smallDisk(bench, '1m');
  const site = await bench.site();
  site.configure({ log: { level: 'debug', file: join(disk.path, 'raisingd.log') } });
  disk.fill(4096);
  const daemon = site.start();
  await daemon.ready();
  site.drop(10);
  await until(
    () => daemon.log.some(({ message }) => message.startsWith('log.file cannot be written; results go on')),
    { signal: bench.signal, what: 'it says that the log file cannot be written' },
  );
  expect(statfsSync(disk.path).bavail === 0, 'nothing is free on the disk of the log');
  site.drop(20);
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 30 && daemon.isRunning(), JSON.stringify(verdict.places));
  expect(statfsSync(disk.path).bavail === 0, 'nothing has been free meanwhile');
  disk.empty();
  site.drop(3);
  const began = performance.now();
  const after = await site.settled();
  expect(after.places.acknowledged === 33, JSON.stringify(after.places));
  const { code } = await daemon.stop();
  expect(code === 0, `it ends with exit code 0: ${String(code)}`);
  return {
    injections: 1,
    ...judgement(after),
    recoveredSeconds: seconds(began),
    note: 'nothing was free on the log file’s disk, which the service said by itself; 30 traces were acknowledged all the same',
  };
}

/** What a file system does after an I/O error: nothing can be written any more, not even to files that are open. */
async function readOnly(bench: Bench): Promise<Measured> {
  const disk = ext4Disk(bench);
  const site = await bench.site({ dataDir: join(disk.path, 'data') });
  site.configure({ upkeep: { backup: { folder: join(bench.folder(), 'backups') } } });
  let daemon = site.start();
  await daemon.ready();
  site.drop(3);
  await site.settled();
  disk.breakDown();
  site.drop(3);
  const failed = await daemon.gone();
  expect(failed.code === 1, `it ends with exit code 1: ${JSON.stringify(failed)}`);
  const words = daemon.log.filter((line) => line['level'] === 'error').map((line) => JSON.stringify(line));
  expect(words.length > 0, 'its log says why');
  // Started again, as a service manager does: it must say so at once and clearly, and not pretend to run.
  const refusals = 3;
  for (let nth = 1; nth <= refusals; nth += 1) {
    daemon = site.start();
    const again = await daemon.gone();
    expect(
      again.code === 1,
      `start ${nth} on such a disk is refused with exit code 1: ${JSON.stringify(again)}`,
    );
    expect(
      /read-?only|EROFS|I\/O|EIO|writable/i.test(daemon.stderr()),
      `start ${nth}: it says why: ${daemon.stderr()}`,
    );
  }
  await disk.repair();
  daemon = site.start();
  await daemon.ready();
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 6, JSON.stringify(verdict.places));
  return {
    injections: 1 + refusals,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note:
      `ended with exit code 1; ${refusals} starts by hand on such a disk ended with exit code 1 too and said why; it went ` +
      'on after fsck. How often a service manager starts it again is the unit’s and not tried here',
  };
}

/** Each n-th fsync of database or log of the database fails, as a dying disk does. */
async function syncFails(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.drop(3);
  const first = site.start();
  await first.ready();
  await site.settled();
  await first.stop();
  let fatal = 0;
  let dropped = 3;
  const rounds = 6;
  for (let round = 1; round <= rounds; round += 1) {
    const daemon = site.start({ under: failingSync(site, round) });
    // One after another, until the daemon has come to that fsync: each trace needs at least one.
    for (let traces = 0; daemon.isRunning(); traces += 1) {
      expect(traces <= rounds, `round ${round}: the fsync fails`);
      dropped += site.drop(1).length;
      await until(() => !daemon.isRunning() || site.check().places.acknowledged === dropped, {
        signal: bench.signal,
        what: `round ${round}: it ends or goes on`,
      });
    }
    const end = await daemon.ended;
    expect(end.code === 1, `a failed fsync is fatal: ${JSON.stringify(end)} ${daemon.stderr()}`);
    fatal += 1;
    const { lost, duplicated } = site.check();
    expect(lost.length + duplicated.length === 0, [...lost, ...duplicated].join('; '));
  }
  const daemon = site.start();
  await daemon.ready();
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === dropped, JSON.stringify(verdict.places));
  return {
    injections: fatal,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `the first to the ${rounds}th fsync of the database failed, each in a run of its own: it ended each time (exit code 1) and came back whole`,
  };
}

/** Below it the n-th fsync of the database or its -wal file fails. */
function failingSync(site: Site, nth: number): readonly string[] {
  const files = ['-P', site.database, '-P', walOf(site)];
  const calls = ['-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:error=EIO:when=${nth}`];
  return ['strace', '-D', '-f', '-qq', '-o', '/dev/null', ...files, ...calls];
}

export const spaceCases: readonly FaultCase[] = [
  {
    name: 'space: disk full while scoring and queuing',
    expected: 'intake waits with an alarm, delivery goes on, and it heals itself',
    needs: ['root', 'mount'],
    limitSeconds: 600,
    run: full,
  },
  {
    name: 'space: disk full while backing up',
    expected: 'alarm, no half copy, results flow, and the next run makes one',
    needs: ['root', 'mount'],
    run: fullForBackups,
  },
  {
    name: 'space: log disk full',
    expected: 'results flow all the same',
    needs: ['root', 'mount'],
    run: fullForLog,
  },
  {
    name: 'space: read-only file system',
    expected: 'a clear end and no pretence of running; whole again once it is repaired',
    needs: ['root', 'mount', 'mkfs.ext4'],
    run: readOnly,
  },
  {
    name: 'space: fsync fails',
    expected: 'fatal, since only a restart tells what was kept; then verified and whole',
    needs: ['root', 'strace'],
    limitSeconds: 600,
    run: syncFails,
  },
];
