import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Fields, Log } from '../../src/platform/log.ts';
import { createAlerts } from '../../src/upkeep/alert.ts';

const clock = { now: () => new Date('2025-11-22T10:30:15.000Z') };

async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/s3cret`;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function setUp(webhook: string | undefined, limitMs = 5000) {
  const lines: string[] = [];
  const line = (level: string) => (message: string, fields?: Fields) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
  return { alerts: createAlerts(webhook, { log, clock, limitMs }), lines };
}

describe('an alert', () => {
  test('is posted once when an episode begins and once when it ends', async () => {
    const got: unknown[] = [];
    const url = await startServer((request, response) => {
      void bodyOf(request).then((body) => {
        got.push(body);
        response.end('12');
      });
    });
    const { alerts } = setUp(url);
    alerts.clear('lis:main', 'never was away');
    alerts.raise('lis:main', 'main does not answer');
    alerts.raise('lis:main', 'main still does not answer');
    expect(alerts.open()).toEqual(['lis:main']);
    alerts.clear('lis:main', 'main is back');
    alerts.clear('lis:main', 'main is back');
    alerts.raise('lis:main', 'main does not answer again');
    await alerts.settled();
    const common = { service: 'raisingd', key: 'lis:main', at: '2025-11-22T10:30:15.000Z' };
    expect(got).toEqual([
      { ...common, event: 'raised', text: 'main does not answer' },
      { ...common, event: 'cleared', text: 'main is back' },
      { ...common, event: 'raised', text: 'main does not answer again' },
    ]);
  });

  test('is in the log where no webhook is configured', async () => {
    const { alerts, lines } = setUp(undefined);
    alerts.raise('backup', 'no backup was made');
    alerts.clear('backup', 'a backup was made');
    await alerts.settled();
    expect(lines).toEqual([
      'error no backup was made {"alert":"backup","event":"raised"}',
      'info a backup was made {"alert":"backup","event":"cleared"}',
    ]);
  });

  test.each<[string, RequestListener | null, string]>([
    ['refuses the connection', null, 'ECONNREFUSED'],
    ['answers with an error', (_, response) => void response.writeHead(500).end(), 'HTTP 500'],
    [
      'sends it elsewhere',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'HTTP 302',
    ],
    ['never answers', () => undefined, 'no answer within 300 ms'],
    ['hangs up', (request) => void request.socket.destroy(), 'ECONNRESET'],
  ])(
    'that meets a webhook that %s disturbs nobody and names the reason, not the address',
    async (_, listener, problem) => {
      const url = listener === null ? 'http://127.0.0.1:1/hook/s3cret' : await startServer(listener);
      const { alerts, lines } = setUp(url, 300);
      alerts.raise('backup', 'no backup was made');
      await alerts.settled();
      expect(lines).toEqual([
        'error no backup was made {"alert":"backup","event":"raised"}',
        `error An alert did not reach the webhook {"alert":"backup","event":"raised","problem":"${problem}"}`,
      ]);
      expect(lines.join('\n')).not.toContain('s3cret');
    },
  );
});
