import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../checker/database.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { alarms } from '../framework/alarms.ts';
import { inState, mainDestination } from '../framework/destination.ts';
import type { Ended } from '../framework/daemon.ts';
import { wellBehaved, type Exchange } from '../framework/receiver.ts';
import type { Site } from '../framework/site.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** TimeoutStopSec of the unit: after it systemd kills. */
const STOP_SECONDS = 30;

/** A moment of an exchange at which SIGTERM comes, always before the whole acknowledgement is sent. */
interface Moment {
  readonly what: string;
  readonly isAnswered: boolean;
  readonly play: (one: Exchange, terminate: () => void) => void | Promise<void>;
}

const MOMENTS: readonly Moment[] = [
  {
    what: 'before it is stored',
    isAnswered: true,
    play: (one, terminate) => {
      terminate();
      return wellBehaved(one);
    },
  },
  {
    what: 'before its answer',
    isAnswered: true,
    play: (one, terminate) => {
      one.commit();
      terminate();
      one.answer();
    },
  },
  {
    what: 'in the middle of its answer',
    isAnswered: true,
    play: async (one, terminate) => {
      one.commit();
      const answer = one.acknowledgement();
      one.send(answer.subarray(0, answer.length / 2));
      terminate();
      await pause(100);
      one.send(answer.subarray(answer.length / 2));
    },
  },
  {
    what: 'before an answer that comes late',
    isAnswered: true,
    play: async (one, terminate) => {
      one.commit();
      terminate();
      await pause(1000);
      one.answer();
    },
  },
  { what: 'and it is never stored', isAnswered: false, play: (_, terminate) => terminate() },
  {
    what: 'and it is stored but never answered',
    isAnswered: false,
    play: (one, terminate) => {
      one.commit();
      terminate();
    },
  },
];

const DROPPED = 4;

/** SIGTERM while a message is out and not acknowledged: the first of a run, or one after it. */
async function sigterm(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.configure({ lis: [mainDestination(site.lis, { timeouts: { connectSeconds: 2, ackSeconds: 20 } })] });
  let slowest = 0;
  let finished = 0;
  for (const [index, { what, isAnswered, play }] of MOMENTS.entries()) {
    const daemon = site.start();
    const nth = index % 3;
    let came = 0;
    let out: { readonly controlId: string; readonly queued: number; readonly ended: Promise<Ended> } | null =
      null;
    let began = 0;
    site.lis.behave((one) => {
      came += 1;
      if (came !== nth + 1) return wellBehaved(one);
      return play(one, () => {
        began = performance.now();
        const { controlId } = one;
        out = { controlId, queued: inState(site.database, 'main', 'queued'), ended: daemon.stop() };
      });
    });
    await daemon.ready();
    site.drop(DROPPED);
    const { controlId, queued, ended } = await until(() => out, {
      signal: bench.signal,
      what: `SIGTERM ${what}`,
    });
    const { code } = await ended;
    slowest = Math.max(slowest, seconds(began));
    expect(queued > 0, `${what}: at least one message was queued at SIGTERM`);
    expect(code === 0, `${what}: it ends with exit code 0: ${String(code)}`);
    const state = stateOf(site, controlId);
    expect(
      isAnswered || state === 'queued',
      `${what}: a message without an answer stays queued, it is ${state}`,
    );
    if (state === 'delivered') finished += 1;
    const { lost, duplicated } = site.check();
    expect(lost.length + duplicated.length === 0, [...lost, ...duplicated].join('; '));
  }
  expect(slowest < STOP_SECONDS, `the slowest stop took ${slowest.toFixed(1)} s`);
  site.lis.behave(wellBehaved);
  const daemon = site.start();
  await daemon.ready();
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === DROPPED * MOMENTS.length, JSON.stringify(verdict.places));
  const answered = MOMENTS.filter(({ isAnswered }) => isAnswered).length;
  return {
    injections: MOMENTS.length,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note:
      `each time with a message out and not acknowledged; ${finished} of the ${answered} that were answered after SIGTERM ` +
      `were noted as delivered, the others stayed queued; exit code 0 each time, the slowest stop took ${slowest.toFixed(1)} s`,
  };
}

function stateOf({ database }: Site, controlId: string): string {
  const { messages } = readLedger(database, { whole: false });
  return messages.find((one) => one.controlId === controlId)?.state ?? 'unknown';
}

