import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCourier } from '../../src/deliver/courier.ts';
import type { Courier, CourierEvent } from '../../src/deliver/courier.ts';
import { createMllpClient } from '../../src/deliver/mllp.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { destinationAt } from './support/destination.ts';
import { createMemoryOutbox, messageBytes } from './support/memory-outbox.ts';
import type { MemoryOutbox } from './support/memory-outbox.ts';
import { closedPort, startTestLis, temporaryFolder } from './support/servers.ts';
import { until } from '../until.ts';

interface Delivery {
  readonly courier: Courier;
  readonly events: readonly CourierEvent[];
}

function deliver(
  outbox: MemoryOutbox,
  port: number,
  settings: Parameters<typeof destinationAt>[1] = {},
  stopSeconds = 5,
): Delivery {
  const destination = destinationAt(port, settings);
  const events: CourierEvent[] = [];
  const courier = createCourier({
    destination,
    outbox,
    client: createMllpClient({ destination, readAck, log: silentLog }),
    clock: systemClock,
    log: silentLog,
    onEvent: (event) => void events.push(event),
    isPassing: () => false,
    onRefusal: () => undefined,
    onFatal: (error) => {
      throw error;
    },
    stopSeconds,
  });
  onTestFinished(() => courier.stop());
  courier.start();
  return { courier, events };
}

function outboxOf(...controlIds: string[]): MemoryOutbox {
  const outbox = createMemoryOutbox();
  for (const controlId of controlIds) outbox.add({ controlId });
  return outbox;
}

/** Each message is treated once as told, and accepted from then on. */
function onceThenAccept(first: Behaviour): (controlId: string) => Behaviour {
  const seen = new Set<string>();
  return (controlId) => {
    if (seen.has(controlId)) return { kind: 'accept' };
    seen.add(controlId);
    return first;
  };
}

const accept = (): Behaviour => ({ kind: 'accept' });
const delivered = (outbox: MemoryOutbox, ...controlIds: string[]): Promise<void> =>
  until(() => {
    expect(outbox.inState('delivered')).toEqual(controlIds);
  });
const soon = { timeouts: { ackSeconds: 0.25 } };
const hash = (controlId: string): string =>
  createHash('sha256').update(messageBytes(controlId)).digest('hex');

test('every queued message reaches the LIS once, in the order of its making', async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `RD${n}`);
  const outbox = outboxOf(...ids);
  const lis = await startTestLis();
  const { events } = deliver(outbox, lis.port);
  await delivered(outbox, ...ids);
  expect(await lis.received()).toEqual(ids);
  expect(events).toHaveLength(200);
});

describe('a message that the LIS has and that was never acknowledged to us', () => {
  test.each<[string, Behaviour]>([
    ['it hung up after storing', { kind: 'close-after-commit' }],
    ['it never answered', { kind: 'silence' }],
    ['it answered too late', { kind: 'late', ms: 400 }],
    ['it answered for another one', { kind: 'wrong-id' }],
    ['it answered with garbage', { kind: 'garbage' }],
  ])('(%s) is sent again with the same bytes and the same control ID', async (_, behaviour) => {
    const outbox = outboxOf('RD1');
    const lis = await startTestLis(onceThenAccept(behaviour));
    deliver(outbox, lis.port, soon);
    await delivered(outbox, 'RD1');
    const received = await lis.messages();
    expect(received.map(({ controlId, sha256 }) => [controlId, sha256])).toEqual([
      ['RD1', hash('RD1')],
      ['RD1', hash('RD1')],
    ]);
    expect(outbox.entry('RD1')).toMatchObject({ attempts: 2, rejections: 0 });
  });
});

test('a LIS that hangs up before it has stored anything gets the message again', async () => {
  const outbox = outboxOf('RD1');
  const lis = await startTestLis(onceThenAccept({ kind: 'close-before-commit' }));
  deliver(outbox, lis.port);
  await delivered(outbox, 'RD1');
  expect(await lis.received()).toEqual(['RD1']);
});

test.each<[string, Behaviour]>([
  ['two acknowledgements', { kind: 'two-acks' }],
  ['no final CR', { kind: 'no-final-cr' }],
])('a LIS that sends %s for each message gets each message once', async (_, behaviour) => {
  const outbox = outboxOf('RD1', 'RD2', 'RD3');
  const lis = await startTestLis(() => behaviour);
  deliver(outbox, lis.port);
  await delivered(outbox, 'RD1', 'RD2', 'RD3');
  expect(await lis.received()).toEqual(['RD1', 'RD2', 'RD3']);
});

