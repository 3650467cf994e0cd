import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createCourier } from '../../src/deliver/courier.ts';
import type { Courier, CourierDeps, CourierEvent } from '../../src/deliver/courier.ts';
import type { AckCode } from '../../src/hl7/ack.ts';
import type { SendOutcome } from '../../src/outbox/outcome.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { destinationAt } from './support/destination.ts';
import { createMemoryOutbox } from './support/memory-outbox.ts';
import type { MemoryOutbox } from './support/memory-outbox.ts';

/** One try: which message, and after how many seconds of the test. */
type Try = readonly [controlId: string, seconds: number];

interface Scene {
  readonly courier: Courier;
  readonly tries: readonly Try[];
  readonly events: readonly CourierEvent[];
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const defaults = {
  retry: { firstSeconds: 5, maxSeconds: 300, rejections: 3 },
  timeouts: { connectSeconds: 10, ackSeconds: 30 },
};
const refused: SendOutcome = { kind: 'unreachable', code: 'ECONNREFUSED' };
const silence: SendOutcome = { kind: 'ack-timeout', seconds: 30 };
const answered = (code: AckCode, controlId = 'any'): SendOutcome => ({
  kind: 'acknowledged',
  ack: { kind: 'ack', code, controlId, text: '', errors: [] },
});

/** A courier on fake time, whose sends take no time and end as the test says. */
function play(
  outbox: MemoryOutbox,
  lis: (controlId: string, nth: number) => SendOutcome,
  overrides: Partial<CourierDeps> = {},
): Scene {
  const began = performance.now();
  const tries: Try[] = [];
  const events: CourierEvent[] = [];
  const courier = createCourier({
    destination: destinationAt(1, defaults),
    outbox,
    client: {
      send: ({ controlId }) => {
        tries.push([controlId, Math.round((performance.now() - began) / 1000)]);
        return Promise.resolve(lis(controlId, tries.length));
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
    ...overrides,
  });
  onTestFinished(() => courier.stop());
  courier.start();
  return { courier, tries, events };
}

const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(1000 * count);
const kinds = (events: readonly CourierEvent[]): string[] => events.map(({ kind }) => kind);

describe('a LIS that cannot be reached', () => {
  test('is tried after 5, 10, 20, … and at last every 300 seconds, without an end', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { tries } = play(outbox, () => refused);
    await seconds(86_400);
    expect(tries.slice(0, 9).map(([, at]) => at)).toEqual([0, 5, 15, 35, 75, 155, 315, 615, 915]);
    expect(tries.length).toBeGreaterThan(86_400 / 300);
  });

  test('is no fault of the message, which stays as it was', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    play(outbox, () => refused);
    await seconds(3600);
    expect(outbox.entry('RD1')).toMatchObject({
      state: 'queued',
      attempts: 0,
      rejections: 0,
      nextAttemptAt: null,
    });
  });

  test('is reported once when it goes and once when it is back, and everything is sent then in order', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['RD1', 'RD2', 'RD3']) outbox.add({ controlId });
    const { courier, events } = play(outbox, (_, nth) => (nth < 8 ? refused : answered('AA')));
    await seconds(300);
    expect(kinds(events)).toEqual(['down']);
    expect(courier.state().outage).toMatchObject({ outcome: 'could not connect: ECONNREFUSED' });
    await seconds(600);
    expect(kinds(events)).toEqual(['down', 'up', 'delivered', 'delivered', 'delivered']);
    expect(events[1]).toMatchObject({ kind: 'up', outageMs: 615_000 });
    expect(courier.state().outage).toBeNull();
  });

  test('is not tried sooner because more is queued', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { courier, tries } = play(outbox, () => refused);
    for (let n = 0; n < 100; n += 1) {
      courier.wake();
      await vi.advanceTimersByTimeAsync(40);
    }
    expect(tries).toEqual([['RD1', 0]]);
  });
});

