import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createCourier } from '../../src/deliver/courier.ts';
import type { CourierEvent } from '../../src/deliver/courier.ts';
import type { SendOutcome } from '../../src/outbox/outcome.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { destinationAt } from './support/destination.ts';
import { createMemoryOutbox } from './support/memory-outbox.ts';
import type { MemoryOutbox } from './support/memory-outbox.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const written: SendOutcome = { kind: 'written', file: 'a file' };
const away: SendOutcome = { kind: 'unwritable', code: 'ENOENT' };
const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(1000 * count);

/** A courier of batches: at most three messages, open for a minute. */
function carry(outbox: MemoryOutbox, folder: (nth: number) => SendOutcome = () => written) {
  const batches: string[][] = [];
  const events: CourierEvent[] = [];
  const courier = createCourier({
    destination: destinationAt(1, { retry: { firstSeconds: 5, maxSeconds: 300 } }),
    outbox,
    client: {
      send: () => Promise.reject(new Error('messages go in batches')),
      batches: {
        ...{ messages: 3, seconds: 60 },
        send(messages) {
          batches.push(messages.map(({ controlId }) => controlId));
          return Promise.resolve(folder(batches.length));
        },
      },
      close: () => undefined,
    },
    clock: systemClock,
    log: silentLog,
    onEvent: (event) => void events.push(event),
    isPassing: () => false,
    onRefusal: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => courier.stop());
  courier.start();
  const add = (...ids: readonly string[]): void => {
    for (const controlId of ids) outbox.add({ controlId });
    courier.wake();
  };
  return { courier, batches, events, add };
}

describe('a batch', () => {
  test('that is open leaves its messages queued, and in time delivers them', async () => {
    const outbox = createMemoryOutbox();
    const { batches, add } = carry(outbox);
    await seconds(10);
    add('RD1');
    await seconds(30);
    add('RD2');
    await seconds(29);
    expect(batches).toEqual([]);
    expect(outbox.inState('queued')).toEqual(['RD1', 'RD2']);
    await seconds(2);
    expect(batches).toEqual([['RD1', 'RD2']]);
    expect(outbox.inState('delivered')).toEqual(['RD1', 'RD2']);
    add('RD3');
    await seconds(58);
    expect(batches).toHaveLength(1);
    await seconds(2);
    expect(batches).toEqual([['RD1', 'RD2'], ['RD3']]);
  });

  test('that is full does not wait', async () => {
    const outbox = createMemoryOutbox();
    const { batches, add } = carry(outbox);
    await seconds(10);
    add('RD1', 'RD2', 'RD3', 'RD4', 'RD5', 'RD6', 'RD7');
    await seconds(1);
    expect(batches).toEqual([
      ['RD1', 'RD2', 'RD3'],
      ['RD4', 'RD5', 'RD6'],
    ]);
    expect(outbox.inState('queued')).toEqual(['RD7']);
  });

  test('is ended by a stop', async () => {
    const outbox = createMemoryOutbox();
    const { courier, batches, add } = carry(outbox);
    await seconds(10);
    add('RD1');
    await courier.stop();
    expect(batches).toEqual([['RD1']]);
    expect(outbox.inState('delivered')).toEqual(['RD1']);
  });

  test('does not wait a second time for what an earlier run has left', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { batches } = carry(outbox);
    await seconds(1);
    expect(batches).toEqual([['RD1']]);
  });

  test('never holds a correction together with what it corrects', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1', resultKey: 'R1' });
    outbox.add({ controlId: 'RD2', resultKey: 'R1' });
    const { batches } = carry(outbox);
    await seconds(61);
    expect(batches).toEqual([['RD1'], ['RD2']]);
  });

  test('is written without a message that is damaged, which is held', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['RD1', 'RD2', 'RD3'])
      outbox.add({ controlId, ...(controlId === 'RD2' && { bytes: null }) });
    const { batches } = carry(outbox);
    await seconds(1);
    expect(batches).toEqual([['RD1', 'RD3']]);
    expect(outbox.inState('held')).toEqual(['RD2']);
  });

  test('with pictures is cut before it takes too much memory, and the rest does not wait', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['RD1', 'RD2', 'RD3'])
      outbox.add({ controlId, bytes: new Uint8Array(3 * 2 ** 20) });
    const { batches } = carry(outbox);
    await seconds(1);
    expect(batches).toEqual([['RD1', 'RD2'], ['RD3']]);
  });
});

describe('a batch that cannot be written', () => {
  test('takes the destination down, and keeps its messages queued and untouched until it can', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['RD1', 'RD2']) outbox.add({ controlId });
    const { courier, events } = carry(outbox, (nth) => (nth < 3 ? away : written));
    await seconds(1);
    expect(events).toMatchObject([
      { kind: 'down', outcome: 'the folder could not be written: ENOENT', destination: 'main' },
    ]);
    expect(courier.state().outage).not.toBeNull();
    expect(outbox.entry('RD1')).toMatchObject({ state: 'queued', attempts: 0 });
    await seconds(20);
    expect(events.slice(1).map(({ kind }) => kind)).toEqual(['up', 'delivered', 'delivered']);
    expect(courier.state().outage).toBeNull();
  });

  test('is tried again with the same messages: it may have been written after all', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { batches, add } = carry(outbox, (nth) => (nth < 3 ? away : written));
    await seconds(1);
    add('RD2');
    await seconds(20);
    expect(batches).toEqual([['RD1'], ['RD1'], ['RD1']]);
    await seconds(60);
    expect(batches.slice(3)).toEqual([['RD2']]);
  });

  test('is tried again without what a person holds meanwhile', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['RD1', 'RD2']) outbox.add({ controlId });
    const { batches } = carry(outbox, (nth) => (nth < 2 ? away : written));
    await seconds(1);
    outbox.markHeld(outbox.entry('RD1').id, new Date(), 'by a person');
    await seconds(20);
    expect(batches).toEqual([['RD1', 'RD2'], ['RD2']]);
  });

  test('does not keep the service from ending', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { courier, batches } = carry(outbox, () => away);
    await seconds(1);
    await courier.stop();
    expect(batches).toHaveLength(1);
    expect(outbox.inState('queued')).toEqual(['RD1']);
  });
});
