import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import { silentLog } from '../../../src/platform/log.ts';
import type { Behaviour } from '../../../src/testlis/behaviour.ts';
import { createTestLis } from '../../../src/testlis/receiver.ts';
import type { TestLis, TestLisOptions } from '../../../src/testlis/receiver.ts';

export interface RunningLis extends TestLis {
  readonly port: number;
  /** Control IDs of the journal, in the order in which the messages came. */
  received(): Promise<string[]>;
}

/** A test LIS that is gone with the test. */
export async function startTestLis(
  behave: (controlId: string) => Behaviour = () => ({ kind: 'accept' }),
  options: Partial<TestLisOptions> = {},
): Promise<RunningLis> {
  const journal = options.journal ?? join(await temporaryFolder(), 'journal.jsonl');
  const lis = createTestLis({
    fsync: false,
    clock: systemClock,
    log: silentLog,
    behave,
    ...options,
    journal,
  });
  onTestFinished(() => lis.close());
  const { port } = await lis.listen();
  const received = async (): Promise<string[]> =>
    (await lis.messages()).map(({ controlId }) => controlId ?? 'none');
  return { ...lis, port, received };
}

/** A TCP server that does with each connection what the test says. */
export async function startServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'raisingd-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
