import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import { attach } from '../framework/attach.ts';
import { finishedBackups } from '../framework/backups.ts';
import type { Site } from '../framework/site.ts';
import {
  callKilledAt,
  countRunning,
  killRunningAt,
  numbers,
  readCalls,
  spread,
  type CallPoint,
} from '../framework/strace.ts';
import { createTally, type Tally } from '../framework/tally.ts';
import { until } from '../framework/wait.ts';
import { inLanes } from './kill-chain.ts';

/** `last`: only the calls at the end, since Node itself makes the others when it loads the program. */
const STATIONS = [
  { syscall: 'pwrite64', most: 14, last: Infinity },
  { syscall: 'fsync', most: 8, last: Infinity },
  { syscall: 'rename', most: 2, last: Infinity },
  { syscall: 'unlink', most: 4, last: Infinity },
  { syscall: 'pread64', most: 10, last: 40 },
  { syscall: 'openat', most: 8, last: Infinity },
] as const;

const AT_LEAST = 30;

interface Point extends CallPoint {
  /** Whether the daemon dies with the process that copies. */
  readonly both: boolean;
}

/** Kills the process that copies the database at every step; at every second point the daemon dies with it. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const points = await pointsOf(bench);
  await inLanes(points, async (mine) => {
    const site = await bench.site();
    site.drop(4);
    await site.recovered();
    for (const [at, point] of mine.entries()) {
      makeOverdue(site);
      const daemon = site.start();
      const copying = await copier(daemon, bench);
      const report = join(site.root, 'killed');
      const tracer = await attach(bench, killRunningAt(copying, pointIn(site, point), report, 'all'));
      await tracer?.ended;
      // Faster than strace, or done before the point came: then it was not killed.
      const call = tracer === null ? null : await callKilledAt(report, point, bench.signal);
      if (call === null) tally.notReached();
      else tally.hit(point.syscall);
      const copies = finishedBackups(site);
      if (point.both) await daemon.kill(true);
      else {
        // Killed when its copy had the name but was not yet known to last, it is rightly missed: then either may be.
        if (copies.length === 0) {
          await until(() => hasAlarm(site), {
            signal: bench.signal,
            what: 'there is an alarm while there is no backup',
          });
        }
        await daemon.stop();
      }
      assertSound(site);
      if (at % 4 === 3) site.drop(1);
    }
    await lastWord(site, tally, bench);
  });
  return tally.kills({
    ...{ atLeast: AT_LEAST, stations: STATIONS.map(({ syscall }) => syscall) },
    note: `${tally.told()}; the daemon killed as well at half of them; every finished copy sound; `,
  });
}

/** The program itself is opened before, and as often as it likes: only the database and the folder of copies count. */
const pointIn = (site: Site, point: CallPoint): CallPoint =>
  point.syscall === 'openat' ? { ...point, paths: [site.database, backups(site)] } : point;

const backups = ({ dataDir }: Site): string => join(dataDir, 'backups');
const list = (site: Site): readonly string[] => {
  try {
    return readdirSync(backups(site));
  } catch {
    // Not made yet.
    return [];
  }
};

/** With no copy there, the daemon makes one when it starts. */
function makeOverdue(site: Site): void {
  for (const name of finishedBackups(site)) rmSync(join(backups(site), name));
}

/** Whether the daemon remembers an alarm about backups that has not ended. */
function hasAlarm({ dataDir }: Site): boolean {
  const book = JSON.parse(readFileSync(join(dataDir, 'alerts.json'), 'utf8')) as {
    readonly episodes: readonly { readonly key: string; readonly ended: unknown }[];
  };
  return book.episodes.some(({ key, ended }) => key === 'backup' && ended === null);
}

/** The process that copies. The one before it only asks how old the newest copy is. */
async function copier(daemon: Daemon, bench: Bench): Promise<number> {
  const seen = new Set<number>();
  return until(
    () => {
      for (const pid of daemon.children('backup-process.ts')) seen.add(pid);
      return [...seen][1];
    },
    { signal: bench.signal, everyMs: 2, what: 'a backup begins' },
  );
}

/** A finished copy is always a whole one, whatever happened. */
function assertSound(site: Site): void {
  for (const name of finishedBackups(site)) {
    // Opened elsewhere: looking must leave nothing beside the copies.
    const db = new DatabaseSync(join(backups(site), name), { readOnly: true });
    const rows = db.prepare('PRAGMA integrity_check').all();
    db.close();
    expect(rows.length === 1 && rows[0]?.['integrity_check'] === 'ok', `${name} is sound`);
  }
}

/** Left alone, the daemon makes its copy, takes the alarm back, and leaves nothing half-made. */
async function lastWord(site: Site, tally: Tally, bench: Bench): Promise<void> {
  const began = performance.now();
  makeOverdue(site);
  const daemon = site.start();
  await until(() => finishedBackups(site).length > 0, { signal: bench.signal, what: 'a backup is made' });
  await until(() => !hasAlarm(site), { signal: bench.signal, what: 'the alarm about backups is over' });
  tally.judged(site, await site.settled(), (performance.now() - began) / 1000);
  await daemon.stop();
  assertSound(site);
  const drafts = list(site).filter((name) => name.includes('.tmp'));
  expect(drafts.length === 0, `nothing half-made is left: ${drafts.join(', ')}`);
}

async function pointsOf(bench: Bench): Promise<readonly Point[]> {
  const site = await bench.site();
  site.drop(4);
  await site.recovered();
  makeOverdue(site);
  const report = join(site.root, 'calls');
  const daemon = site.start();
  const tracer = await attach(bench, countRunning(await copier(daemon, bench), STATIONS, report, 'all'));
  await until(() => finishedBackups(site).length > 0, { signal: bench.signal, what: 'a backup is made' });
  await tracer?.ended;
  await daemon.stop();
  const calls = readCalls(report);
  const points = STATIONS.flatMap(({ syscall, most, last }) => {
    const { paths = [] } = pointIn(site, { syscall, n: 1 });
    const count = calls.filter(
      (call) =>
        call.syscall === syscall &&
        (paths.length === 0 || paths.some((path) => call.text.includes(`"${path}"`))),
    ).length;
    bench.say(`${syscall} ${count}`);
    const first = Math.max(0, count - last);
    return spread(numbers(count - first), most).map((n) => ({ syscall, n: first + n }));
  });
  // Lanes take turns, so that `both` falls on each lane as often.
  return points.map((point, at) => ({ ...point, both: Math.floor(at / 2) % 2 === 0 }));
}

export const killBackupCases: readonly FaultCase[] = [
  {
    name: 'kill -9: during a backup',
    expected:
      'no half-made copy ever has the name of a finished one; an alarm, and the next backup cleans up',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
