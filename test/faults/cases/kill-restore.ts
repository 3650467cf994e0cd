import { execFile } from 'node:child_process';
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { RAISINGD } from '../framework/daemon.ts';
import type { Site } from '../framework/site.ts';
import { countCalls, killAt, readCounts, spread, type Calls } from '../framework/strace.ts';
import { killedWithLog, restored, TRACES } from './behind.ts';

const STATIONS = [
  { syscall: 'rename', most: 2 },
  { syscall: 'link', most: 3 },
  { syscall: 'unlink', most: 12 },
  { syscall: 'fsync', most: 6 },
  { syscall: 'pwrite64', most: 14 },
] as const;

/**
 * Kills `raisingd restore` at every step, over a database that has lost what the LIS has: whatever it leaves, a start
 * is refused or has all of that held.
 */
async function run(bench: Bench): Promise<Measured> {
  const site = await killedWithLog(bench);
  rmSync(`${site.database}-wal`);
  const left = join(site.root, 'left.db');
  const note = join(site.root, 'left.witness');
  renameSync(site.database, left);
  copyFileSync(`${site.database}.witness`, note);
  const behindAgain = (): void => {
    for (const suffix of ['-wal', '-shm']) rmSync(`${site.database}${suffix}`, { force: true });
    copyFileSync(left, site.database);
    copyFileSync(note, `${site.database}.witness`);
  };
  const received = site.lis.received();
  const suffixes = ['', '-wal', '-shm', '.witness', '.restored', '.restored-wal', '.restored-journal'];
  const paths = [site.dataDir, ...suffixes.map((suffix) => `${site.database}${suffix}`)];
  const report = join(bench.folder(), 'calls');
  behindAgain();
  await restoreUnder(
    site,
    left,
    countCalls(
      STATIONS.map(({ syscall }) => ({ syscall, paths })),
      report,
    ),
  );
  const counts = readCounts(report);
  let kills = 0;
  let refusals = 0;
  for (const { syscall, most } of STATIONS) {
    for (const n of spread(counts.get(syscall) ?? 0, most)) {
      const calls: Calls = { syscall, paths };
      behindAgain();
      if (await restoreUnder(site, left, killAt(calls, n))) kills += 1;
      if (!(await starts(site))) refusals += 1;
      expect(site.lis.received() === received, `killed at ${syscall} ${n}: nothing is sent anew`);
    }
  }
  const began = performance.now();
  const verdict = await restored(site, left);
  return {
    injections: kills,
    ...verdict,
    recoveredSeconds: (performance.now() - began) / 1000,
    note: `${kills} points; ${refusals} of the starts after them were refused, the others held ${TRACES} traces that may have been sent`,
  };
}

/** True where it was killed. */
function restoreUnder(site: Site, copy: string, prefix: readonly string[]): Promise<boolean> {
  const [strace = '', ...options] = prefix;
  const args = [...options, RAISINGD, 'restore', copy, '--yes', '--config', site.config];
  return new Promise((resolve) => {
    execFile(strace, args, { timeout: 60_000 }, (error) => resolve(error?.signal === 'SIGKILL'));
  });
}

/** False where the start is refused; else the service runs until everything has come to rest. */
async function starts(site: Site): Promise<boolean> {
  const daemon = site.start();
  const refused = await Promise.race([daemon.ended, daemon.ready().then(() => null)]);
  if (refused !== null) {
    expect(refused.code === 1, `a start is refused with exit code 1, not ${refused.code}`);
    return false;
  }
  await site.settled();
  await daemon.stop();
  return true;
}

export const killRestoreCases: readonly FaultCase[] = [
  {
    name: 'kill -9: during a restore',
    expected: 'the next start is refused or holds what was forgotten; a restore that is run again is whole',
    needs: ['strace'],
    limitSeconds: 240,
    run,
  },
];
