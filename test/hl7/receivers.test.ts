import { Hl7Server, type Hl7MessageEvent } from '@medplum/hl7';
import { readFileSync } from 'node:fs';
import { Server as Listener, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server as NodeHl7Server } from 'node-hl7-server';
import simpleHl7 from 'simple-hl7';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  CHARSETS,
  expected,
  PROFILES,
  readBack,
  sendExample,
  withTable,
  type Charset,
  type Look,
  type ProfileName,
  type ReadBack,
  type Row,
} from './matrix.ts';
import { until } from '../until.ts';

/** A receiver that others wrote. `start` makes it listen and hands over each message it has read. */
interface Receiver {
  readonly name: string;
  /** The sets that it can be told to read, in its own words. None of the three reads ISO-2022-JP. */
  readonly reads: Readonly<Partial<Record<Charset, string>>>;
  start(received: (look: Look) => void, encoding: string): Promise<() => unknown>;
}

const NODE_ENCODINGS = { 'UTF-8': 'utf8', 'ISO-8859-1': 'latin1', ASCII: 'ascii' } as const;

const medplum: Receiver = {
  name: '@medplum/hl7',
  reads: {
    'UTF-8': 'utf-8',
    Shift_JIS: 'cp932',
    'EUC-JP': 'euc-jp',
    'ISO-8859-1': 'iso-8859-1',
    ASCII: 'us-ascii',
  },
  async start(received, encoding) {
    const server = new Hl7Server((connection) => {
      connection.addEventListener('message', ({ message }: Hl7MessageEvent) => {
        received((id, nth, field, component, repetition = 1) => {
          const read = message.getAllSegments(id)[nth - 1]?.getField(field);
          return read?.components[repetition - 1]?.[component - 1] ?? '';
        });
        connection.send(message.buildAck());
      });
    });
    await server.start(0, encoding);
    return () => server.stop({ forceDrainTimeoutMs: 0 });
  },
};

const nodeHl7: Receiver = {
  name: 'node-hl7-server',
  reads: NODE_ENCODINGS,
  start(received, encoding) {
    const inbound = new NodeHl7Server({ bindAddress: '127.0.0.1' }).createInbound(
      { port: 0, encoding: encoding as BufferEncoding },
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
  reads: NODE_ENCODINGS,
  start(received, encoding) {
    const server = simpleHl7.Server.createTcpServer((error, { msg }, response) => {
      if (error !== null) throw error;
      received((id, nth, field, component, repetition = 1) => {
        const segment = msg.getSegments(id)[nth - 1];
        // Of a field without repetitions it gives an array for the first, and that again for each further one.
        const whole: unknown = segment?.getField(field, repetition);
        if (typeof whole === 'string' && whole.includes('^')) return whole.split('^')[component - 1] ?? '';
        return repetition === 1 ? (segment?.getComponent(field, component) ?? '') : '';
      });
      response.end();
    });
    server.start(0, encoding);
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
async function onLoopback(
  receiver: Receiver,
  received: (look: Look) => void,
  encoding: string,
): Promise<number> {
  const listeners: Listener[] = [];
  const { listen } = Listener.prototype;
  const spy = vi.spyOn(Listener.prototype, 'listen').mockImplementation(function (
    this: Listener,
    ...args: unknown[]
  ) {
    listeners.push(this);
    const ready = args.find((arg): arg is () => void => typeof arg === 'function');
    return listen.call(this, { host: '127.0.0.1', port: 0 }, ready);
  });
  stops.push(await receiver.start(received, encoding));
  spy.mockRestore();
  const [listener] = listeners;
  if (listener === undefined) throw new Error(`${receiver.name} does not listen`);
  await until(() => {
    expect(listener.listening).toBe(true);
  });
  return (listener.address() as AddressInfo).port;
}

const rows: Row[] = [];

describe.each([medplum, nodeHl7, simple])('$name', (receiver) => {
  const sets = CHARSETS.filter((charset) => receiver.reads[charset] !== undefined);

  const exchange = async (profile: ProfileName, charset: Charset, encoding: string): Promise<ReadBack> => {
    const looks: Look[] = [];
    const port = await onLoopback(receiver, (look) => looks.push(look), encoding);
    expect(await sendExample(port, profile, charset)).toBe('AA');
    expect(looks).toHaveLength(1);
    const [look = () => ''] = looks;
    return readBack(look);
  };

  test.each(sets)('reads name, Cv, region and status of every profile in %s', async (charset) => {
    const read: ReadBack[] = [];
    for (const profile of PROFILES) {
      read.push(await exchange(profile, charset, receiver.reads[charset] ?? ''));
    }
    expect(read).toEqual(PROFILES.map(() => expected(charset)));
    rows.push({ receiver: receiver.name, charset, read });
  });

  test('reads Cv, region and status in ISO-2022-JP, whose kanji it cannot decode', async () => {
    const read: ReadBack[] = [];
    for (const profile of PROFILES) {
      read.push(await exchange(profile, 'ISO-2022-JP', receiver.reads['ISO-8859-1'] ?? ''));
    }
    const { cv, region, status } = expected('ISO-2022-JP');
    expect(read).toMatchObject(PROFILES.map(() => ({ cv, region, status })));
    rows.push({ receiver: receiver.name, charset: 'ISO-2022-JP', read });
  });
});

test('docs/hl7-matrix.md shows what was read (`vitest run test/hl7/receivers.test.ts -u` renews it)', async () => {
  const file = fileURLToPath(new URL('../../docs/hl7-matrix.md', import.meta.url));
  await expect(await withTable(readFileSync(file, 'utf8'), 'npm', rows)).toMatchFileSnapshot(file);
});
