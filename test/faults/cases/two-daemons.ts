import { existsSync } from 'node:fs';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon, Ended } from '../framework/daemon.ts';
import { until } from '../framework/wait.ts';

const TAKEN = 3;
const ROUNDS = 6;
const AT_ONCE = 3;

/** Every command that may be used beside the daemon without asking for anything. */
const BESIDE = [
  ['status'],
  ['review', 'list'],
  ['queue', 'list'],
  ['control', 'list'],
  ['audit', 'verify'],
] as const;

async function beside(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const first = site.start();
  await first.ready();
  let turnedAway = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    // While the first one works.
    site.drop(2);
    for (const ended of await Promise.all(Array.from({ length: AT_ONCE }, () => site.start().gone()))) {
      expect(ended.code === TAKEN, `a second daemon exits with ${TAKEN}, not ${said(ended)}`);
      turnedAway += 1;
    }
  }
  process.kill(first.pid, 'SIGSTOP');
  const second = await site.start().gone();
  process.kill(first.pid, 'SIGCONT');
  expect(
    second.code === TAKEN,
    `a daemon that only stands still keeps its folder; the second: ${said(second)}`,
  );
  for (const command of BESIDE) {
    const { code, stderr } = await site.command(...command);
    expect(code === 0, `raisingd ${command.join(' ')} works beside the daemon: ${stderr}`);
  }
  const verdict = await site.settled();
  expect(first.isRunning(), 'the first daemon is not disturbed');
  await first.stop();
  return {
    injections: turnedAway + 1,
    ...judgement(verdict),
    recoveredSeconds: null,
    note: `${turnedAway + 1} second daemons exited with 3; ${BESIDE.length} commands worked beside the first`,
  };
}

/** Many start at once on a folder that a killed daemon has just left: exactly one gets it. */
async function race(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  let longest = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    site.drop(1);
    const began = performance.now();
    const daemons = Array.from({ length: AT_ONCE }, () => site.start());
    const served = await Promise.all(
      daemons.map((daemon) =>
        Promise.race([daemon.ready().then(() => true), daemon.ended.then((ended) => !isTaken(ended))]).catch(
          () => daemon.isRunning(),
        ),
      ),
    );
    longest = Math.max(longest, (performance.now() - began) / 1000);
    const winners = daemons.filter((_, at) => served[at]);
    expect(winners.length === 1, `one of ${AT_ONCE} serves the folder, not ${winners.length}`);
    for (const daemon of winners) await killedAlone(daemon, bench.signal);
  }
  const verdict = await site.recovered();
  return {
    injections: ROUNDS,
    ...judgement(verdict),
    recoveredSeconds: longest,
    note: `${ROUNDS} times ${AT_ONCE} daemons started at once after a kill -9: one served, the others exited with 3`,
  };
}

/** Kills the parent and nothing else: its reading child has to notice, and go. */
async function killedAlone(daemon: Daemon, signal: AbortSignal): Promise<void> {
  const children = daemon.children('intake.ts');
  await daemon.kill();
  await until(() => !children.some((pid) => existsSync(`/proc/${pid}`)), {
    signal,
    what: 'the reading child of a killed daemon ends by itself',
  });
}

const isTaken = ({ code }: Ended): boolean => code === TAKEN;
const said = ({ code, signal }: Ended): string => String(code ?? signal);

export const twoDaemonCases: readonly FaultCase[] = [
  {
    name: 'two daemons: beside each other',
    expected: 'the second exits with 3, also while the first one is stopped; commands work beside it',
    run: beside,
  },
  {
    name: 'two daemons: the lock after kill -9',
    expected: 'the lock is free at once, and of several that start together exactly one gets it',
    run: race,
  },
];
