import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { copyMessage } from '../framework/backlog.ts';
import { memoryOf, slope } from '../framework/memory.ts';
import { seconds, secondsOf } from '../framework/stopwatch.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

/** By how much the two processes may grow together with each trace, in KiB: what is known of it has its place. */
const MOST_KIB_A_TRACE = { long: 0.5, short: 25 };
/** What the two may ever have together. */
const MOST_MIB = 450;
const PLATE = 500;

/** Plate after plate; what was acknowledged is moved away, as laboratories do. */
async function flat(bench: Bench): Promise<Measured> {
  const [count, warmUp] = bench.long ? [100_000, 10_000] : [5000, 2000];
  const most = bench.long ? MOST_KIB_A_TRACE.long : MOST_KIB_A_TRACE.short;
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  const intake = await until(() => daemon.children('intake.ts')[0], {
    signal: bench.signal,
    what: 'there is an intake process',
  });
  const service: [number, number][] = [];
  const reader: [number, number][] = [];
  const began = performance.now();
  for (let done = PLATE; done <= count; done += PLATE) {
    const folder = join(site.incoming, `plate-${done}`);
    mkdirSync(folder);
    for (let n = done - PLATE + 1; n <= done; n += 1) {
      const { file, bytes } = traceOf(n);
      site.put(join(`plate-${done}`, file), bytes);
    }
    await until(() => site.lis.received() >= done, {
      ...{ signal: bench.signal, seconds: 120, everyMs: 50 },
      what: `${done} are delivered`,
    });
    if (done < count) rmSync(folder, { recursive: true });
    if (done < warmUp) continue;
    service.push([done, memoryOf(daemon.pid)]);
    reader.push([done, memoryOf(intake)]);
    if (done % 10_000 === 0)
      bench.say(`${done}: ${memoryOf(daemon.pid).toFixed(0)} + ${memoryOf(intake).toFixed(0)} MiB`);
  }
  const rate = count / seconds(began);
  expect(daemon.children('intake.ts')[0] === intake, 'the intake process was never replaced');
  const [parent, child] = [largest(service), largest(reader)];
  const each = 1024 * (slope(service) + slope(reader));
  const words =
    `${count} traces, at most ${parent.toFixed(0)} MiB (service) + ${child.toFixed(0)} MiB (intake), ` +
    `${each.toFixed(2)} KiB more with each after the first ${warmUp}, ${rate.toFixed(0)} traces a second`;
  expect(parent + child < MOST_MIB, `memory is bounded: ${words}`);
  expect(each < most, `less than ${most} KiB more with each trace: ${words}`);
  const verdict = await site.settled(60);
  const { places, gone } = verdict;
  expect(
    places.acknowledged + gone.acknowledged === count,
    `all are acknowledged: ${JSON.stringify(verdict)}`,
  );
  return { injections: null, ...judgement(verdict), recoveredSeconds: null, note: words };
}

const largest = (points: readonly (readonly [number, number])[]): number =>
  Math.max(...points.map(([, mib]) => mib));

const READY_SECONDS = 5;
/** For so long it drains where not all are waited for. */
const DRAIN_SECONDS = 15;
const MOST_SERVICE_MIB = 250;

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
  await site.lis.listen();
  await until(() => site.lis.received() > 0, { signal: bench.signal, what: 'the first is delivered' });
  const before = site.lis.received();
  const began = performance.now();
  let [service, reader] = [0, 0];
  const isDrained = (): boolean => {
    service = Math.max(service, memoryOf(daemon.pid));
    reader = Math.max(reader, ...daemon.children('intake.ts').map(memoryOf));
    return site.lis.received() >= count || (!bench.long && seconds(began) > DRAIN_SECONDS);
  };
  await until(isDrained, {
    ...{ signal: bench.signal, seconds: 1200, everyMs: 500 },
    what: 'it drains',
  });
  const draining = seconds(began);
  const rate = (site.lis.received() - before) / draining;
  const stop = await secondsOf(() => daemon.stop());

  const verdict = site.check({ whole: true });
  const delivered = verdict.gone.acknowledged + verdict.places.acknowledged;
  const left = verdict.gone.queued + verdict.places.queued;
  const words =
    `${count} queued: ready in ${ready.toFixed(1)} s, status ${status.toFixed(1)} s, ` +
    `${left === 0 ? 'all' : `the first ${delivered}`} drained at ${rate.toFixed(0)} a second to a receiver that fsyncs, ` +
    `at most ${service.toFixed(0)} MiB (service) + ${reader.toFixed(0)} MiB (intake), stopped in ${stop.toFixed(1)} s`;
  const isDone = bench.long ? left === 0 : delivered > 0;
  expect(isDone && delivered + left === count, `every message has its place: ${words}; ${left} left`);
  expect(ready <= READY_SECONDS, words);
  expect(service < MOST_SERVICE_MIB && service + reader < MOST_MIB, words);
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: left === 0 ? draining : null,
    note: words,
  };
}

export const memoryCases: readonly FaultCase[] = [
  {
    name: 'memory: flat over many traces',
    expected: `bounded, and less than ${MOST_KIB_A_TRACE.short} KiB more with each trace; with --long less than ${MOST_KIB_A_TRACE.long} KiB with each of 100,000`,
    limitSeconds: 3000,
    run: flat,
  },
  {
    name: 'memory: a backlog of months',
    expected: 'ready within 5 s, drained at the receiver’s pace (with --long half a million, to the last)',
    limitSeconds: 1500,
    run: backlog,
  },
];
