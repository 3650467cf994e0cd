import { setTimeout as pause } from 'node:timers/promises';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import { mainDestination } from '../framework/destination.ts';
import { faster } from '../framework/faketime.ts';
import { wellBehaved, type Behaviour } from '../framework/receiver.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';
import { MISBEHAVIOURS } from './lis.ts';

const FASTER = 60;
const HOUR = 3600;
/** Of all messages; the others are taken. */
const BAD = 0.6;

/** Every misbehaviour and refusal, and an absence of up to ten minutes, each as likely as the other. */
async function anyhow(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.configure({
    // Deadlines and waits as they are by default: an hour of them takes a minute.
    lis: [
      mainDestination(site.lis, {
        retry: { firstSeconds: 5, maxSeconds: 300 },
        timeouts: { connectSeconds: 10, ackSeconds: 30 },
      }),
    ],
    watch: { folders: [site.incoming] },
  });
  const counts = new Map<string, number>();
  let absence = Promise.resolve();
  const goAway = async (): Promise<void> => {
    await site.lis.close();
    await pause((bench.random() * 600_000) / FASTER, undefined, { signal: bench.signal });
    await site.lis.listen();
  };
  const away: Behaviour = (one) => {
    one.commit();
    absence = goAway();
    return absence;
  };
  const ways: readonly { readonly name: string; readonly misbehave: Behaviour }[] = [
    ...MISBEHAVIOURS,
    { name: 'answers AE', misbehave: (one) => one.answer('AE') },
    { name: 'answers AR', misbehave: (one) => one.answer('AR') },
    { name: 'stores and dies', misbehave: away },
  ];
  let well = false;
  site.lis.behave((one) => {
    const way = ways[Math.floor(bench.random() * ways.length)];
    if (well || way === undefined || bench.random() > BAD) return wellBehaved(one);
    counts.set(way.name, (counts.get(way.name) ?? 0) + 1);
    return way.misbehave(one);
  });
  const daemon = site.start({ env: faster(FASTER) });
  await daemon.ready();
  const firstTime = lastTime(daemon);
  const end = performance.now() + (1000 * HOUR) / FASTER;
  let dropped = 0;
  while (performance.now() < end) {
    bench.signal.throwIfAborted();
    dropped += site.drop(1).length;
    await pause(1000 * bench.random());
    const { lost, duplicated } = site.check();
    expect(lost.length + duplicated.length === 0, [...lost, ...duplicated].join('; '));
  }
  well = true;
  // It may be away at the end, and has to be back before it is waited for.
  await absence;
  const hours = (lastTime(daemon) - firstTime) / 3_600_000;
  expect(hours > 0.9, `the daemon lived through an hour: ${hours.toFixed(2)} h by its log`);
  const began = performance.now();
  await site.settled(60);
  // What was refused for good waits for a person: here is one.
  await site.command('queue', 'retry', '--all', '--by', 'Test', '--reason', 'mended');
  await until(() => site.check().places.acknowledged === dropped, {
    ...{ signal: bench.signal, seconds: 60 },
    what: 'everything is delivered in the end',
  });
  const recoveredSeconds = seconds(began) * FASTER;
  const injections = [...counts.values()].reduce((sum, count) => sum + count, 0);
  expect(counts.size >= ways.length - 2, `nearly every way came up: ${JSON.stringify([...counts])}`);
  return {
    injections,
    ...judgement(await site.settled()),
    recoveredSeconds,
    note:
      `an hour in a minute (every clock of the daemon ${FASTER} times as fast), ${dropped} traces, ` +
      `${injections} misbehaviours of ${counts.size} kinds; recovered in the daemon's seconds`,
  };
}

/** By the daemon's own clock. */
function lastTime({ log }: Daemon): number {
  return Date.parse(String(log.at(-1)?.['at']));
}

export const lisHourCases: readonly FaultCase[] = [
  {
    name: 'lis: anything, for an hour',
    expected: 'nothing is lost, nothing is shown twice, and all is delivered in the end',
    needs: ['faketime'],
    limitSeconds: 300,
    run: anyhow,
  },
];
