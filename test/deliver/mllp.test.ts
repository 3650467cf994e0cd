import { once } from 'node:events';
import { createConnection, Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { encodeFrame } from '../../src/deliver/frame.ts';
import { createMllpClient } from '../../src/deliver/mllp.ts';
import type { Client, Sendable } from '../../src/deliver/client.ts';
import type { MllpClientDeps } from '../../src/deliver/mllp.ts';
import type { Opening } from '../../src/deliver/open.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { silentLog } from '../../src/platform/log.ts';
import { destinationAt } from './support/destination.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { createRecordLog } from './support/record-log.ts';
import { closedPort, startServer, startTestLis } from './support/servers.ts';
import { until } from '../until.ts';

function clientOf(
  port: number,
  settings: Parameters<typeof destinationAt>[1] = {},
  deps: Partial<MllpClientDeps> = {},
): Client {
  const client = createMllpClient({
    destination: destinationAt(port, settings),
    readAck,
    log: silentLog,
    ...deps,
  });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

const message = (controlId: string): Sendable => ({ controlId, bytes: messageBytes(controlId) });
const ack = (controlId: string, code = 'AA'): string =>
  `MSH|^~\\&|LIS||||||ACK|1|P|2.3\rMSA|${code}|${controlId}\r`;
const framed = (text: string): Uint8Array => encodeFrame(Buffer.from(text));
const plain = (socket: Socket): Opening => ({ socket, ready: 'connect' });
const soon = { timeouts: { ackSeconds: 0.2 } };

describe('a message that is acknowledged', () => {
  test('arrives byte for byte, in one write, and brings back what the LIS said', async () => {
    const lis = await startTestLis();
    const socket = createConnection({ host: '127.0.0.1', port: lis.port });
    const write = vi.spyOn(socket, 'write');
    const outcome = await clientOf(lis.port, {}, { open: () => plain(socket) }).send(message('RD1'));
    expect(outcome).toMatchObject({ kind: 'acknowledged', ack: { code: 'AA', controlId: 'RD1' } });
    expect(write).toHaveBeenCalledOnce();
    const [received] = await lis.messages();
    expect(Buffer.from(received?.bytes ?? [])).toEqual(Buffer.from(messageBytes('RD1')));
  });

  test('is judged by the LIS in the code and the errors that it names', async () => {
    const lis = await startTestLis(() => ({ kind: 'answer', code: 'AE', error: '101' }));
    expect(await clientOf(lis.port).send(message('RD1'))).toMatchObject({
      kind: 'acknowledged',
      ack: { code: 'AE', errors: [{ code: '101' }] },
    });
  });

  test('needs no final CR, neither of the frame nor of the last segment', async () => {
    const lis = await startTestLis(() => ({ kind: 'no-final-cr' }));
    const client = clientOf(lis.port);
    expect(await client.send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
    expect(await client.send(message('RD2'))).toMatchObject({ kind: 'acknowledged' });
  });

  test('may be answered byte by byte', async () => {
    const port = await startServer((socket) => {
      socket.setNoDelay(true).once('data', () => {
        const rest = [...framed(ack('RD1'))];
        const next = (): void => {
          const byte = rest.shift();
          if (byte !== undefined) socket.write(Uint8Array.of(byte), () => setImmediate(next));
        };
        next();
      });
    });
    expect(await clientOf(port).send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
  });

  test('is one of many over one connection, or over one connection each', async () => {
    for (const [connection, connections] of [
      ['persistent', 1],
      ['perMessage', 5],
    ] as const) {
      const ended: Promise<unknown>[] = [];
      const port = await startServer((socket) => {
        ended.push(once(socket, 'end'));
        socket.on('data', (chunk) => socket.write(framed(ack(/RD\d/.exec(chunk.toString())?.[0] ?? ''))));
      });
      const client = clientOf(port, { connection });
      for (const id of ['RD1', 'RD2', 'RD3', 'RD4', 'RD5']) {
        expect(await client.send(message(id))).toMatchObject({
          kind: 'acknowledged',
          ack: { controlId: id },
        });
      }
      expect(ended).toHaveLength(connections);
      client.close();
      await Promise.all(ended);
    }
  });
});

describe('without a connection', () => {
  test('a LIS that refuses is unreachable', async () => {
    const outcome = await clientOf(await closedPort()).send(message('RD1'));
    expect(outcome).toEqual({ kind: 'unreachable', code: 'ECONNREFUSED' });
  });

  test('a LIS that does not even refuse is given up after the time for connecting', async () => {
    const socket = new Socket();
    const client = clientOf(1, { timeouts: { connectSeconds: 0.05 } }, { open: () => plain(socket) });
    expect(await client.send(message('RD1'))).toEqual({ kind: 'connect-timeout', seconds: 0.05 });
    expect(socket.destroyed).toBe(true);
  });
});

describe('an acknowledgement that does not come', () => {
  test('ends in a time-out, and the connection is not used again', async () => {
    const lis = await startTestLis((id) => ({ kind: id === 'RD1' ? 'silence' : 'accept' }));
    const sockets: Socket[] = [];
    const open = (): Opening => {
      const socket = createConnection({ host: '127.0.0.1', port: lis.port });
      sockets.push(socket);
      return plain(socket);
    };
    const client = clientOf(lis.port, soon, { open });
    expect(await client.send(message('RD1'))).toEqual({ kind: 'ack-timeout', seconds: 0.2 });
    expect(sockets[0]?.destroyed).toBe(true);
    expect(await client.send(message('RD2'))).toMatchObject({ kind: 'acknowledged' });
  });

  test('is not waited for longer because other bytes keep coming', async () => {
    const port = await startServer((socket) => {
      const timer = setInterval(() => socket.write('.'), 5);
      socket.once('close', () => {
        clearInterval(timer);
      });
    });
    expect(await clientOf(port, soon).send(message('RD1'))).toMatchObject({ kind: 'garbled' });
  });

  test('does not count when it comes after the time-out', async () => {
    const lis = await startTestLis((id) => (id === 'RD1' ? { kind: 'late', ms: 400 } : { kind: 'accept' }));
    const client = clientOf(lis.port, soon);
    expect(await client.send(message('RD1'))).toMatchObject({ kind: 'ack-timeout' });
    expect(await client.send(message('RD2'))).toMatchObject({
      kind: 'acknowledged',
      ack: { controlId: 'RD2' },
    });
  });

  test.each(['close-before-commit', 'close-after-commit'] as const)(
    'because of %s is noticed at once',
    async (kind) => {
      const lis = await startTestLis(() => ({ kind }));
      const outcome = await clientOf(lis.port).send(message('RD1'));
      expect(outcome).toMatchObject({ kind: 'closed', reused: false });
      expect(await lis.received()).toEqual(kind === 'close-after-commit' ? ['RD1'] : []);
    },
  );

  test('because the LIS hangs up in the middle of it is no acknowledgement', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () => socket.end(framed(ack('RD1')).subarray(0, 30)));
    });
    const outcome = await clientOf(port).send(message('RD1'));
    expect(outcome).toEqual({ kind: 'garbled', detail: '29 bytes of a frame that never ended' });
  });

  test('in time counts, even where this process was too busy to read it in time', async () => {
    const port = await startServer((socket) => {
      socket.on('data', () => {
        socket.write(framed(ack('RD1')));
        const until = performance.now() + 400;
        while (performance.now() < until);
      });
    });
    expect(await clientOf(port, soon).send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
  });
});

describe('an answer that is not ours', () => {
  test('never counts, and is named when nothing better comes', async () => {
    const lis = await startTestLis(() => ({ kind: 'wrong-id' }));
    const outcome = await clientOf(lis.port, soon).send(message('RD1'));
    expect(outcome).toEqual({ kind: 'foreign-ack', controlId: 'XRD1' });
  });

  test('is passed over when ours follows', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () =>
        socket.write(
          Buffer.concat([framed(ack('OTHER')), framed('nonsense'), Buffer.from('?'), framed(ack('RD1'))]),
        ),
      );
    });
    expect(await clientOf(port).send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
  });

  test('and no HL7 either is garbled', async () => {
    const lis = await startTestLis(() => ({ kind: 'garbage' }));
    expect(await clientOf(lis.port, soon).send(message('RD1'))).toMatchObject({ kind: 'garbled' });
  });

  test('and too long to be one is dropped', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () => socket.write(framed(ack('RD1') + 'x'.repeat(70_000))));
    });
    expect(await clientOf(port, soon).send(message('RD1'))).toMatchObject({
      kind: 'garbled',
      detail: expect.stringContaining('too long') as string,
    });
  });

  test('because it repeats the one before is dropped and does not acknowledge the next', async () => {
    const lis = await startTestLis((id) => ({ kind: id === 'RD1' ? 'two-acks' : 'silence' }));
    const log = createRecordLog();
    const client = clientOf(lis.port, soon, { log });
    expect(await client.send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
    expect((await client.send(message('RD2'))).kind).not.toBe('acknowledged');
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { destination: 'main', got: 'RD1' } }]);
  });

  test('cannot flood the log, nor bring a name into it', async () => {
    const port = await startServer((socket) => {
      socket.once('data', () =>
        socket.write(Buffer.concat(Array<Uint8Array>(50).fill(framed(ack('山田 Taro'))))),
      );
    });
    const log = createRecordLog();
    await clientOf(port, soon, { log }).send(message('RD1'));
    expect(log.lines.filter(({ level }) => level !== 'debug')).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toMatch(/山田| Taro/);
  });
});