describe('a message that the LIS', () => {
  test('calls wrong (AE) is held after one try, and the queue moves on', async () => {
    const outbox = outboxOf('BAD', 'RD1', 'RD2');
    const lis = await startTestLis((id) =>
      id === 'BAD' ? { kind: 'answer', code: 'AE', error: '103' } : accept(),
    );
    const { events } = deliver(outbox, lis.port);
    await delivered(outbox, 'RD1', 'RD2');
    expect(await lis.received()).toEqual(['BAD', 'RD1', 'RD2']);
    expect(outbox.entry('BAD')).toMatchObject({
      state: 'held',
      lastOutcome: 'AE, 103 table value not found',
    });
    expect(events[0]).toMatchObject({ kind: 'held', controlId: 'BAD' });
  });

  test('rejects (AR) is tried again without delaying the others, and held in the end', async () => {
    const outbox = outboxOf('BAD', 'RD1', 'RD2');
    const lis = await startTestLis((id) => (id === 'BAD' ? { kind: 'answer', code: 'AR' } : accept()));
    deliver(outbox, lis.port, { retry: { rejections: 3 } });
    await until(() => {
      expect(outbox.inState('held')).toEqual(['BAD']);
    });
    expect(await lis.received()).toEqual(['BAD', 'RD1', 'RD2', 'BAD', 'BAD']);
  });

  test('never saw, because its bytes are damaged here, is held and does not keep the others from it', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'BAD', bytes: null });
    for (const controlId of ['RD1', 'RD2']) outbox.add({ controlId });
    const lis = await startTestLis();
    const { events } = deliver(outbox, lis.port);
    await delivered(outbox, 'RD1', 'RD2');
    expect(await lis.received()).toEqual(['RD1', 'RD2']);
    expect(outbox.inState('held')).toEqual(['BAD']);
    expect(events[0]).toMatchObject({ kind: 'held', controlId: 'BAD', cause: 'damaged' });
  });

  test('dies of does not keep the others from it', async () => {
    const outbox = outboxOf('POISON', 'RD1', 'RD2', 'RD3');
    const lis = await startTestLis((id) => (id === 'POISON' ? { kind: 'close-before-commit' } : accept()));
    const { events } = deliver(outbox, lis.port);
    await delivered(outbox, 'RD1', 'RD2', 'RD3');
    expect(outbox.inState('queued')).toEqual(['POISON']);
    expect(events.map(({ kind }) => kind)).not.toContain('down');
  });
});

test('while the LIS is away the queue waits, and when it is back everything is delivered', async () => {
  const journal = `${await temporaryFolder()}/journal.jsonl`;
  const outbox = outboxOf('RD1', 'RD2', 'RD3');
  const port = await closedPort();
  const { events } = deliver(outbox, port);
  await until(() => {
    expect(events).toMatchObject([{ kind: 'down', outcome: 'could not connect: ECONNREFUSED' }]);
  });
  const lis = await startTestLis(accept, { port, journal });
  await delivered(outbox, 'RD1', 'RD2', 'RD3');
  await lis.close();
  outbox.add({ controlId: 'RD4' });
  await until(() => {
    expect(events.filter(({ kind }) => kind === 'down')).toHaveLength(2);
  });
  await startTestLis(accept, { port, journal });
  await delivered(outbox, 'RD1', 'RD2', 'RD3', 'RD4');
  expect(await lis.received()).toEqual(['RD1', 'RD2', 'RD3', 'RD4']);
  const kinds = events.map(({ kind }) => kind).filter((kind) => kind === 'down' || kind === 'up');
  expect(kinds).toEqual(['down', 'up', 'down', 'up']);
});

describe('a stop', () => {
  test('lets a message that is out be answered', async () => {
    const outbox = outboxOf('RD1', 'RD2');
    const lis = await startTestLis(() => ({ kind: 'late', ms: 100 }));
    const { courier } = deliver(outbox, lis.port);
    await until(async () => {
      expect(await lis.received()).toEqual(['RD1']);
    });
    await courier.stop();
    expect(outbox.inState('delivered')).toEqual(['RD1']);
    expect(outbox.entry('RD2')).toMatchObject({ state: 'queued', attempts: 0 });
  });

  test('gives up in time on an answer that does not come, and the message stays queued for the next start', async () => {
    const outbox = outboxOf('RD1');
    const lis = await startTestLis(onceThenAccept({ kind: 'silence' }));
    const { courier, events } = deliver(outbox, lis.port, {}, 0.05);
    await until(async () => {
      expect(await lis.received()).toEqual(['RD1']);
    });
    await courier.stop();
    expect(outbox.entry('RD1').state).toBe('queued');
    expect(events).toEqual([]);
    deliver(outbox, lis.port);
    await delivered(outbox, 'RD1');
    expect(await lis.received()).toEqual(['RD1', 'RD1']);
  });

  test('while the LIS is away does not wait for it', async () => {
    const outbox = outboxOf('RD1');
    const { courier, events } = deliver(outbox, await closedPort(), {
      retry: { firstSeconds: 300, maxSeconds: 300 },
    });
    await until(() => {
      expect(events).toHaveLength(1);
    });
    await courier.stop();
    expect(outbox.entry('RD1').state).toBe('queued');
  });

  test('of an idle courier, and a second one, end at once', async () => {
    const lis = await startTestLis();
    const { courier } = deliver(createMemoryOutbox(), lis.port);
    await courier.stop();
    await courier.stop();
  });
});

test('a LIS that fails in every way, one after another, loses nothing and reorders no result', async () => {
  const kinds = [
    'silence',
    'close-after-commit',
    'close-before-commit',
    'wrong-id',
    'garbage',
    'two-acks',
  ] as const;
  const outbox = createMemoryOutbox();
  const ids = Array.from({ length: 24 }, (_, n) => `RD${n}`);
  for (const [n, controlId] of ids.entries()) outbox.add({ controlId, resultKey: `R${n % 8}` });
  let turn = 0;
  const behave = (): Behaviour => {
    turn += 1;
    const kind = turn % 2 === 0 ? kinds[(turn / 2) % kinds.length] : undefined;
    return { kind: kind ?? 'accept' };
  };
  const lis = await startTestLis(behave);
  deliver(outbox, lis.port, { timeouts: { ackSeconds: 0.03 } });
  await until(() => {
    expect(outbox.inState('delivered')).toHaveLength(24);
  });
  const received = await lis.messages();
  for (const { controlId, sha256 } of received) expect(sha256).toBe(hash(controlId ?? ''));
  for (let key = 0; key < 8; key += 1) {
    const first = ids
      .filter((_, n) => n % 8 === key)
      .map((id) => received.findIndex((m) => m.controlId === id));
    expect(first).toEqual([...first].sort((a, b) => a - b));
    expect(first).not.toContain(-1);
  }
});
