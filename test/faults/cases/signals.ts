import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { mainDestination } from '../framework/destination.ts';
import { wellBehaved } from '../framework/receiver.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** TimeoutStopSec of the unit is far above this, in seconds. */
const STOP_SECONDS = 10;

/** SIGTERM at any moment of a delivery, to a LIS that answers now at once, now late, now never. */
async function sigterm(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.configure({ lis: [mainDestination(site.lis, { timeouts: { connectSeconds: 2, ackSeconds: 20 } })] });
  site.lis.behave(async (one) => {
    const luck = bench.random();
    if (luck < 0.1) {
      one.commit();
      return;
    }
    if (luck < 0.3) await pause(1000 * bench.random());
    await wellBehaved(one);
  });
  const rounds = 8;
  let longest = 0;
  for (let round = 0; round < rounds; round += 1) {
    const daemon = site.start();
    await daemon.ready();
    const before = site.lis.received();
    site.drop(4);
    await until(() => site.lis.received() > before, {
      signal: bench.signal,
      what: 'a delivery is under way',
    });
    await pause(300 * bench.random());
    const began = performance.now();
    const { code } = await daemon.stop();
    longest = Math.max(longest, seconds(began));
    expect(code === 0, `it ends with exit code 0: ${String(code)}`);
    const { lost, duplicated } = site.check();
    expect(lost.length + duplicated.length === 0, [...lost, ...duplicated].join('; '));
  }
  expect(longest < STOP_SECONDS, `the slowest stop took ${longest.toFixed(1)} s`);
  site.lis.behave(wellBehaved);
  const daemon = site.start();
  await daemon.ready();
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 4 * rounds, JSON.stringify(verdict.places));
  return {
    injections: rounds,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `the slowest of ${rounds} stops took ${longest.toFixed(1)} s; exit code 0 each time`,
  };
}

/** What an editor saves by mistake, one after another, each followed by SIGHUP. */
const BROKEN: readonly (readonly [what: string, text: string])[] = [
  ['an empty file', ''],
  ['no YAML', 'lis: [unclosed\n  - {'],
  ['an unknown key', 'dataDri: /tmp/nowhere\n'],
  ['high below intermediate', 'cutoffs:\n  cv: { intermediate: 0.6, high: 0.5 }\n'],
  ['a destination without an address', 'lis:\n  - name: main\n'],
  ['binary', '\u0000\u0001\u0002'],
];

async function sighup(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  for (const [what, text] of BROKEN) {
    const before = daemon.log.length;
    writeFileSync(site.config, text);
    process.kill(daemon.pid, 'SIGHUP');
    await until(() => daemon.log.slice(before).some(({ message }) => /stays|was not taken/.test(message)), {
      signal: bench.signal,
      what: `${what} is refused by name`,
    });
    site.drop(1);
    await site.settled();
  }
  site.configure({ cutoffs: { cv: { high: 0.9 } } });
  process.kill(daemon.pid, 'SIGHUP');
  await until(() => daemon.log.some(({ message }) => message === 'The configuration was read again'), {
    signal: bench.signal,
    what: 'a good one is taken',
  });
  site.drop(3);
  const began = performance.now();
  const verdict = await site.settled();
  const audited = await site.command('audit', 'verify');
  expect(audited.code === 0, audited.stderr);
  expect(verdict.places.acknowledged === BROKEN.length + 3, JSON.stringify(verdict.places));
  expect(daemon.isRunning(), 'it runs on');
  return {
    injections: BROKEN.length,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `${BROKEN.map(([what]) => what).join(', ')}: each refused by name, the old one stayed, delivery went on`,
  };
}

export const signalCases: readonly FaultCase[] = [
  {
    name: 'signals: SIGTERM during delivery',
    expected: 'it ends in time with exit code 0 and nothing changes state falsely',
    run: sigterm,
  },
  {
    name: 'signals: SIGHUP with a broken configuration',
    expected: 'the old one stays, the fault is named, results flow',
    run: sighup,
  },
];