describe('a connection that is kept open', () => {
  test.each(['end', 'resetAndDestroy'] as const)(
    'and that the LIS leaves while idle (%s) is replaced without a failure',
    async (leave) => {
      const sockets: Socket[] = [];
      const port = await startServer((socket) => {
        sockets.push(socket);
        socket.on('data', (chunk) => socket.write(framed(ack(/RD\d/.exec(chunk.toString())?.[0] ?? ''))));
      });
      const opened: Socket[] = [];
      const open = (): Opening => {
        const socket = createConnection({ host: '127.0.0.1', port });
        opened.push(socket);
        return plain(socket);
      };
      const client = clientOf(port, {}, { open });
      await client.send(message('RD1'));
      sockets[0]?.[leave]();
      await until(() => {
        expect(opened[0]?.destroyed).toBe(true);
      });
      expect(await client.send(message('RD2'))).toMatchObject({ kind: 'acknowledged' });
      expect(opened).toHaveLength(2);
    },
  );

  test('and that the LIS ends with each answer is seen to have ended before the next message', async () => {
    const port = await startServer((socket) => {
      socket.once('data', (chunk) => socket.end(framed(ack(/RD\d/.exec(chunk.toString())?.[0] ?? ''))));
    });
    const client = clientOf(port);
    for (const id of ['RD1', 'RD2', 'RD3', 'RD4', 'RD5']) {
      expect(await client.send(message(id))).toMatchObject({ kind: 'acknowledged' });
    }
  });

  test('says so when the LIS leaves just as a message is sent', async () => {
    const lis = await startTestLis((id) => ({ kind: id === 'RD2' ? 'close-before-commit' : 'accept' }));
    const client = clientOf(lis.port);
    await client.send(message('RD1'));
    expect(await client.send(message('RD2'))).toMatchObject({ kind: 'closed', reused: true });
    expect(await client.send(message('RD2'))).toMatchObject({ kind: 'closed', reused: false });
  });
});