describe('a LIS that takes messages and does not answer', () => {
  test('is tried with another message next time, each in its turn', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['RD1', 'RD2', 'RD3']) outbox.add({ controlId });
    const { tries } = play(outbox, () => silence);
    await seconds(120);
    expect(tries.map(([id]) => id)).toEqual(['RD1', 'RD2', 'RD3', 'RD1', 'RD2']);
  });

  test('is reported only when a second try fails too', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { events } = play(outbox, () => silence);
    await seconds(2);
    expect(kinds(events)).toEqual(['retry']);
    await seconds(10);
    expect(kinds(events)).toEqual(['retry', 'retry', 'down']);
  });

  test('to two messages, but to all others, is not down, and the others get through', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['BAD1', 'BAD2', 'RD1', 'RD2', 'RD3']) outbox.add({ controlId });
    const { tries } = play(outbox, (id) => (id.startsWith('BAD') ? silence : answered('AA')));
    await seconds(60);
    expect(outbox.inState('delivered')).toEqual(['RD1', 'RD2', 'RD3']);
    expect(outbox.inState('queued')).toEqual(['BAD1', 'BAD2']);
    const before = tries.length;
    outbox.add({ controlId: 'RD4' });
    await seconds(300);
    expect(outbox.entry('RD4').state).toBe('delivered');
    expect(tries.slice(before).map(([id]) => id)).toContain('BAD1');
  });
});

describe('a message that the LIS rejects', () => {
  test('waits alone while the others go on, and is held in the end', async () => {
    const outbox = createMemoryOutbox();
    for (const controlId of ['BAD', 'RD1', 'RD2']) outbox.add({ controlId });
    const { tries, events } = play(outbox, (id) => answered(id === 'BAD' ? 'AR' : 'AA'));
    await seconds(60);
    expect(tries).toEqual([
      ['BAD', 0],
      ['RD1', 0],
      ['RD2', 0],
      ['BAD', 5],
      ['BAD', 15],
    ]);
    expect(outbox.entry('BAD')).toMatchObject({ state: 'held', attempts: 3, lastOutcome: 'AR' });
    expect(kinds(events)).toEqual(['retry', 'delivered', 'delivered', 'retry', 'held']);
  });

  test('shows that the LIS is there', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'RD1' });
    const { events } = play(outbox, (_, nth) => (nth === 1 ? refused : answered('AE')));
    await seconds(10);
    expect(kinds(events)).toEqual(['down', 'up', 'held']);
  });

  test('keeps back the corrections of its result, and nothing else', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'FIRST', resultKey: 'A' });
    outbox.add({ controlId: 'CORRECTION', resultKey: 'A' });
    outbox.add({ controlId: 'OTHER', resultKey: 'B' });
    const { tries } = play(outbox, (id, nth) => answered(id === 'FIRST' && nth < 3 ? 'AR' : 'AA'));
    await seconds(4);
    expect(tries.map(([id]) => id)).toEqual(['FIRST', 'OTHER']);
    await seconds(4);
    expect(tries.map(([id]) => id)).toEqual(['FIRST', 'OTHER', 'FIRST', 'CORRECTION']);
  });
});

describe('an idle courier', () => {
  test('finds within a second what another process changed', async () => {
    const outbox = createMemoryOutbox();
    play(outbox, () => answered('AA'));
    await seconds(5.5);
    outbox.add({ controlId: 'RD1' });
    await seconds(1);
    expect(outbox.entry('RD1').state).toBe('delivered');
  });

  test('sends at once when it is woken', async () => {
    const outbox = createMemoryOutbox();
    const { courier } = play(outbox, () => answered('AA'));
    await seconds(5.5);
    outbox.add({ controlId: 'RD1' });
    courier.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.entry('RD1').state).toBe('delivered');
  });

  test('rests while the only message waits behind a held one', async () => {
    const outbox = createMemoryOutbox();
    outbox.add({ controlId: 'FIRST', resultKey: 'A', state: 'held' });
    outbox.add({ controlId: 'CORRECTION', resultKey: 'A' });
    const nextDueAt = vi.spyOn(outbox, 'nextDueAt').mockReturnValue(new Date(0));
    const { tries } = play(outbox, () => answered('AA'));
    await seconds(10);
    expect(tries).toEqual([]);
    expect(nextDueAt.mock.calls.length).toBeLessThanOrEqual(11);
  });

  test('shows a watchdog that it comes round, and by when it has to', async () => {
    const outbox = createMemoryOutbox();
    const { courier } = play(outbox, () => answered('AA'));
    await seconds(100);
    const { lastProgress, progressDueBy } = courier.state();
    expect(performance.now() - lastProgress).toBeLessThanOrEqual(1000);
    expect(progressDueBy).toBeGreaterThanOrEqual(performance.now());
  });
});

