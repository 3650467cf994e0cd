import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Site } from '../framework/site.ts';
import {
  callKilledAt,
  countCalls,
  killAt,
  numbers,
  readCounts,
  spread,
  type Calls,
} from '../framework/strace.ts';
import { createTally } from '../framework/tally.ts';
import { endsAtItsStart, inLanes, recover } from './kill-chain.ts';

const SYSCALLS = ['openat', 'pwrite64', 'fsync', 'unlink', 'rename', 'ftruncate'];
const MOST = 14;
const AT_LEAST = 36;

/** The draft under which a database is made, and its last name. */
const filesOf = ({ database }: Site): readonly string[] =>
  ['.new', '.new-wal', '.new-shm', '.new-journal', ''].map((suffix) => `${database}${suffix}`);

const callsIn = (site: Site, syscall: string): Calls => ({ syscall, paths: filesOf(site) });

/** Kills the first start of an installation at every step of making its database. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const points = await pointsOf(bench);
  await inLanes(points, async (mine) => {
    let site = await bench.site();
    for (const { syscall, n } of mine) {
      // Once there is a database, the next kill needs a new installation.
      if (existsSync(site.database)) {
        await recover(site, tally);
        site = await bench.site();
      }
      if (site.check().contents === 0) site.drop(1);
      const point = { ...callsIn(site, syscall), n };
      const report = join(site.root, 'killed');
      const daemon = site.start({ under: killAt(point, report) });
      if (await endsAtItsStart(daemon)) {
        const call = await callKilledAt(report, point, bench.signal);
        expect(call !== null, `it is killed, and does not end by itself: ${daemon.stderr()}`);
        tally.hit(syscall);
      } else tally.notReached();
      await daemon.kill(true);
    }
    await recover(site, tally);
  });
  return tally.kills({ atLeast: AT_LEAST, stations: SYSCALLS, note: `${tally.told()}; ` });
}

async function pointsOf(bench: Bench): Promise<readonly { syscall: string; n: number }[]> {
  const site = await bench.site();
  const report = join(site.root, 'calls');
  const daemon = site.start({
    under: countCalls(
      SYSCALLS.map((syscall) => callsIn(site, syscall)),
      report,
    ),
  });
  await daemon.ready();
  await daemon.kill(true);
  const counts = readCounts(report);
  bench.say([...counts].map(([syscall, count]) => `${syscall} ${count}`).join(', '));
  return SYSCALLS.flatMap((syscall) =>
    spread(numbers(counts.get(syscall) ?? 0), MOST).map((n) => ({ syscall, n })),
  );
}

export const killCreateCases: readonly FaultCase[] = [
  {
    name: 'kill -9: while the database is made',
    expected: 'the next start makes it; no half-made file is ever taken for a database',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
