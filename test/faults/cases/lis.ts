import { alarms } from '../framework/alarms.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import { mainDestination } from '../framework/destination.ts';
import { wellBehaved, type Behaviour, type Exchange } from '../framework/receiver.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** One way in which a LIS misbehaves when it sees a message for the first time. */
interface Misbehaviour {
  readonly name: string;
  readonly expected: string;
  readonly misbehave: Behaviour;
  /** Whether the message has to come again, and whether the LIS has it by then. */
  readonly again: 'no' | 'new to the LIS' | 'repeated';
  /** Whether only the deadline ends it. */
  readonly isSilent: boolean;
}

const SILENCE =
  'back off, then the same bytes again; nothing counts as delivered without its own acknowledgement';

/** How long the daemon waits for an answer, in seconds: where silence is not the point, longer than any stall. */
const ACK_SECONDS = { silent: 0.5, other: 30 } as const;

export const MISBEHAVIOURS: readonly Misbehaviour[] = [
  { name: 'hangs', expected: SILENCE, misbehave: () => undefined, again: 'new to the LIS', isSilent: true },
  {
    name: 'stores and hangs',
    expected: SILENCE,
    misbehave: (one) => one.commit(),
    again: 'repeated',
    isSilent: true,
  },
  {
    name: 'stops reading',
    expected: SILENCE,
    misbehave: ({ socket }) => void socket.pause(),
    again: 'new to the LIS',
    isSilent: true,
  },
  {
    name: 'answers too late',
    expected: 'the late answer is dropped, the message comes again and that answer counts',
    misbehave: (one) => {
      one.commit();
      setTimeout(() => one.answer(), 1500 * ACK_SECONDS.silent);
    },
    again: 'repeated',
    isSilent: true,
  },
  {
    name: 'answers byte by byte',
    expected: 'one message, one delivery',
    misbehave: async (one) => {
      one.commit();
      for (const byte of one.acknowledgement()) {
        one.send(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
    },
    again: 'no',
    isSilent: false,
  },
  {
    name: 'closes before it stores',
    expected: SILENCE,
    misbehave: ({ socket }) => void socket.destroy(),
    again: 'new to the LIS',
    isSilent: false,
  },
  {
    name: 'closes after it stored',
    expected: SILENCE,
    misbehave: (one) => {
      one.commit();
      one.socket.destroy();
    },
    again: 'repeated',
    isSilent: false,
  },
  {
    name: 'closes in the middle of its answer',
    expected: SILENCE,
    misbehave: (one) => {
      one.commit();
      const answer = one.acknowledgement();
      one.socket.end(answer.subarray(0, answer.length / 2));
    },
    again: 'repeated',
    isSilent: false,
  },
  {
    name: 'acknowledges another message',
    expected: 'it does not count, and the message comes again',
    misbehave: (one) => {
      one.commit();
      one.answer('AA', 'RD000000X0000000000');
    },
    again: 'repeated',
    isSilent: true,
  },
  {
    name: 'answers with garbage',
    expected: 'it does not count, and the message comes again',
    misbehave: (one) => {
      one.commit();
      one.send('\u000bnot an acknowledgement\u001c\rstray\u001c\r');
    },
    again: 'repeated',
    isSilent: true,
  },
  {
    name: 'acknowledges twice',
    expected: 'the second answer is dropped and counts for no other message',
    misbehave: (one) => {
      one.commit();
      one.answer();
      one.answer();
    },
    again: 'no',
    isSilent: false,
  },
];

/** Misbehaves at each message once, and is well afterwards. `seen`: control IDs, in the order in which they came. */
function onceEach(misbehave: Behaviour, seen = new Set<string>()): Behaviour {
  return (one: Exchange) => {
    if (seen.has(one.controlId)) return wellBehaved(one);
    seen.add(one.controlId);
    return misbehave(one);
  };
}

const COUNT = 6;

function alone({ name, expected, misbehave, again, isSilent }: Misbehaviour): FaultCase {
  return {
    name: `lis: ${name}`,
    expected,
    async run(bench) {
      const site = await bench.site();
      const ackSeconds = isSilent ? ACK_SECONDS.silent : ACK_SECONDS.other;
      site.configure({ lis: [mainDestination(site.lis, { timeouts: { connectSeconds: 30, ackSeconds } })] });
      const seen = new Set<string>();
      site.lis.behave(onceEach(misbehave, seen));
      const daemon = site.start();
      await daemon.ready();
      site.drop(COUNT);
      await until(() => site.lis.received() > 0, { signal: bench.signal, what: 'the LIS is tried' });
      const began = performance.now();
      const verdict = await site.settled(60);
      expect(verdict.places.acknowledged === COUNT, JSON.stringify(verdict.places));
      expect(seen.size === COUNT, `it misbehaved at each message: ${seen.size}`);
      // A machine that stands still for longer than a short deadline adds repeats, which are allowed.
      const enough = (found: number, wanted: number): boolean =>
        isSilent ? found >= wanted : found === wanted;
      const [received, repeats] = [site.lis.received(), verdict.repeats];
      expect(enough(received, again === 'no' ? COUNT : 2 * COUNT), `${received} messages came`);
      expect(enough(repeats, again === 'repeated' ? COUNT : 0), `${repeats} repeats`);
      return {
        injections: seen.size,
        ...judgement(verdict),
        recoveredSeconds: seconds(began),
        note: `at each of ${COUNT} messages once; ${received - COUNT} came again, of which it had ${repeats}`,
      };
    },
  };
}

/** Nobody listens, and later somebody does. */
async function refuses(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  await site.lis.close();
  site.drop(COUNT);
  await until(() => alarms(daemon, 'lis:main', 'raised') > 0, {
    signal: bench.signal,
    what: 'an alarm says that the LIS is down',
  });
  await until(() => triesWithout(daemon) >= COUNT, { signal: bench.signal, what: 'it is tried some more' });
  await site.lis.listen();
  const began = performance.now();
  const verdict = await site.settled();
  const recoveredSeconds = seconds(began);
  await until(() => alarms(daemon, 'lis:main', 'cleared') > 0, {
    signal: bench.signal,
    what: 'the alarm ends',
  });
  expect(alarms(daemon, 'lis:main', 'raised') === 1, 'one alarm, however many tries');
  expect(verdict.places.acknowledged === COUNT, JSON.stringify(verdict.places));
  return {
    ...{ injections: 1, recoveredSeconds },
    ...judgement(verdict),
    note: `${COUNT} messages waited; one alarm for ${triesWithout(daemon)} tries, cleared when it was back`,
  };
}

/** How often the daemon says that nobody was there. */
function triesWithout(daemon: Daemon): number {
  return daemon.log.filter(({ message }) => message === 'destination gave no answer').length;
}

/** It takes a message, stores it and is gone with all its connections, and back a second later. */
async function diesAfterStoring(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const timeouts = { connectSeconds: 30, ackSeconds: ACK_SECONDS.other };
  site.configure({ lis: [mainDestination(site.lis, { timeouts })] });
  let deaths = 0;
  let back = 0;
  const die: Behaviour = async (one) => {
    one.commit();
    deaths += 1;
    await site.lis.close();
    const over = performance.now() + 500;
    await until(() => performance.now() > over, { signal: bench.signal, what: 'it is away' });
    await site.lis.listen();
    back = performance.now();
  };
  site.lis.behave(onceEach(die));
  await site.start().ready();
  site.drop(COUNT);
  const verdict = await site.settled(60);
  expect(deaths === COUNT && verdict.repeats === COUNT, `${deaths} deaths, ${verdict.repeats} repeats`);
  return {
    injections: deaths,
    ...judgement(verdict),
    recoveredSeconds: seconds(back),
    note: `after the commit and before the answer of each of ${COUNT} messages; each came again with its bytes`,
  };
}

/** A refusal that a person has to settle: the messages are held with an alarm, and go out once they are retried. */
function holds(code: 'AE' | 'AR', tries: number): FaultCase['run'] {
  return async (bench) => {
    const site = await bench.site();
    const timeouts = { connectSeconds: 30, ackSeconds: ACK_SECONDS.other };
    const retry = { firstSeconds: 0.05, maxSeconds: 0.1 };
    site.configure({ lis: [mainDestination(site.lis, { retry, timeouts })] });
    const refused = new Set<string>();
    let mended = false;
    site.lis.behave((one) => {
      if (refused.size < 3) refused.add(one.controlId);
      if (mended || !refused.has(one.controlId)) return wellBehaved(one);
      one.answer(code);
    });
    const daemon = site.start();
    await daemon.ready();
    site.drop(COUNT);
    const verdict = await site.settled();
    expect(verdict.places.held === 3 && verdict.places.acknowledged === 3, JSON.stringify(verdict.places));
    await until(() => alarms(daemon, 'held:main', 'raised') > 0, {
      signal: bench.signal,
      what: 'an alarm says that messages are held',
    });
    expect(site.lis.received() === 3 * tries + 3, `each is tried ${tries} times: ${site.lis.received()}`);
    mended = true;
    const began = performance.now();
    const { code: exit, stderr } = await site.command(
      'queue',
      'retry',
      '--all',
      '--by',
      'Test',
      '--reason',
      'mended',
    );
    expect(exit === 0, stderr);
    await until(() => site.check().places.acknowledged === COUNT, {
      signal: bench.signal,
      what: 'what was held is delivered after queue retry',
    });
    await until(() => alarms(daemon, 'held:main', 'cleared') > 0, {
      signal: bench.signal,
      what: 'the alarm ends',
    });
    const told = alarms(daemon, 'held:main', 'raised');
    expect(told === 1, `one alarm for all that is held: ${told}`);
    return {
      injections: 3 * tries,
      ...judgement(await site.settled()),
      recoveredSeconds: seconds(began),
      note: `three messages were refused (tries of each: ${tries}), held with one alarm, and delivered after queue retry --all`,
    };
  };
}

export const lisCases: readonly FaultCase[] = [
  {
    name: 'lis: refuses connections',
    expected: 'back off, one alarm; everything is delivered when it is back',
    run: refuses,
  },
  ...MISBEHAVIOURS.map(alone),
  {
    name: 'lis: answers AE',
    expected: 'held with an alarm after one try, the others flow',
    run: holds('AE', 1),
  },
  {
    name: 'lis: answers AR',
    expected: 'held with an alarm after five tries, the others flow',
    run: holds('AR', 5),
  },
  {
    name: 'lis: stores and dies',
    expected: 'the same bytes again when it is back',
    run: diesAfterStoring,
  },
];