describe('stopping', () => {
  test('ends the wait for an answer at once', async () => {
    const lis = await startTestLis(() => ({ kind: 'silence' }));
    const stop = new AbortController();
    const outcome = clientOf(lis.port).send(message('RD1'), stop.signal);
    await until(async () => {
      expect(await lis.received()).toEqual(['RD1']);
    });
    stop.abort();
    expect(await outcome).toEqual({ kind: 'stopped' });
  });

  test('ends the wait for a connection, and sends nothing after it', async () => {
    const stop = new AbortController();
    const socket = new Socket();
    const client = clientOf(1, {}, { open: () => plain(socket) });
    const outcome = client.send(message('RD1'), stop.signal);
    stop.abort();
    expect(await outcome).toEqual({ kind: 'stopped' });
    expect(await client.send(message('RD2'), stop.signal)).toEqual({ kind: 'stopped' });
    expect(socket.destroyed).toBe(true);
  });
});

test('a message that holds framing bytes is not sent', async () => {
  const lis = await startTestLis();
  const outcome = await clientOf(lis.port).send({
    controlId: 'RD1',
    bytes: Buffer.from('MSH|\x1c\r\x0bMSH|'),
  });
  expect(outcome).toEqual({ kind: 'unsendable' });
  expect(await lis.received()).toEqual([]);
});

test('a second message before the first has its outcome is a fault of the caller', async () => {
  const lis = await startTestLis();
  const client = clientOf(lis.port);
  const first = client.send(message('RD1'));
  await expect(client.send(message('RD2'))).rejects.toThrow('one message at a time');
  expect(await first).toMatchObject({ kind: 'acknowledged' });
});
