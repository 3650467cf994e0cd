import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { omlO33, oruSil2r } from '../../orders/messages.ts';
import { send } from '../../orders/sender.ts';
import { tell } from '../checker/hl7.ts';
import { createJournalReader } from '../checker/journal.ts';
import { attach } from '../framework/attach.ts';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import type { Site } from '../framework/site.ts';
import {
  callKilledAt,
  countRunning,
  killRunningAt,
  numbers,
  readCounts,
  spread,
  type CallPoint,
} from '../framework/strace.ts';
import { createTally, type Tally } from '../framework/tally.ts';
import { until } from '../framework/wait.ts';
import { inLanes } from './kill-chain.ts';

const STATIONS = [
  { syscall: 'read', most: 3 },
  { syscall: 'pwrite64', most: 6 },
  { syscall: 'fsync', most: 4 },
  { syscall: 'write', most: 5 },
] as const;
const AT_LEAST = 12;

/**
 * A smoldering ATL without order: its order comes by HL7 and makes a preliminary result of it, then sIL-2R, which makes
 * that final. The daemon is killed on the way; the sender sends again what was not acknowledged, and nothing else.
 */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const points = await pointsOf(bench);
  await inLanes(points, async (mine) => {
    const site = await siteWithOrders(bench);
    let daemon = await started(site);
    for (const point of mine) daemon = await ordered(bench, site, daemon, point, tally);
    tally.judged(site, await site.settled(), 0);
    await daemon.stop();
  });
  return tally.kills({
    ...{ atLeast: AT_LEAST, stations: STATIONS.map(({ syscall }) => syscall) },
    note: `${tally.told()}; what was acknowledged was stored each time, and every result became final; `,
  });
}

/** One trace, its order and its sIL-2R, with a kill on the way; the daemon that runs at its end. */
async function ordered(
  bench: Bench,
  site: Site,
  daemon: Daemon,
  point: CallPoint,
  tally: Tally,
): Promise<Daemon> {
  const report = join(site.root, 'killed');
  const sample = await waitingTrace(bench, site);
  const tracer = await attach(bench, killRunningAt(daemon.pid, point, report, 'main'));
  expect(tracer !== null, 'the daemon is there when strace comes');
  const letters = lettersFor(sample);
  const open = await refusedBy(bench, daemon, letters);
  await until(() => !daemon.isRunning() || isFinal(site, sample), {
    signal: bench.signal,
    what: 'the daemon is killed, or the result final',
  });
  if (daemon.isRunning()) {
    tally.notReached();
    await daemon.kill(true);
    return started(site);
  }
  const call = await callKilledAt(report, point, bench.signal);
  expect(call !== null, `it is killed, and does not end by itself: ${daemon.stderr()}`);
  tally.hit(point.syscall);
  for (const letter of letters.filter((one) => !open.includes(one)))
    expect(isStored(site, letter), `${idOf(letter)} was acknowledged, so it is stored`);
  const began = performance.now();
  const next = await started(site);
  expect((await refusedBy(bench, next, open)).length === 0, 'what comes again is taken');
  await until(() => isFinal(site, sample), { signal: bench.signal, what: 'the result is final' });
  tally.judged(site, await site.settled(), (performance.now() - began) / 1000);
  return next;
}

async function siteWithOrders(bench: Bench): Promise<Site> {
  const site = await bench.site();
  site.configure({ site: { timeZone: 'UTC' }, orders: { mllp: { port: 0 } } });
  return site;
}

async function started(site: Site): Promise<Daemon> {
  const daemon = site.start();
  await daemon.ready();
  return daemon;
}

/** Lets a trace come for which there is no order yet; its sample name. */
async function waitingTrace(bench: Bench, site: Site): Promise<string> {
  const [trace] = site.drop(1);
  await until(() => site.check().places.held === 1, {
    signal: bench.signal,
    what: 'the trace waits for its order',
  });
  return trace?.sample ?? '';
}

/** An order, and sIL-2R of its patient. */
function lettersFor(sample: string): readonly string[] {
  const pid = `PID|1||P${sample}^^^HOSP^MR||見本^一郎^^^^^L^I||19480721|M`;
  return [
    omlO33(`O${sample}`, { accession: sample, order: `ORD${sample}`, pid }),
    oruSil2r(`R${sample}`, { filler: `CH${sample}`, pid }),
  ];
}

const idOf = (letter: string): string => tell(Buffer.from(letter))?.controlId ?? '';

/** Sends them, and returns those that were not acknowledged. */
async function refusedBy(
  bench: Bench,
  { log }: Daemon,
  letters: readonly string[],
): Promise<readonly string[]> {
  const listening = await until(() => log.find(({ message }) => message === 'Orders are listened for'), {
    signal: bench.signal,
    what: 'the daemon listens for orders',
  });
  const port = Number(listening['port']);
  const open: string[] = [];
  for (const letter of letters) {
    // A daemon that was killed meanwhile refuses the connection.
    const [answer] = await send(port, letter).catch(() => [null]);
    if (answer?.code !== 'AA') open.push(letter);
  }
  return open;
}

function isStored({ database }: Site, letter: string): boolean {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    return (
      db.prepare("SELECT 1 FROM inbox WHERE control_id = ? AND answer = 'AA'").get(idOf(letter)) !== undefined
    );
  } finally {
    db.close();
  }
}

/** Whether the LIS has a final result. */
function isFinal({ lis }: Site, sample: string): boolean {
  return [...createJournalReader(lis.journal)()].some((line) => {
    const told = line.kind === 'received' ? tell(line.bytes) : null;
    return told?.accession === sample && told.status === 'F';
  });
}

async function pointsOf(bench: Bench): Promise<readonly CallPoint[]> {
  const site = await siteWithOrders(bench);
  const daemon = await started(site);
  const sample = await waitingTrace(bench, site);
  const report = join(site.root, 'calls');
  const tracer = await attach(bench, countRunning(daemon.pid, STATIONS, report, 'main'));
  expect((await refusedBy(bench, daemon, lettersFor(sample))).length === 0, 'the order and sIL-2R are taken');
  await until(() => isFinal(site, sample), { signal: bench.signal, what: 'the result is final' });
  await site.settled();
  await tracer?.detach();
  await daemon.stop();
  const counts = readCounts(report);
  bench.say([...counts].map(([syscall, count]) => `${syscall} ${count}`).join(', '));
  return STATIONS.flatMap(({ syscall, most }) =>
    spread(numbers(counts.get(syscall) ?? 0), most).map((n) => ({ syscall, n })),
  );
}

export const killOrderCases: readonly FaultCase[] = [
  {
    name: 'kill -9: between an order and its final result',
    expected:
      'an order is stored before it is acknowledged; the preliminary result comes once, and the final one',
    needs: ['strace'],
    limitSeconds: 600,
    run,
  },
];
