import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { mainDestination } from '../framework/destination.ts';
import { wellBehaved, type Behaviour, type Exchange } from '../framework/receiver.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** One way in which a LIS misbehaves when it sees a message for the first time. */
interface Misbehaviour {
  readonly name: string;
  readonly expected: string;
  readonly misbehave: Behaviour;
  /** Whether the LIS has the message all the same, so that it comes twice. */
  readonly repeated: boolean;
}

const SILENCE =
  'back off, then the same bytes again; nothing counts as delivered without its own acknowledgement';

/** How long the daemon waits for an answer in these cases, in seconds. */
const ACK_SECONDS = 0.5;

export const MISBEHAVIOURS: readonly Misbehaviour[] = [
  { name: 'hangs', expected: SILENCE, misbehave: () => undefined, repeated: false },
  { name: 'stores and hangs', expected: SILENCE, misbehave: (one) => one.commit(), repeated: true },
  {
    name: 'stops reading',
    expected: SILENCE,
    misbehave: ({ socket }) => void socket.pause(),
    repeated: false,
  },
  {
    name: 'answers too late',
    expected: 'the late answer is dropped, the message comes again and that answer counts',
    misbehave: (one) => {
      one.commit();
      setTimeout(() => one.answer(), 1500 * ACK_SECONDS);
    },
    repeated: true,
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
    repeated: false,
  },
  {
    name: 'closes before it stores',
    expected: SILENCE,
    misbehave: ({ socket }) => void socket.destroy(),
    repeated: false,
  },
  {
    name: 'closes after it stored',
    expected: SILENCE,
    misbehave: (one) => {
      one.commit();
      one.socket.destroy();
    },
    repeated: true,
  },
  {
    name: 'closes in the middle of its answer',
    expected: SILENCE,
    misbehave: (one) => {
      one.commit();
      const answer = one.acknowledgement();
      one.socket.end(answer.subarray(0, answer.length / 2));
    },
    repeated: true,
  },
  {
    name: 'acknowledges another message',
    expected: 'it does not count, and the message comes again',
    misbehave: (one) => {
      one.commit();
      one.answer('AA', 'RD000000X0000000000');
    },
    repeated: true,
  },
  {
    name: 'answers with garbage',
    expected: 'it does not count, and the message comes again',
    misbehave: (one) => {
      one.commit();
      one.send('\u000bnot an acknowledgement\u001c\rstray\u001c\r');
    },
    repeated: true,
  },
  {
    name: 'acknowledges twice',
    expected: 'the second answer is dropped and counts for no other message',
    misbehave: (one) => {
      one.commit();
      one.answer();
      one.answer();
    },
    repeated: false,
  },
];

/** Misbehaves at each message once, and is well afterwards. */
function onceEach(misbehave: Behaviour): Behaviour {
  const seen = new Set<string>();
  return (one: Exchange) => {
    if (seen.has(one.controlId)) return wellBehaved(one);
    seen.add(one.controlId);
    return misbehave(one);
  };
}

const COUNT = 6;

function alone({ name, expected, misbehave, repeated }: Misbehaviour): FaultCase {
  return {
    name: `lis: ${name}`,
    expected,
    async run(bench) {
      const site = await bench.site();
      site.configure({
        lis: [mainDestination(site.lis, { timeouts: { connectSeconds: 1, ackSeconds: ACK_SECONDS } })],
      });
      site.lis.behave(onceEach(misbehave));
      const daemon = site.start();
      await daemon.ready();
      site.drop(COUNT);
      await until(() => site.lis.received() > 0, { signal: bench.signal, what: 'the LIS is tried' });
      const began = performance.now();
      const verdict = await site.settled();
      expect(verdict.places.acknowledged === COUNT, JSON.stringify(verdict.places));
      expect(verdict.repeats === (repeated ? COUNT : 0), `${verdict.repeats} repeats`);
      return {
        injections: COUNT,
        ...judgement(verdict),
        recoveredSeconds: seconds(began),
        note: `at each of ${COUNT} messages once`,
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
  await until(() => daemon.log.some((line) => line['alert'] === 'lis:main' && line['event'] === 'raised'), {
    signal: bench.signal,
    what: 'an alarm says that the LIS is down',
  });
  await site.lis.listen();
  const began = performance.now();
  const verdict = await site.settled();
  const recoveredSeconds = seconds(began);
  await until(() => daemon.log.some((line) => line['alert'] === 'lis:main' && line['event'] === 'cleared'), {
    signal: bench.signal,
    what: 'the alarm ends',
  });
  expect(verdict.places.acknowledged === COUNT, JSON.stringify(verdict.places));
  return {
    ...{ injections: 1, recoveredSeconds },
    ...judgement(verdict),
    note: `${COUNT} messages waited; one alarm, cleared when it was back`,
  };
}

/** It takes a message, stores it and is gone with all its connections, and back a second later. */
async function diesAfterStoring(bench: Bench): Promise<Measured> {
  const site = await bench.site();
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
    site.configure({ lis: [mainDestination(site.lis, { retry: { firstSeconds: 0.05, maxSeconds: 0.1 } })] });
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
    await until(() => daemon.log.some((line) => String(line['alert']).startsWith('held:')), {
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
    return {
      injections: 3 * tries,
      ...judgement(await site.settled()),
      recoveredSeconds: seconds(began),
      note: `three messages were refused ${tries} times each, held with an alarm, and delivered after queue retry --all`,
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
