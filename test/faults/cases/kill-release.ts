import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { attach } from '../framework/attach.ts';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { commandUnder } from '../framework/command.ts';
import type { Daemon } from '../framework/daemon.ts';
import { inState, mainDestination } from '../framework/destination.ts';
import type { Site } from '../framework/site.ts';
import { callKilledAt, killAt, killRunningAt, type CallPoint } from '../framework/strace.ts';
import { createTally, type Tally } from '../framework/tally.ts';
import { expectWholeFiles } from '../framework/whole-files.ts';
import { until } from '../framework/wait.ts';
import { inLanes } from './kill-chain.ts';

/** Who is killed: the service, the command `review release`, or the process that writes the files of a destination. */
type Victim = 'service' | 'command' | 'file process';

/** The first of these calls after a release was asked for; further ones where there are several. */
const POINTS: Readonly<Record<Victim, readonly CallPoint[]>> = {
  service: [
    { syscall: 'pwrite64', n: 1 },
    { syscall: 'fsync', n: 1 },
    { syscall: 'write', n: 2 },
  ],
  command: [
    { syscall: 'pwrite64', n: 2 },
    { syscall: 'fsync', n: 1 },
    { syscall: 'pwrite64', n: 9 },
  ],
  'file process': [
    { syscall: 'openat', n: 1 },
    { syscall: 'fsync', n: 1 },
    { syscall: 'rename', n: 1 },
  ],
};
const AT_LEAST = 7;

/** The traces of one laboratory: each waits for a person, and goes to the LIS and into a file once it is released. */
interface Desk {
  readonly bench: Bench;
  readonly site: Site;
  readonly tally: Tally;
  /** Folder of the file destination. */
  readonly ward: string;
}

/** A person releases a held result while something is killed, and asks again where that did not come about. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const points = Object.entries(POINTS).flatMap(([victim, calls]) =>
    calls.map((point) => ({ victim: victim as Victim, point })),
  );
  await inLanes(points, async (mine) => {
    const desk = await deskOf(bench, tally);
    let daemon = await started(desk.site);
    for (const { victim, point } of mine) daemon = await releasedUnder(desk, daemon, victim, point);
    await daemon.stop();
  });
  return tally.kills({
    ...{ atLeast: AT_LEAST, stations: Object.keys(POINTS) },
    note: `${tally.told()}; each result went out once, to the LIS and into a whole file; `,
  });
}

async function deskOf(bench: Bench, tally: Tally): Promise<Desk> {
  const site = await bench.site();
  const ward = join(site.root, 'ward');
  mkdirSync(ward);
  site.configure({
    release: { mode: 'hold-all' },
    lis: [
      mainDestination(site.lis),
      { name: 'ward', file: { folder: ward }, retry: { firstSeconds: 0.1, maxSeconds: 0.5 } },
    ],
  });
  return { bench, site, tally, ward };
}

/** One result, with a kill while it is released; the daemon that runs at its end. */
async function releasedUnder(desk: Desk, daemon: Daemon, victim: Victim, point: CallPoint): Promise<Daemon> {
  const { bench, site, tally, ward } = desk;
  const report = join(site.root, 'killed');
  // The process that writes files is there once there was one to write.
  if (victim === 'file process') await released(desk, await heldResult(desk));
  const key = await heldResult(desk);
  const confirmed = async (): Promise<void> => {
    const call = await callKilledAt(report, point, bench.signal);
    expect(call !== null, `the ${victim} is killed at ${point.syscall} ${point.n}`);
    tally.hit(victim);
  };
  if (victim === 'command') {
    await commandUnder(site, killAt(point, report), ...releasing(key));
    await confirmed();
  } else {
    const pid = victim === 'service' ? daemon.pid : daemon.children('file-work.ts')[0];
    expect(pid !== undefined, `there is a ${victim}`);
    const threads = victim === 'service' ? 'main' : 'all';
    const tracer = await attach(bench, killRunningAt(pid, point, report, threads));
    expect(tracer !== null, 'strace is attached');
    await site.command(...releasing(key));
    const isKilled = await Promise.race([tracer.ended.then(() => true), site.settled().then(() => false)]);
    if (isKilled) {
      await confirmed();
      if (victim === 'service') await daemon.gone();
    } else {
      tally.notReached();
      await daemon.kill(true);
    }
  }
  const began = performance.now();
  const next = daemon.isRunning() ? daemon : await started(site);
  await released(desk, key);
  tally.judged(site, await site.settled(), (performance.now() - began) / 1000);
  expectWholeFiles(site, 'ward', ward);
  const delivered = inState(site.database, 'ward', 'delivered');
  expect(delivered === site.check().contents, `each result is in one file: ${delivered}`);
  return next;
}

async function started(site: Site): Promise<Daemon> {
  const daemon = site.start();
  await daemon.ready();
  return daemon;
}

const releasing = (key: string): readonly string[] => [
  ...['review', 'release', key, '--by', 'Test', '--reason', 'looked at'],
];

/** Lets a trace come; the key of its result, which waits for a person. */
async function heldResult({ bench, site }: Desk): Promise<string> {
  site.drop(1);
  return until(() => (site.check().places.held === 1 ? heldKey(site) : null), {
    signal: bench.signal,
    what: 'a result waits for a person',
  });
}

/** Key of the result that waits for a person; null where none does. */
function heldKey({ database }: Site): string | null {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const row = db
      .prepare(
        `SELECT r.key FROM results r JOIN result_versions v ON v.result_id = r.id
         WHERE v.disposition = 'held' AND v.id = (SELECT max(id) FROM result_versions WHERE result_id = r.id)`,
      )
      .get();
    return row === undefined ? null : String(row['key']);
  } finally {
    db.close();
  }
}

/** Releases a result unless that came about already. */
async function released({ site }: Desk, key: string): Promise<void> {
  if (heldKey(site) !== key) return;
  const { code, stderr } = await site.command(...releasing(key));
  expect(code === 0, `the result is released: ${stderr}`);
}

export const killReleaseCases: readonly FaultCase[] = [
  {
    name: 'kill -9: while a person releases a result',
    expected: 'the result is held or released, and goes out once; no half-written file has its last name',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
