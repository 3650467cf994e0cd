import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Site } from '../framework/site.ts';
import { sightedPaths } from '../framework/sightings.ts';
import { seconds } from '../framework/stopwatch.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

const CROWD = 10_000;

/** A whole folder of finished traces appears at once. */
async function crowd(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const ready = join(site.root, 'ready');
  mkdirSync(ready);
  for (let n = 1; n <= CROWD; n += 1) {
    const { file, bytes } = traceOf(n);
    writeFileSync(join(ready, file), bytes);
  }
  await site.start().ready();
  const began = performance.now();
  renameSync(ready, join(site.incoming, 'run'));
  await until(() => site.lis.received() >= CROWD, {
    ...{ signal: bench.signal, seconds: 500, everyMs: 100 },
    what: `${CROWD} are received`,
  });
  const taken = seconds(began);
  const verdict = await site.settled(60);
  const { contents, places, repeats, rejections } = verdict;
  expect(
    contents === CROWD && places.acknowledged === CROWD && rejections === 0,
    `all are acknowledged: ${contents} found, ${JSON.stringify(places)}`,
  );
  expect(site.lis.received() === CROWD && repeats === 0, `none comes twice: ${site.lis.received()} came`);
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: taken,
    note: `${CROWD} different traces, each received and acknowledged once, ${(CROWD / taken).toFixed(0)} a second`,
  };
}

const [YEARS, PLATES] = [10, 10];
/** The pause between two scans, where the configuration does not say another. */
const MOST_SCAN_SECONDS = 10;

/** A share as it is after years; the newest files lie at its far end. */
async function deepTree(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const tree = makeTree(site, bench.long ? 1000 : 200);
  const far = tree.folders.at(-1) ?? '';
  const listening = site.start();
  await listening.ready();
  await until(() => sightedPaths(site.database).length === tree.names, {
    ...{ signal: bench.signal, seconds: 300, everyMs: 1000 },
    what: 'all old names are known',
  });
  await site.settled(60);
  const heard = await takes(site, bench, far, 1);
  await listening.stop();

  // Deaf to what the system announces, so that nothing but a scan can find the next one.
  const refused = join(site.root, 'refused');
  const deaf = site.start({ under: withoutWatches(refused, '--seccomp-bpf') });
  await deaf.ready();
  const scanned = await takes(site, bench, far, 2);
  const scanSeconds = await until(() => lastScan(site), {
    ...{ signal: bench.signal, everyMs: 200 },
    what: 'status tells how long a scan took',
  });
  expect(refusals(refused) > 0, 'watches were asked for and refused');
  const words =
    `${tree.names} names (links to ${tree.contents} traces) in ${tree.subfolders} folders; ` +
    `a new trace was acknowledged after ${heard.toFixed(1)} s, found by a scan alone after ${scanned.toFixed(1)} s; ` +
    `a scan takes ${scanSeconds.toFixed(2)} s`;
  expect(Math.max(heard, scanned, scanSeconds) < MOST_SCAN_SECONDS, `the scan keeps its pace: ${words}`);
  const verdict = await site.settled();
  const { contents, places } = verdict;
  expect(
    contents === tree.contents + 2 && places.acknowledged === contents && site.lis.received() === contents,
    `each content is sent once: ${JSON.stringify(verdict)}`,
  );
  return { injections: 1, ...judgement(verdict), recoveredSeconds: Math.max(heard, scanned), note: words };
}

interface Tree {
  readonly names: number;
  readonly contents: number;
  /** Those that hold traces, the last one deepest in the order of a listing. */
  readonly folders: readonly string[];
  /** All below the watched one. */
  readonly subfolders: number;
}

/** In each folder many names of one trace: links, so that it has so many names without so many times its bytes. */
function makeTree(site: Site, wells: number): Tree {
  const folders = Array.from({ length: YEARS * PLATES }, (_, n) =>
    join(site.incoming, `y${Math.floor(n / PLATES)}`, `p${n % PLATES}`, 'run', 'traces'),
  );
  for (const [n, folder] of folders.entries()) {
    mkdirSync(folder, { recursive: true });
    const { sample, bytes } = traceOf(500_000 + n);
    const name = (well: number): string => join(folder, `${sample}_W${well}.ab1`);
    writeFileSync(name(1), bytes);
    for (let well = 2; well <= wells; well += 1) linkSync(name(1), name(well));
  }
  const entries = readdirSync(site.incoming, { recursive: true, withFileTypes: true });
  return {
    names: entries.filter((entry) => entry.isFile()).length,
    contents: folders.length,
    folders,
    subfolders: entries.filter((entry) => entry.isDirectory()).length,
  };
}

/** How long it takes, in seconds, until a new trace in a folder is received. */
async function takes(site: Site, bench: Bench, folder: string, number: number): Promise<number> {
  const before = site.lis.received();
  const { file, bytes } = traceOf(number);
  const began = performance.now();
  writeFileSync(join(folder, `${file}.tmp`), bytes);
  renameSync(join(folder, `${file}.tmp`), join(folder, file));
  await until(() => site.lis.received() > before, {
    ...{ signal: bench.signal, everyMs: 10 },
    what: 'a new trace is received',
  });
  return seconds(began);
}

/** By the service's own account, in seconds; null before the first. */
async function lastScan(site: Site): Promise<number | null> {
  const { stdout } = await site.command('status', '--json');
  const { state } = JSON.parse(stdout) as { state: { folders: { scanMs: number | null }[] } | null };
  const scanMs = state?.folders[0]?.scanMs ?? null;
  return scanMs === null ? null : scanMs / 1000;
}

/** The system gives out no watch on any folder (fs.inotify.max_user_watches is used up). */
async function noWatches(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const refused = join(site.root, 'refused');
  const daemon = site.start({ under: withoutWatches(refused) });
  await daemon.ready();
  site.drop(4);
  const began = performance.now();
  const verdict = await site.settled(60);
  const latency = seconds(began);
  expect(verdict.places.acknowledged === 4, JSON.stringify(verdict.places));
  expect(refusals(refused) > 0, 'watches were asked for and refused');
  const tells = async (): Promise<boolean> =>
    (await site.command('status')).stdout.includes('cannot be listened to, scans go on');
  await until(tells, { signal: bench.signal, everyMs: 200, what: 'status says that it cannot listen' });
  return {
    injections: refusals(refused),
    ...judgement(verdict),
    recoveredSeconds: latency,
    note: `${refusals(refused)} watches were refused; the scan found all 4, and status says that it cannot listen`,
  };
}

function withoutWatches(report: string, ...options: readonly string[]): readonly string[] {
  return [
    ...['strace', '-D', '-f', '-qq', ...options, '-o', report, '-e', 'trace=inotify_add_watch'],
    ...['-e', 'inject=inotify_add_watch:error=ENOSPC'],
  ];
}

function refusals(report: string): number {
  return readFileSync(report, 'utf8').split('ENOSPC').length - 1;
}

export const manyFileCases: readonly FaultCase[] = [
  {
    name: 'files: ten thousand at once',
    expected: 'each is received and acknowledged once',
    limitSeconds: 600,
    run: crowd,
  },
  {
    name: 'files: no inotify watch left',
    expected: 'the scan finds them all the same, and status says why it has to',
    needs: ['strace'],
    run: noWatches,
  },
  {
    name: 'files: old ones in a deep tree',
    expected: `a scan takes less than ${MOST_SCAN_SECONDS} s and a new trace is found at once (with --long among 100,000)`,
    needs: ['strace'],
    limitSeconds: 600,
    run: deepTree,
  },
];