test('a watchdog gives a send the time of both deadlines', async () => {
  const outbox = createMemoryOutbox();
  outbox.add({ controlId: 'RD1' });
  const never = { send: () => Promise.withResolvers<never>().promise, close: (): void => undefined };
  const courier = createCourier({
    destination: destinationAt(1, defaults),
    outbox,
    client: never,
    clock: systemClock,
    log: silentLog,
    onEvent: () => undefined,
    isPassing: () => false,
    onRefusal: () => undefined,
    onFatal: () => undefined,
  });
  courier.start();
  await seconds(39);
  expect(courier.state().progressDueBy).toBeGreaterThanOrEqual(performance.now());
  await seconds(2);
  expect(courier.state().progressDueBy).toBeLessThan(performance.now());
});

test('a slow receiver gets its interval between messages', async () => {
  const outbox = createMemoryOutbox();
  for (const controlId of ['RD1', 'RD2', 'RD3']) outbox.add({ controlId });
  const { tries } = play(outbox, () => answered('AA'), {
    destination: destinationAt(1, { ...defaults, minIntervalMs: 7000 }),
  });
  await seconds(60);
  expect(tries).toEqual([
    ['RD1', 0],
    ['RD2', 7],
    ['RD3', 14],
  ]);
});

test('a connection that the LIS had left costs no wait and no alarm', async () => {
  const outbox = createMemoryOutbox();
  outbox.add({ controlId: 'RD1' });
  const { tries, events } = play(outbox, (_, nth) =>
    nth === 1 ? { kind: 'closed', code: 'ECONNRESET', reused: true } : answered('AA'),
  );
  await vi.advanceTimersByTimeAsync(0);
  expect(tries).toEqual([
    ['RD1', 0],
    ['RD1', 0],
  ]);
  expect(kinds(events)).toEqual(['retry', 'delivered']);
});

test('a store that fails ends the courier and is reported, and nothing is taken for delivered', async () => {
  const outbox = createMemoryOutbox();
  for (const controlId of ['RD1', 'RD2']) outbox.add({ controlId });
  const broken = new Error('disk I/O error');
  vi.spyOn(outbox, 'markDelivered').mockImplementation(() => {
    throw broken;
  });
  const onFatal = vi.fn();
  const close = vi.fn();
  const send = vi.fn(({ controlId }: { controlId: string }) => Promise.resolve(answered('AA', controlId)));
  const { events, courier } = play(outbox, () => answered('AA'), { onFatal, client: { send, close } });
  await seconds(60);
  expect(onFatal.mock.calls).toEqual([[broken]]);
  expect(send.mock.calls.map(([{ controlId }]) => controlId)).toEqual(['RD1', 'RD2']);
  expect(close).toHaveBeenCalledOnce();
  expect(events).toEqual([]);
  expect(outbox.inState('queued')).toEqual(['RD1', 'RD2']);
  await courier.stop();
});

test('events name the message and the outcome, and no patient', async () => {
  const outbox = createMemoryOutbox();
  outbox.add({ controlId: 'RD1' });
  const { events } = play(outbox, () => answered('AA'));
  await seconds(1);
  expect(events).toEqual([
    { kind: 'delivered', destination: 'main', controlId: 'RD1', ms: 0, cause: 'acknowledged', outcome: 'AA' },
  ]);
});
