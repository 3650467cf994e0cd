import { Hl7Server, type Hl7MessageEvent } from '@medplum/hl7';
import { Server as Listener, type AddressInfo } from 'node:net';
import { Server as NodeHl7Server } from 'node-hl7-server';
import simpleHl7 from 'simple-hl7';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createMllpClient } from '../../src/deliver/mllp.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { encode } from '../../src/hl7/charset.ts';
import { buildOru } from '../../src/hl7/oru.ts';
import { silentLog } from '../../src/platform/log.ts';
import { comments } from '../../src/risk/comment.ts';
import { envelope, example, options, site } from './example.ts';

/** One value as a receiver has it: the `nth` segment of a kind, all numbers from 1. */
type Look = (id: string, nth: number, field: number, component: number, repetition?: number) => string;

/** A receiver that others wrote. `start` makes it listen and hands over each message it has read. */
interface Receiver {
  readonly name: string;
  start(received: (look: Look) => void): Promise<() => unknown>;
}

const medplum: Receiver = {
  name: '@medplum/hl7',
  async start(received) {
    const server = new Hl7Server((connection) => {
      connection.addEventListener('message', ({ message }: Hl7MessageEvent) => {
        received((id, nth, field, component, repetition = 1) => {
          // Medplum counts repetitions from 0.
          return (
            message.getAllSegments(id)[nth - 1]?.getComponent(field, component, undefined, repetition - 1) ??
            ''
          );
        });
        connection.send(message.buildAck());
      });
    });
    await server.start(0);
    return () => server.stop({ forceDrainTimeoutMs: 0 });
  },
};

const nodeHl7: Receiver = {
  name: 'node-hl7-server',
  start(received) {
    const inbound = new NodeHl7Server({ bindAddress: '127.0.0.1' }).createInbound(
      { port: 0 },
      (request, response) => {
        const message = request.getMessage();
        received((id, nth, field, component, repetition = 1) => {
          const all = message.get(id);
          const whole = (all.length > 1 ? all.get(nth - 1) : all).get(String(field));
          return (whole.length > 1 ? whole.get(repetition - 1) : whole).get(String(component)).toString();
        });
        void response.sendResponse('AA');
      },
    );
    return Promise.resolve(() => inbound.close());
  },
};

const simple: Receiver = {
  name: 'simple-hl7',
  start(received) {
    const server = simpleHl7.Server.createTcpServer((error, { msg }, response) => {
      if (error !== null) throw error;
      received((id, nth, field, component, repetition) => {
        const segment = msg.getSegments(id)[nth - 1];
        const text =
          repetition === undefined
            ? segment?.getComponent(field, component)
            : segment?.getField(field, repetition);
        return (repetition === undefined ? text : text?.split('^')[component - 1]) ?? '';
      });
      response.end();
    });
    server.start(0);
    return Promise.resolve(() => {
      server.stop();
    });
  },
};

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Starts a receiver on a free port of the loopback, whatever address it would choose itself. */
async function onLoopback(receiver: Receiver, received: (look: Look) => void): Promise<number> {
  const listeners: Listener[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its `this` below
  const { listen } = Listener.prototype;
  const spy = vi.spyOn(Listener.prototype, 'listen').mockImplementation(function (
    this: Listener,
    ...args: unknown[]
  ) {
    listeners.push(this);
    const ready = args.find((arg): arg is () => void => typeof arg === 'function');
    return listen.call(this, { host: '127.0.0.1', port: 0 }, ready);
  });
  stops.push(await receiver.start(received));
  spy.mockRestore();
  const [listener] = listeners;
  if (listener === undefined) throw new Error(`${receiver.name} does not listen`);
  await vi.waitFor(() => {
    expect(listener.listening).toBe(true);
  });
  return (listener.address() as AddressInfo).port;
}

describe.each([medplum, nodeHl7, simple])('$name', (receiver) => {
  test.each(['en', 'ja'] as const)(
    'acknowledges a result and has read it as it was meant (%s)',
    async (language) => {
      const looks: Look[] = [];
      const port = await onLoopback(receiver, (look) => looks.push(look));
      const report = { ...example, notes: comments({ ...example, extraReasons: [] }, language) };
      const encoded = encode(buildOru(report, envelope, options(), site), 'UTF-8');
      if (!encoded.ok) throw new Error(encoded.detail);
      const client = createMllpClient({
        destination: {
          name: 'main',
          mllp: { host: '127.0.0.1', port },
          connection: 'perMessage',
          timeouts: { connectSeconds: 10, ackSeconds: 10 },
        },
        readAck,
        log: silentLog,
      });

      const outcome = await client.send({ controlId: envelope.controlId, bytes: encoded.bytes });
      client.close();

      expect(outcome).toMatchObject({
        kind: 'acknowledged',
        ack: { code: 'AA', controlId: envelope.controlId },
      });
      expect(looks).toHaveLength(1);
      const [look = () => ''] = looks;
      expect({
        family: look('PID', 1, 5, 1, 1),
        given: look('PID', 1, 5, 2, 1),
        kana: look('PID', 1, 5, 1, 2),
        resultKey: look('OBR', 1, 3, 1),
        status: look('OBR', 1, 25, 1),
        cv: look('OBX', 1, 5, 1),
        tier: look('OBX', 2, 5, 1),
        region: look('OBX', 3, 5, 1),
        regionStatus: look('OBX', 3, 11, 1),
        note: look('NTE', 1, 3, 1),
      }).toEqual({
        family: '山田',
        given: '太郎',
        kana: 'ヤマダ',
        resultKey: 'RD25000123',
        status: 'F',
        cv: '0.73',
        tier: 'HIGH',
        region: 'R4',
        regionStatus: 'F',
        note: report.notes[0],
      });
    },
  );
});
