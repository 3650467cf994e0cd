import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createCourier } from '../../src/deliver/courier.ts';
import type { AckCode } from '../../src/hl7/ack.ts';
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

const answered = (code: AckCode): SendOutcome => ({
  kind: 'acknowledged',
  ack: { kind: 'ack', code, controlId: 'any', text: '', errors: [] },
});

/** A courier that has so many messages to carry; `commits` is how many were noted by each commit. */
function carry(messages: number, lis: (nth: number) => SendOutcome | Promise<SendOutcome>) {
  const outbox = createMemoryOutbox();
  for (let nth = 1; nth <= messages; nth += 1) outbox.add({ controlId: nameOf(nth) });
  const commits: number[] = [];
  const delivered = (): number => outbox.inState('delivered').length;
  const { together } = outbox;
  const counting: MemoryOutbox = {
    ...outbox,
    together(work) {
      const before = delivered();
      const done = together(work);
      if (delivered() > before) commits.push(delivered() - before);
      return done;
    },
  };
  const sent: string[] = [];
  const heldAtSend: number[] = [];
  const courier = createCourier({
    destination: destinationAt(1, {}),
    outbox: counting,
    client: {
      send({ controlId }) {
        sent.push(controlId);
        heldAtSend.push(sent.length - 1 - delivered());
        return Promise.resolve(lis(sent.length));
      },
      close: () => undefined,
    },
    clock: systemClock,
    log: silentLog,
    onEvent: () => undefined,
    isPassing: () => false,
    onRefusal: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => courier.stop());
  courier.start();
  return { courier, outbox, commits, sent, heldAtSend };
}

const nameOf = (nth: number): string => `RD${String(nth).padStart(3, '0')}`;
const soon = (): Promise<unknown> => vi.advanceTimersByTimeAsync(10);

describe('deliveries that come fast', () => {
  test('are noted by the crowd, none is sent twice, and the last ones do not wait for more', async () => {
    const { outbox, commits, sent, heldAtSend } = carry(100, () => answered('AA'));
    await soon();
    expect(outbox.inState('delivered')).toHaveLength(100);
    expect(new Set(sent).size).toBe(sent.length);
    expect(commits).toEqual([32, 32, 32, 4]);
    expect(Math.max(...heldAtSend)).toBeLessThan(32);
  });

  test('are noted while a later message waits for its answer', async () => {
    const late = Promise.withResolvers<SendOutcome>();
    const { outbox, sent } = carry(5, (nth) => (nth === 4 ? late.promise : answered('AA')));
    await soon();
    expect(sent).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(100);
    expect(outbox.inState('delivered')).toEqual(['RD001', 'RD002', 'RD003']);
    expect(outbox.inState('queued')).toEqual(['RD004', 'RD005']);
    late.resolve(answered('AA'));
    await soon();
    expect(outbox.inState('queued')).toEqual([]);
  });

  test('are noted before and with one that the LIS refuses', async () => {
    const { outbox, commits } = carry(3, (nth) => answered(nth === 3 ? 'AE' : 'AA'));
    await soon();
    expect(outbox.inState('held')).toEqual(['RD003']);
    expect(commits).toEqual([2]);
  });

  test('are noted when the courier is stopped', async () => {
    const first = Promise.withResolvers<SendOutcome>();
    const { courier, outbox } = carry(2, (nth) => (nth === 1 ? first.promise : answered('AA')));
    const stopped = courier.stop();
    first.resolve(answered('AA'));
    await stopped;
    expect(outbox.inState('delivered')).toEqual(['RD001']);
    expect(outbox.inState('queued')).toEqual(['RD002']);
  });

  test('a correction is not sent before the delivery of what it corrects is noted', async () => {
    const { outbox, sent, heldAtSend } = carry(1, () => answered('AA'));
    outbox.add({ controlId: 'RD002', resultKey: 'R1' });
    await soon();
    expect(sent).toEqual(['RD001', 'RD002']);
    expect(heldAtSend).toEqual([0, 0]);
  });
});
