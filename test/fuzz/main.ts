import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createDice } from './dice.ts';
import { CELL, CELLS, type Found, type Shift } from './shift.ts';
import { TARGETS, type TargetName } from './targets.ts';

/**
 * Throws spoiled files and messages at every reader of foreign bytes: none may crash it, hang it, take longer than
 * 100 ms or make the process large. The same seed gives the same cases.
 *
 * npm run test:fuzz -- [--count N of each] [--seconds N in all] [--seed N] [--target NAME] [--case N: this one only]
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    case: { type: 'string' },
  },
});

const SLOW_MS = 100;
const HANG_MS = 10_000;
const LARGEST_MIB = 768;
const HEAP_MIB = 192;
/** Shares of the time. */
const SHARES: Readonly<Record<TargetName, number>> = { abif: 0.7, worklist: 0.1, hl7: 0.1, ack: 0.1 };

const seed = Number(values.seed);
const count = values.count === undefined ? Infinity : Number(values.count);
const seconds = Number(values.seconds ?? (values.count === undefined ? 60 : Infinity));
const names = (Object.keys(TARGETS) as TargetName[]).filter((name) => (values.target ?? name) === name);

if (values.case !== undefined) {
  for (const name of names) {
    const target = TARGETS[name]();
    const bytes = target.make(createDice(seed, `${name} ${values.case}`));
    const file = join(mkdtempSync(join(tmpdir(), 'raisingd-fuzz-')), `${name}-${values.case}`);
    writeFileSync(file, bytes);
    process.stdout.write(`${file}, ${bytes.length} bytes\n`);
    process.stdout.write(`${target.run(bytes) ? 'accepted' : 'refused'}\n`);
  }
} else {
  const failures = [];
  for (const name of names) failures.push(...(await attack(name)));
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`largest the process was: ${peak.toFixed(0)} MiB (at most ${LARGEST_MIB})\n`);
  if (peak > LARGEST_MIB) failures.push('the process grew too large');
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function attack(target: TargetName): Promise<readonly string[]> {
  const began = performance.now();
  const until = Date.now() + 1000 * seconds * (names.length === 1 ? 1 : SHARES[target]);
  const threads = availableParallelism();
  const cells = await Promise.all(
    Array.from({ length: threads }, (_, first) => {
      const shared = new Int32Array(new SharedArrayBuffer(4 * CELLS));
      return work({ target, seed, first, step: threads, end: count, until, slowMs: SLOW_MS, cells: shared });
    }),
  );
  const sum = (cell: number): number => cells.reduce((total, { counts }) => total + (counts[cell] ?? 0), 0);
  const failures = cells.flatMap(({ found }) => found);
  const slowest = Math.max(...cells.map(({ counts }) => counts[CELL.slowestUs] ?? 0)) / 1000;
  const done = sum(CELL.done);
  process.stdout.write(
    `${target.padEnd(9)} ${String(done).padStart(8)} cases, ${String(sum(CELL.accepted)).padStart(7)} accepted, ` +
      `${String(failures.length)} failed, slowest ${slowest.toFixed(1)} ms, ` +
      `${(done / ((performance.now() - began) / 1000)).toFixed(0)}/s, seed ${String(seed)}\n`,
  );
  const again = (at: number): string =>
    `npm run test:fuzz -- --target ${target} --seed ${String(seed)} --case ${String(at)}`;
  return [
    ...failures
      .slice(0, 20)
      .map(({ at, what }) => `${target} case ${String(at)}: ${what}\n  again: ${again(at)}`),
    ...(done === 0 ? [`${target}: no case was tried`] : []),
  ];
}

/** One thread's cases. A thread that does not come back from a case is ended, which is a failure too. */
function work(shift: Shift): Promise<{ readonly counts: Int32Array; readonly found: readonly Found[] }> {
  const { cells } = shift;
  const found: Found[] = [];
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: shift,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  const at = (): number => Atomics.load(cells, CELL.at);
  let last = { done: -1, since: performance.now() };
  const watching = setInterval(() => {
    const done = Atomics.load(cells, CELL.done);
    if (done !== last.done) last = { done, since: performance.now() };
    else if (performance.now() - last.since > HANG_MS) {
      found.push({ at: at(), what: 'hangs' });
      void worker.terminate();
    }
  }, 1000);
  // What was done until then counts.
  process.once('SIGTERM', () => Atomics.store(cells, CELL.stop, 1));
  worker.on('message', (one: Found) => found.push(one));
  worker.on('error', (error) => found.push({ at: at(), what: `the thread ended: ${String(error)}` }));
  return new Promise((resolve) => {
    worker.once('exit', () => {
      clearInterval(watching);
      resolve({ counts: cells, found });
    });
  });
}
