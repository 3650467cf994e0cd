import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { commandUnder } from '../framework/command.ts';
import type { Site } from '../framework/site.ts';
import { callKilledAt, countCalls, killAt, numbers, readCounts, spread } from '../framework/strace.ts';
import { createTally } from '../framework/tally.ts';
import { killedWithLog, restored, TRACES } from './behind.ts';
import { endsAtItsStart, inLanes } from './kill-chain.ts';

const STATIONS = [
  { syscall: 'rename', most: 2 },
  { syscall: 'link', most: 3 },
  { syscall: 'unlink', most: 14 },
  { syscall: 'fsync', most: 8 },
  { syscall: 'pwrite64', most: 20 },
] as const;
const AT_LEAST = 30;

/** A site whose database has lost what the LIS has. */
interface Ruin {
  readonly site: Site;
  /** What is left of the database, and what is restored. */
  readonly left: string;
  /** Puts it back to where it was before any restore. */
  again(): void;
}

/**
 * Kills `raisingd restore` at every step, over a database that has lost what the LIS has: whatever it leaves, a start
 * is refused or has all of that held.
 */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const points = await pointsOf(bench);
  let refusals = 0;
  await inLanes(points, async (mine) => {
    const { site, left, again } = await ruined(bench);
    const received = site.lis.received();
    const report = join(site.root, 'killed');
    for (const { syscall, n } of mine) {
      const point = { syscall, paths: pathsOf(site), n };
      again();
      await commandUnder(site, killAt(point, report), 'restore', left, '--yes');
      const call = await callKilledAt(report, point, bench.signal);
      if (call === null) tally.notReached();
      else tally.hit(syscall);
      if (!(await starts(site))) refusals += 1;
      expect(site.lis.received() === received, `killed at ${syscall} ${n}: nothing is sent anew`);
    }
    const began = performance.now();
    tally.add(site, await restored(site, left), (performance.now() - began) / 1000);
  });
  return tally.kills({
    ...{ atLeast: AT_LEAST, stations: STATIONS.map(({ syscall }) => syscall) },
    note: `${tally.told()}; ${refusals} of the starts after them were refused, the others held ${TRACES} traces that may have been sent; `,
  });
}

async function ruined(bench: Bench): Promise<Ruin> {
  const site = await killedWithLog(bench);
  rmSync(`${site.database}-wal`);
  const left = join(site.root, 'left.db');
  const note = join(site.root, 'left.witness');
  renameSync(site.database, left);
  copyFileSync(`${site.database}.witness`, note);
  return {
    ...{ site, left },
    again() {
      for (const suffix of ['-wal', '-shm']) rmSync(`${site.database}${suffix}`, { force: true });
      copyFileSync(left, site.database);
      copyFileSync(note, `${site.database}.witness`);
    },
  };
}

function pathsOf({ dataDir, database }: Site): readonly string[] {
  const suffixes = ['', '-wal', '-shm', '.witness', '.restored', '.restored-wal', '.restored-journal'];
  return [dataDir, ...suffixes.map((suffix) => `${database}${suffix}`)];
}

async function pointsOf(bench: Bench): Promise<readonly { syscall: string; n: number }[]> {
  const { site, left, again } = await ruined(bench);
  const report = join(site.root, 'calls');
  const calls = STATIONS.map(({ syscall }) => ({ syscall, paths: pathsOf(site) }));
  again();
  await commandUnder(site, countCalls(calls, report), 'restore', left, '--yes');
  const counts = readCounts(report);
  bench.say([...counts].map(([syscall, count]) => `${syscall} ${count}`).join(', '));
  return STATIONS.flatMap(({ syscall, most }) =>
    spread(numbers(counts.get(syscall) ?? 0), most).map((n) => ({ syscall, n })),
  );
}

/** False where the start is refused; else the service has run until everything had come to rest. */
async function starts(site: Site): Promise<boolean> {
  const daemon = site.start();
  if (await endsAtItsStart(daemon)) {
    const { code } = await daemon.ended;
    expect(code === 1, `a start is refused with exit code 1, not ${code}`);
    return false;
  }
  const { places } = await site.settled();
  expect(places.held === TRACES, `what was forgotten is held: ${JSON.stringify(places)}`);
  await daemon.stop();
  return true;
}

export const killRestoreCases: readonly FaultCase[] = [
  {
    name: 'kill -9: during a restore',
    expected: 'the next start is refused or holds what was forgotten; a restore that is run again is whole',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