/** MSH-4 by the configuration that is in force, and by all that are refused. */
const [IN_FORCE, REFUSED] = ['INFORCE', 'REFUSED'];

/** What an editor saves by mistake; each would change what messages say if it were taken. */
interface Broken {
  readonly what: string;
  /** What the fault has to name. */
  readonly fault: RegExp;
  readonly save: (site: Site) => void;
}

const setting =
  (changes: Readonly<Record<string, unknown>>): Broken['save'] =>
  (site) =>
    site.configure({ site: { facility: REFUSED }, ...changes });

const raw =
  (text: string): Broken['save'] =>
  ({ config }) =>
    writeFileSync(config, text);

const BROKEN: readonly Broken[] = [
  { what: 'an empty file', fault: /raisingd\.yaml: is empty/, save: raw('') },
  { what: 'no YAML', fault: /raisingd\.yaml: is not valid YAML/, save: raw('lis: [unclosed\n  - {') },
  { what: 'an unknown key', fault: /^dataDri: /, save: setting({ dataDri: '/tmp/nowhere' }) },
  {
    what: 'high below intermediate',
    fault: /^cutoffs\.cv\.high: /,
    save: setting({ cutoffs: { cv: { intermediate: 0.6, high: 0.5 } } }),
  },
  {
    what: 'a destination without an address',
    fault: /^lis\[0\]\.mllp: /,
    save: setting({ lis: [{ name: 'main' }] }),
  },
  { what: 'another data folder', fault: /^dataDir: /, save: setting({ dataDir: '/tmp/nowhere' }) },
  {
    what: 'binary',
    fault: /raisingd\.yaml: must be a mapping/,
    save: raw('\u0000\u0001\u0002'),
  },
];

/** The service looks at the saved file by itself too, once: who asks twice is refused twice by SIGHUP alone. */
const ASKED = 2;

async function sighup(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.configure({ site: { facility: IN_FORCE } });
  const facilities: string[] = [];
  site.lis.behave((one) => {
    facilities.push(one.bytes.toString('latin1').split('|')[3] ?? '');
    return wellBehaved(one);
  });
  const daemon = site.start();
  await daemon.ready();
  for (const [index, { what, fault, save }] of BROKEN.entries()) {
    save(site);
    const before = refusals(site).length;
    for (let nth = 1; nth <= ASKED; nth += 1) {
      process.kill(daemon.pid, 'SIGHUP');
      await until(() => refusals(site).length >= before + nth, {
        signal: bench.signal,
        what: `${what} is refused and that is audited, time ${nth}`,
      });
    }
    for (const faults of refusals(site).slice(before))
      expect(
        faults.some((one) => fault.test(one)),
        `${what}: the audit names the fault: ${faults.join('; ')}`,
      );
    site.drop(1);
    const { places } = await site.settled();
    expect(places.acknowledged === index + 1, `${what}: results flow: ${JSON.stringify(places)}`);
  }
  expect(alarms(daemon, 'config', 'raised') === 1, 'one alarm tells that the configuration is refused');
  expect(
    facilities.every((one) => one === IN_FORCE),
    `every message is by the old configuration: ${facilities.join(', ')}`,
  );
  site.configure({ site: { facility: 'CHANGED' } });
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
  expect(facilities.at(-1) === 'CHANGED', `the good one is in force: ${facilities.join(', ')}`);
  expect(alarms(daemon, 'config', 'cleared') === 1, 'the alarm ends');
  expect(daemon.isRunning(), 'it runs on');
  return {
    injections: BROKEN.length,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note:
      `${BROKEN.map(({ what }) => what).join(', ')}: each refused, its fault named in the audit log, and the next message ` +
      'as the old one wants it; one alarm, over once a good one was taken',
  };
}

/** What the audit log says of each refused configuration, in order. */
function refusals({ database }: Site): readonly (readonly string[])[] {
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const rows = db.prepare("SELECT detail FROM audit WHERE action = 'config.refused' ORDER BY seq").all();
    return rows.map(({ detail }) => (JSON.parse(String(detail)) as { faults: readonly string[] }).faults);
  } finally {
    db.close();
  }
}

export const signalCases: readonly FaultCase[] = [
  {
    name: 'signals: SIGTERM during delivery',
    expected: 'it ends in time with exit code 0 and nothing changes state falsely',
    run: sigterm,
  },
  {
    name: 'signals: SIGHUP with a broken configuration',
    expected: 'the old one stays, the fault is named and audited, one alarm, results flow',
    run: sighup,
  },
];
