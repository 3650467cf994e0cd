import { describe, expect, onTestFinished, test } from 'vitest';
import type { Destination } from '../../src/config/schema.ts';
import type { Client, Sendable } from '../../src/deliver/client.ts';
import { encodeFrame } from '../../src/deliver/frame.ts';
import { createMllpClient } from '../../src/deliver/mllp.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { describeOutcome, judge } from '../../src/outbox/outcome.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { destinationAt } from './support/destination.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { startServer, startTestLis } from './support/servers.ts';

type Mode = Destination['acknowledge'];
const ASKS: Readonly<Record<Mode, string>> = { original: '|', commit: 'AL|NE', enhanced: 'AL|AL' };

/** A message whose MSH-15 and MSH-16 ask for what the mode means. */
function message(mode: Mode): Sendable {
  const text = Buffer.from(messageBytes('RD1')).toString();
  return { controlId: 'RD1', bytes: Buffer.from(text.replace('|2.5.1||||||', `|2.5.1|||${ASKS[mode]}||`)) };
}

function clientOf(port: number, acknowledge: Mode): Client {
  const timeouts = { ackSeconds: 0.5, applicationSeconds: 0.2 };
  const client = createMllpClient({
    destination: destinationAt(port, { acknowledge, timeouts }),
    readAck,
    log: silentLog,
  });
  onTestFinished(() => client.close());
  return client;
}

async function outcomeOf(mode: Mode, behaviour: Behaviour) {
  const lis = await startTestLis(() => behaviour);
  return clientOf(lis.port, mode).send(message(mode));
}

const ack = (code: string): Uint8Array =>
  encodeFrame(Buffer.from(`MSH|^~\\&|LIS||||||ACK|1|P|2.5.1\rMSA|${code}|RD1\r`));

describe('in enhanced mode', () => {
  test('CA is not the end: AA of the application is', async () => {
    expect(await outcomeOf('enhanced', { kind: 'accept' })).toMatchObject({ ack: { code: 'AA' } });
  });

  test('what the application refuses is refused, though it was stored', async () => {
    const outcome = await outcomeOf('enhanced', { kind: 'answer', code: 'AE', error: '103' });
    expect(outcome).toMatchObject({ ack: { code: 'AE', errors: [{ code: '103' }] } });
    expect(judge(outcome, destinationAt(1), 0)).toEqual({ kind: 'hold' });
  });

  test('CE ends it: nothing more will come', async () => {
    expect(await outcomeOf('enhanced', { kind: 'answer', code: 'CE' })).toMatchObject({
      ack: { code: 'CE' },
    });
  });

  test('stored and never processed is not delivered, and says so', async () => {
    const outcome = await outcomeOf('enhanced', { kind: 'receipt' });
    expect(outcome).toEqual({ kind: 'application-timeout', seconds: 0.2 });
    expect(judge(outcome, destinationAt(1), 0)).toEqual({ kind: 'retry', trouble: 'unclear' });
    expect(describeOutcome(outcome)).toBe(
      'stored by the LIS (CA), and not acknowledged by its application within 0.2 s',
    );
  });

  test('the application has its own time, which begins with CA, however often CA comes', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () => {
        const receipts = setInterval(() => socket.write(ack('CA')), 20);
        socket.once('close', () => clearInterval(receipts));
      });
    });
    expect(await clientOf(port, 'enhanced').send(message('enhanced'))).toMatchObject({
      kind: 'application-timeout',
    });
  });

  test('a LIS that hangs up between the two has not taken it', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () => socket.end(ack('CA')));
    });
    const outcome = await clientOf(port, 'enhanced').send(message('enhanced'));
    expect(outcome).toMatchObject({ kind: 'closed', reused: false });
    expect(judge(outcome, destinationAt(1), 0).kind).toBe('retry');
  });

  test('AA without CA before it is enough', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () => socket.write(ack('AA')));
    });
    expect(await clientOf(port, 'enhanced').send(message('enhanced'))).toMatchObject({ ack: { code: 'AA' } });
  });
});

test('where only the receipt is asked for, CA is all that comes and counts as delivered', async () => {
  const outcome = await outcomeOf('commit', { kind: 'accept' });
  expect(outcome).toMatchObject({ ack: { code: 'CA' } });
  expect(judge(outcome, destinationAt(1), 0)).toEqual({ kind: 'delivered' });
});

test('in original mode one answer comes', async () => {
  expect(await outcomeOf('original', { kind: 'accept' })).toMatchObject({ ack: { code: 'AA' } });
});
