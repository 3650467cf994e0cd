import { createHash } from 'node:crypto';
import { appendFile, open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Hl7Message } from '@medplum/core';
import { Hl7Client, ReturnAckCategory } from '@medplum/hl7';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createFrameDecoder, encodeFrame } from '../../src/deliver/frame.ts';
import { readAck } from '../../src/hl7/ack.ts';
import type { AckReading } from '../../src/hl7/ack.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createTestLis } from '../../src/testlis/receiver.ts';
import { messageBytes } from '../deliver/support/memory-outbox.ts';
import { createRecordLog } from '../deliver/support/record-log.ts';
import { startTestLis, temporaryFolder } from '../deliver/support/servers.ts';
import { until } from '../until.ts';

interface Caller {
  readonly socket: Socket;
  readonly acks: readonly AckReading[];
}

function call(port: number): Caller {
  const decoder = createFrameDecoder(10_000);
  const acks: AckReading[] = [];
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    for (const decoded of decoder.push(chunk))
      if (decoded.kind === 'message') acks.push(readAck(decoded.bytes));
  });
  onTestFinished(() => {
    socket.destroy();
  });
  return { socket, acks };
}

const frame = (controlId: string): Uint8Array => encodeFrame(messageBytes(controlId));
describe('the journal', () => {
  test('has each message as it came before it is acknowledged', async () => {
    const journal = join(await temporaryFolder(), 'journal.jsonl');
    const lis = await startTestLis(undefined, { journal, fsync: true });
    const { socket, acks } = call(lis.port);
    let linesAtAck = '';
    socket.once('data', () => {
      void readFile(journal, 'utf8').then((text) => (linesAtAck = text));
    });
    socket.write(frame('RD1'));
    await until(() => {
      expect(linesAtAck).toContain('"controlId":"RD1"');
    });
    expect(acks).toMatchObject([{ kind: 'ack', code: 'AA', controlId: 'RD1' }]);
    const [message] = await lis.messages();
    expect(message).toMatchObject({
      controlId: 'RD1',
      behaviour: 'accept',
      sha256: createHash('sha256').update(messageBytes('RD1')).digest('hex'),
    });
    expect(Buffer.from(message?.bytes ?? []).toString()).toContain('山田^太郎');
  });

  test('is continued at the next start, without a line that a crash cut short', async () => {
    const journal = join(await temporaryFolder(), 'journal.jsonl');
    const first = await startTestLis(undefined, { journal });
    call(first.port).socket.write(frame('RD1'));
    await until(async () => {
      expect(await first.received()).toEqual(['RD1']);
    });
    await first.close();
    await appendFile(journal, '{"receivedAt":"2025-');
    const second = await startTestLis(undefined, { journal });
    call(second.port).socket.write(frame('RD2'));
    await until(async () => {
      expect(await second.received()).toEqual(['RD1', 'RD2']);
    });
  });

  test('that cannot be written means that nothing is acknowledged', async () => {
    const log = createRecordLog();
    const lis = await startTestLis(undefined, { log });
    const handle = await open(process.execPath);
    await handle.close();
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    const full = vi.spyOn(prototype, 'appendFile').mockRejectedValueOnce(new Error('ENOSPC'));
    onTestFinished(() => {
      full.mockRestore();
    });
    const { socket, acks } = call(lis.port);
    socket.write(frame('RD1'));
    await until(() => {
      expect(socket.destroyed).toBe(true);
    });
    expect(acks).toEqual([]);
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'test LIS: a connection broke' }]);
    await expect(lis.close()).rejects.toThrow('ENOSPC');
  });
});

test('messages from several connections, pipelined or in pieces, are all taken', async () => {
  const lis = await startTestLis();
  const callers = ['A', 'B'].map((name) => ({ name, ...call(lis.port) }));
  for (const { name, socket } of callers) {
    const bytes = Buffer.concat([frame(`${name}1`), frame(`${name}2`), frame(`${name}3`)]);
    socket.write(bytes.subarray(0, 100));
    socket.write(bytes.subarray(100));
  }
  for (const { name, acks } of callers) {
    await until(() => {
      expect(acks).toMatchObject([1, 2, 3].map((n) => ({ code: 'AA', controlId: `${name}${n}` })));
    });
  }
  expect(await lis.received()).toHaveLength(6);
});

test('what has no control ID is kept, and the connection closed', async () => {
  const lis = await startTestLis();
  const { socket, acks } = call(lis.port);
  socket.write(encodeFrame(Buffer.from('GET / HTTP/1.1')));
  await until(() => {
    expect(socket.destroyed).toBe(true);
  });
  expect(acks).toEqual([]);
  expect(await lis.messages()).toMatchObject([{ controlId: null, behaviour: 'unreadable' }]);
});

test('an answer names the code and the error that were asked for', async () => {
  const lis = await startTestLis(() => ({ kind: 'answer', code: 'AR', error: '207' }));
  const { socket, acks } = call(lis.port);
  socket.write(frame('RD1'));
  await until(() => {
    expect(acks).toMatchObject([{ code: 'AR', controlId: 'RD1', errors: [{ code: '207' }] }]);
  });
  expect(await lis.messages()).toMatchObject([{ behaviour: 'AR' }]);
});

test('a close during a late answer ends at once', async () => {
  const lis = await startTestLis(() => ({ kind: 'late', ms: 600_000 }));
  call(lis.port).socket.write(frame('RD1'));
  await until(async () => {
    expect(await lis.received()).toEqual(['RD1']);
  });
  await lis.close();
});

test('a port that is taken is an error, not a silence', async () => {
  const { port } = await startTestLis();
  const journal = join(await temporaryFolder(), 'journal.jsonl');
  const second = createTestLis({ journal, port, clock: systemClock, log: createRecordLog() });
  await expect(second.listen()).rejects.toThrow('EADDRINUSE');
  await second.close();
});

describe('senders that others wrote', () => {
  test('@medplum/hl7 is answered', async () => {
    const lis = await startTestLis();
    const client = new Hl7Client({ host: '127.0.0.1', port: lis.port });
    onTestFinished(() => client.close());
    const message = Hl7Message.parse(Buffer.from(messageBytes('RD1')).toString());
    const answer = await client.sendAndWait(message, { returnAck: ReturnAckCategory.FIRST });
    expect(answer.getSegment('MSA')?.toString()).toBe('MSA|AA|RD1');
  });

  test('simple-hl7 is answered', async () => {
    const lis = await startTestLis();
    interface Simple {
      Server: {
        createTcpClient(
          host: string,
          port: number,
        ): { send(message: unknown, done: (error: Error | null, ack: unknown) => void): void };
      };
      Parser: new (options: object) => { parse(text: string): unknown };
    }
    const simple = createRequire(import.meta.url)('simple-hl7') as Simple;
    const text = Buffer.from(messageBytes('RD1')).toString();
    const message = new simple.Parser({ segmentSeperator: '\r' }).parse(text);
    const ack = await new Promise((resolve, reject) => {
      simple.Server.createTcpClient('127.0.0.1', lis.port).send(message, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
    expect(String(ack)).toContain('MSA|AA|RD1');
    expect(await lis.received()).toEqual(['RD1']);
  });
});
