import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Http } from '../../src/config/transport.ts';
import type { Client, Sendable } from '../../src/deliver/client.ts';
import { createHttpClient } from '../../src/deliver/http.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { judge } from '../../src/outbox/outcome.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createAuthority, hasOpenssl } from './support/certificates.ts';
import { destinationAt } from './support/destination.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { createRecordLog } from './support/record-log.ts';
import { closedPort, temporaryFolder } from './support/servers.ts';

interface Got {
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}
type Answer = (response: ServerResponse, got: Got) => void;

const message = (controlId: string): Sendable => ({ controlId, bytes: messageBytes(controlId) });
const ack = (controlId: string, code = 'AA'): string =>
  `MSH|^~\\&|LIS||||||ACK|1|P|2.3\rMSA|${code}|${controlId}\r`;
const hl7 =
  (code: string, status = 200, id?: string): Answer =>
  (response, { body }) => {
    response.writeHead(status, { 'Content-Type': 'application/hl7-v2' });
    response.end(ack(id ?? /RD\d/.exec(body.toString())?.[0] ?? '', code));
  };

async function serve(answer: Answer, tls?: { readonly cert: Buffer; readonly key: Buffer }) {
  const got: Got[] = [];
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { body: Buffer.concat(chunks), headers: request.headers };
      got.push(one);
      answer(response, one);
    });
  };
  const server = tls === undefined ? createServer(handler) : createSecureServer(tls, handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { got, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hl7` };
}

function clientOf(url: string, more: Partial<Http> = {}, log = silentLog, ackSeconds = 5): Client {
  const { name, timeouts } = destinationAt(1);
  const client = createHttpClient({
    destination: { name, timeouts: { ...timeouts, connectSeconds: 0.1, ackSeconds }, http: { url, ...more } },
    readAck,
    log,
    charset: 'UTF-8',
  });
  onTestFinished(() => client.close());
  return client;
}

test('a message is posted byte for byte, as HL7 in its character set, and its acknowledgement read', async () => {
  const { got, url } = await serve(hl7('AA'));
  const outcome = await clientOf(url).send(message('RD1'));
  expect(outcome).toMatchObject({ kind: 'acknowledged', ack: { code: 'AA', controlId: 'RD1' } });
  expect(got[0]?.body).toEqual(Buffer.from(messageBytes('RD1')));
  expect(got[0]?.headers['content-type']).toBe('application/hl7-v2; charset=UTF-8');
});

test.each([
  ['AE', 200, 'hold'],
  ['AR', 200, 'retry'],
  ['AE', 500, 'hold'],
  ['AA', 202, 'delivered'],
])('MSA says what counts: %s with status %d means %s', async (code, status, verdict) => {
  const { url } = await serve(hl7(code, status));
  const outcome = await clientOf(url).send(message('RD1'));
  expect(judge(outcome, destinationAt(1), 0).kind).toBe(verdict);
});

test('an answer for another message does not count', async () => {
  const { url } = await serve(hl7('AA', 200, 'OTHER'));
  expect(await clientOf(url).send(message('RD1'))).toEqual({ kind: 'foreign-ack', controlId: 'OTHER' });
});

test.each<[string, Answer, object]>([
  ['a page', (response) => response.end('<html>welcome</html>'), { kind: 'garbled' }],
  ['nothing', (response) => response.end(), { kind: 'garbled' }],
  ['a number', (response) => response.end('12'), { kind: 'garbled' }],
  ['401', (response) => response.writeHead(401).end('no'), { kind: 'http-status', status: 401 }],
  ['503', (response) => response.writeHead(503).end(), { kind: 'http-status', status: 503 }],
  ['too much', (response) => response.end(Buffer.alloc(200_000, 'x')), { kind: 'closed' }],
  ['an end of the connection', (response) => response.destroy(), { kind: 'closed' }],
])(
  '%s in place of an acknowledgement is not one, and the message is tried again',
  async (_, answer, outcome) => {
    const { url } = await serve(answer);
    const found = await clientOf(url).send(message('RD1'));
    expect(found).toMatchObject(outcome);
    expect(judge(found, destinationAt(1), 0)).toEqual({ kind: 'retry', trouble: 'unclear' });
  },
);

test('a redirection is not followed: patient data goes where it was configured to go', async () => {
  const elsewhere = await serve(hl7('AA'));
  const { url } = await serve((response) => response.writeHead(307, { Location: elsewhere.url }).end());
  expect(await clientOf(url).send(message('RD1'))).toEqual({ kind: 'http-status', status: 307 });
  expect(elsewhere.got).toEqual([]);
});

test('a LIS that is not there is unreachable, and one that is silent is given up in time', async () => {
  const gone = `http://127.0.0.1:${await closedPort()}/`;
  expect(await clientOf(gone).send(message('RD1'))).toEqual({ kind: 'unreachable', code: 'ECONNREFUSED' });
  const { url } = await serve(() => undefined);
  expect(await clientOf(url, {}, silentLog, 0.1).send(message('RD1'))).toEqual({
    kind: 'ack-timeout',
    seconds: 0.2,
  });
});

test('stopping ends the wait at once', async () => {
  const stop = new AbortController();
  const { url } = await serve(() => stop.abort());
  expect(await clientOf(url).send(message('RD1'), stop.signal)).toEqual({ kind: 'stopped' });
});

test('the Authorization header comes from a file, is read anew each time, and is in no log', async () => {
  const file = join(await temporaryFolder(), 'secret');
  const log = createRecordLog();
  const { got, url } = await serve((response) => response.end('no HL7'));
  const client = clientOf(url, { authorizationFile: file }, log);
  expect(await client.send(message('RD1'))).toEqual({
    kind: 'unreachable',
    code: 'authorizationFile ENOENT',
  });
  for (const secret of ['Bearer first', 'Bearer second']) {
    writeFileSync(file, `${secret}\n`);
    await client.send(message('RD1'));
  }
  expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  expect(JSON.stringify(log.lines)).not.toContain('Bearer');
});

test.skipIf(!hasOpenssl())(
  'over https only a LIS with a certificate of the named authority is sent anything',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'raisingd-https-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const hospital = createAuthority(folder, 'hospital');
    const { cert, key } = hospital.sign('lis');
    const { got, url } = await serve(hl7('AA'), { cert: readFileSync(cert), key: readFileSync(key) });
    const tls = { ca: hospital.ca, minVersion: 'TLSv1.2' } as const;
    expect(await clientOf(url, { tls }).send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
    const other = createAuthority(folder, 'stranger');
    const outcome = await clientOf(url, { tls: { ...tls, ca: other.ca } }).send(message('RD2'));
    expect(outcome).toMatchObject({ kind: 'unreachable' });
    expect(got).toHaveLength(1);
  },
);
