import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createJournalReader } from '../checker/journal.ts';
import { tell } from '../checker/hl7.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { copyMessage } from '../framework/backlog.ts';
import { inState } from '../framework/destination.ts';
import { memoryOf, slope } from '../framework/memory.ts';
import type { Site } from '../framework/site.ts';
import { seconds, secondsOf } from '../framework/stopwatch.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

/** By how much the two processes may grow together with each trace, in KiB; what is known of it has its place. */
const MOST_KIB_A_TRACE = 0.5;
/** What the two may ever have together. */
const MOST_MIB = 450;

/** Plate after plate; what was acknowledged is moved away, as laboratories do. */
async function flat(bench: Bench): Promise<Measured> {
  const count = bench.long ? 100_000 : 4000;
  const plate = 500;
  const warmUp = bench.long ? 10_000 : 1500;
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  const intake = await until(() => daemon.children('intake.ts')[0], {
    signal: bench.signal,
    what: 'there is an intake process',
  });
  const points: { readonly parent: [number, number][]; readonly child: [number, number][] } = {
    parent: [],
    child: [],
  };
  const began = performance.now();
  let done = 0;
  while (done < count) {
    const folder = join(site.incoming, `plate-${done}`);
    mkdirSync(folder);
    for (let n = 0; n < plate; n += 1) {
      const { file, bytes } = traceOf(done + n + 1);
      site.put(join(`plate-${done}`, file), bytes);
    }
    done += plate;
    await until(() => site.lis.received() >= done, {
      ...{ signal: bench.signal, seconds: 120, everyMs: 50 },
      what: `${done} are delivered`,
    });
    if (done < count) rmSync(folder, { recursive: true });
    if (done < warmUp) continue;
    await pause(300);
    points.parent.push([done, memoryOf(daemon.pid)]);
    points.child.push([done, memoryOf(intake)]);
    if (done % 10_000 === 0)
      bench.say(`${done}: ${memoryOf(daemon.pid).toFixed(0)} + ${memoryOf(intake).toFixed(0)} MiB`);
  }
  const rate = count / seconds(began);
  expect(daemon.children('intake.ts')[0] === intake, 'the intake process was never replaced');
  await until(() => inState(site.database, 'main', 'delivered') === count, {
    signal: bench.signal,
    what: 'all are noted as delivered',
  });
  const kib = (of: 'parent' | 'child'): number => 1024 * slope(points[of]);
  const largest = (of: 'parent' | 'child'): number => Math.max(...points[of].map(([, mib]) => mib));
  const each = kib('parent') + kib('child');
  const highest = largest('parent') + largest('child');
  const figures =
    `${count} traces, at most ${largest('parent').toFixed(0)} MiB (service) + ${largest('child').toFixed(0)} MiB (intake), ` +
    `${rate.toFixed(0)} traces a second`;
  // A heap takes thousands of traces to reach its size: only a long run shows what comes after that.
  expect(highest < MOST_MIB, `memory is bounded: ${figures}`);
  if (bench.long)
    expect(each < MOST_KIB_A_TRACE, `memory is flat: ${each.toFixed(2)} KiB a trace; ${figures}`);
  // Of the last plate, whose files are still there, the checker judges each one.
  const verdict = await site.settled(60);
  const lost = count - new Set(receivedIds(site)).size;
  return {
    injections: count,
    ...judgement(verdict),
    lost,
    recoveredSeconds: null,
    note: bench.long ? `${each.toFixed(2)} KiB a trace; ${figures}` : figures,
  };
}

function receivedIds(site: Site): string[] {
  return createJournalReader(site.lis.journal)().flatMap((line) =>
    line.kind === 'received' ? [tell(line.bytes)?.controlId ?? ''] : [],
  );
}

const DRAIN_MS = 15_000;
const READY_SECONDS = 5;

/** The LIS was away for half a year. */
async function backlog(bench: Bench): Promise<Measured> {
  const count = bench.long ? 500_000 : 100_000;
  const site = await bench.site();
  site.configure({ upkeep: { backup: { folder: bench.folder() } } });
  let daemon = site.start();
  await daemon.ready();
  await site.lis.close();
  site.drop(1);
  await until(() => site.check().places.queued === 1, { signal: bench.signal, what: 'one message waits' });
  await daemon.stop();
  const making = await secondsOf(() => copyMessage(site.database, count - 1));
  bench.say(
    `${count} messages made in ${making.toFixed(0)} s, ${(statSync(site.database).size / 2 ** 20).toFixed(0)} MiB`,
  );

  daemon = site.start();
  const ready = await secondsOf(() => daemon.ready());
  const status = await secondsOf(async () => {
    const { code, stdout } = await site.command('status');
    expect(code === 0 && stdout.includes(`${count} unacknowledged`), stdout);
  });
  const delivered = (): number => inState(site.database, 'main', 'delivered');
  await site.lis.listen();
  await until(() => site.lis.received() > 0, { signal: bench.signal, what: 'the first is delivered' });
  const before = site.lis.received();
  const began = performance.now();
  let most = 0;
  while (performance.now() - began < DRAIN_MS) {
    await pause(500);
    most = Math.max(most, memoryOf(daemon.pid));
  }
  const rate = (site.lis.received() - before) / seconds(began);
  const stop = await secondsOf(() => daemon.stop());
  const ids = receivedIds(site);
  const left = inState(site.database, 'main', 'queued');
  const words =
    `${count} queued: ready in ${ready.toFixed(1)} s, status ${status.toFixed(1)} s, drained at ${rate.toFixed(0)} a second ` +
    `to a receiver that fsyncs, at most ${most.toFixed(0)} MiB, stopped in ${stop.toFixed(1)} s`;
  expect(ready <= READY_SECONDS, words);
  expect(most < 250, words);
  // What the LIS has and what still waits is everything; what is counted as delivered, the LIS has.
  const lost = count - left - delivered() + Math.max(0, delivered() - new Set(ids).size);
  return {
    injections: 1,
    ...{ lost, duplicated: 0 },
    repeats: ids.length - new Set(ids).size,
    recoveredSeconds: ready,
    note: words,
  };
}

export const memoryCases: readonly FaultCase[] = [
  {
    name: 'memory: flat over many traces',
    expected: `bounded; with --long less than ${MOST_KIB_A_TRACE} KiB more with each of 100,000`,
    limitSeconds: 3000,
    run: flat,
  },
  {
    name: 'memory: a backlog of months',
    expected: 'ready within 5 s, drained at the receiver’s pace (with --long half a million)',
    limitSeconds: 600,
    run: backlog,
  },
];
