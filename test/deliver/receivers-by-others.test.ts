import { once } from 'node:events';
import { Hl7Connection } from '@medplum/hl7';
import type { Hl7MessageEvent } from '@medplum/hl7';
import { Server } from 'node-hl7-server';
import { expect, onTestFinished, test } from 'vitest';
import type { Client } from '../../src/deliver/client.ts';
import { createMllpClient } from '../../src/deliver/mllp.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { silentLog } from '../../src/platform/log.ts';
import { destinationAt } from './support/destination.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { closedPort, startServer } from './support/servers.ts';

const IDS = ['RD1', 'RD2', 'RD3'];

function clientOf(port: number, connection: 'persistent' | 'perMessage'): Client {
  const client = createMllpClient({
    destination: destinationAt(port, { connection }),
    readAck,
    log: silentLog,
  });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

async function sendAll(client: Client): Promise<void> {
  for (const controlId of IDS) {
    const outcome = await client.send({ controlId, bytes: messageBytes(controlId) });
    expect(outcome).toMatchObject({ kind: 'acknowledged', ack: { code: 'AA', controlId } });
  }
}

test.each(['persistent', 'perMessage'] as const)(
  '@medplum/hl7 takes every message and reads it (%s)',
  async (kind) => {
    const read: (string | undefined)[] = [];
    const port = await startServer((socket) => {
      const connection = new Hl7Connection(socket);
      connection.addEventListener('message', ({ message }: Hl7MessageEvent) => {
        read.push(
          `${message.getSegment('MSH')?.getField(10).toString()} ${message.getSegment('PID')?.getField(5).toString()}`,
        );
        connection.send(message.buildAck());
      });
    });
    await sendAll(clientOf(port, kind));
    expect(read).toEqual(IDS.map((id) => `${id} 山田^太郎^^^^^L^I`));
  },
);

// node-hl7-server 2.5 keeps what it has read and takes it, and answers it, again with each further message of a
// connection: every answer but the first comes among repeated ones for other messages.
test.each(['persistent', 'perMessage'] as const)(
  'node-hl7-server takes every message and reads it (%s)',
  async (kind) => {
    const read: string[] = [];
    const port = await closedPort();
    const inbound = new Server({ bindAddress: '127.0.0.1' }).createInbound({ port }, (req, res) => {
      const message = req.getMessage();
      read.push(`${message.get('MSH.10').toString()} ${message.get('OBX.5').toString()}`);
      void res.sendResponse('AA');
    });
    onTestFinished(async () => {
      await inbound.close();
    });
    await once(inbound, 'listen');
    await sendAll(clientOf(port, kind));
    expect(kind === 'persistent' ? [...new Set(read)] : read).toEqual(IDS.map((id) => `${id} 0.73`));
  },
);
