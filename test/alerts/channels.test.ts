import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { senderFor } from '../../src/alerts/channel.ts';
import { composeAlert } from '../../src/alerts/message.ts';
import { warningsOfAlerts } from '../../src/config/alert-warnings.ts';
import { alerts, type ChannelConfig } from '../../src/config/alerts.ts';
import { channelContradictions } from '../../src/config/channel-contradictions.ts';
import { formatPath } from '../../src/config/faults.ts';
import { createAuthority, hasOpenssl } from '../deliver/support/certificates.ts';
import { FROM } from './support.ts';

const NOW = new Date('2025-11-22T01:30:15.000Z');
const MESSAGE = composeAlert(
  [
    {
      event: 'begun',
      episode: {
        id: 1,
        key: 'lis:main',
        text: 'main is down: <ECONNREFUSED> & so',
        since: NOW.toISOString(),
        ended: null,
      },
    },
  ],
  FROM,
  NOW,
);

function channelOf(channel: object): ChannelConfig {
  const [one] = alerts.parse({ channels: [{ name: 'team', ...channel }] }).channels;
  if (one === undefined) throw new Error('no channel');
  return one;
}

/** What went wrong; null where everybody was reached. */
async function send(channel: object, limitMs = 5000): Promise<string | null> {
  const sent = await senderFor(channelOf(channel), limitMs)(MESSAGE, new AbortController().signal);
  return sent.kind === 'sent' ? null : `${sent.kind}: ${sent.problem}`;
}

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

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'raisingd-alerts-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A webhook that keeps what it gets. */
async function webhook() {
  const got: unknown[] = [];
  const url = await startServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      got.push(JSON.parse(body));
      response.end('12');
    });
  });
  return { url, got };
}

describe('a webhook', () => {
  test('gets JSON that programs can read', async () => {
    const { url, got } = await webhook();
    expect(await send({ webhook: { url } })).toBeNull();
    expect(got).toEqual([
      {
        service: 'raisingd',
        facility: 'SEQROOM',
        host: 'lab1',
        at: '2025-11-22T01:30:15.000Z',
        text: 'main is down: <ECONNREFUSED> & so (2025-11-22 10:30)',
        alerts: [
          {
            event: 'raised',
            kind: 'lis',
            key: 'lis:main',
            text: 'main is down: <ECONNREFUSED> & so',
            since: '2025-11-22T01:30:15.000Z',
            until: null,
          },
        ],
      },
    ]);
  });

  test('gets what Slack shows, with its own characters escaped', async () => {
    const { url, got } = await webhook();
    expect(await send({ webhook: { url, format: 'slack' } })).toBeNull();
    expect(got).toEqual([{ text: expect.stringContaining('• main is down: &lt;ECONNREFUSED&gt; &amp; so') }]);
  });

  test('gets an adaptive card for Teams', async () => {
    const { url, got } = await webhook();
    expect(await send({ webhook: { url, format: 'teams' } })).toBeNull();
    expect(got).toMatchObject([
      {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: {
              type: 'AdaptiveCard',
              body: [{ text: 'raisingd SEQROOM (lab1)' }, { type: 'TextBlock' }, {}],
            },
          },
        ],
      },
    ]);
  });

  test('has its URL in a file, which is read for every message', async () => {
    const { url, got } = await webhook();
    const urlFile = join(await folder(), 'url');
    expect(await send({ webhook: { urlFile } })).toBe('failed: webhook.urlFile cannot be read (ENOENT)');
    await writeFile(urlFile, 'hunter2\n');
    expect(await send({ webhook: { urlFile } })).toBe('failed: webhook.urlFile holds no URL');
    await writeFile(urlFile, `${url}\n`);
    expect(await send({ webhook: { urlFile } })).toBeNull();
    expect(got).toHaveLength(1);
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
  ])('that %s is named by its reason, never by its address', async (_, listener, problem) => {
    const url = listener === null ? 'http://127.0.0.1:1/hook/s3cret' : await startServer(listener);
    expect(await send({ webhook: { url } }, 300)).toBe(`failed: ${problem}`);
  });
});

/** A mail server written by others. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: string[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    onAuth({ username, password }, session, done) {
      logins.push(`${String(username)} ${session.secure ? 'encrypted' : 'clear'}`);
      if (password === 'hunter2') done(null, { user: username });
      else done(new Error('no: Sakura Yamada'));
    },
    onData(stream, session, done) {
      void text(stream).then((mail) => {
        mails.push(`${session.secure ? 'encrypted' : 'clear'} ${mail}`);
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  const to = {
    host: '127.0.0.1',
    port,
    from: 'raisingd@example.org',
    to: ['a@example.org', 'b@example.org'],
  };
  return { to, mails, logins };
}

describe('a mail', () => {
  test('says in its subject what is wrong, and in its text what to do', async () => {
    const { to, mails } = await mailServer();
    expect(await send({ email: { ...to, security: 'none' } })).toBeNull();
    const [mail = ''] = mails;
    expect(mail).toContain('To: a@example.org, b@example.org');
    expect(mail).toContain('Subject: [raisingd SEQROOM] main is down: <ECONNREFUSED> & so');
    expect(mail).toContain('What to do:\r\n  raisingd doctor, then the LIS team');
    expect(mail).toContain('Auto-Submitted: auto-generated');
  });

  test('is not sent to a server whose certificate nobody vouches for', async () => {
    const { to, mails } = await mailServer();
    expect(await send({ email: to })).toMatch(/^failed: (ESOCKET|ETLS)/);
    expect(mails).toEqual([]);
  });

  test('is not sent in clear where starttls is asked for and the server has none', async () => {
    const { to, mails } = await mailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    expect(await send({ email: to })).toMatch(/^failed: E/);
    expect(mails).toEqual([]);
  });

  test.skipIf(!hasOpenssl()).each(['starttls', 'tls'] as const)(
    'goes encrypted by %s, with a password from a file',
    async (security) => {
      const path = await folder();
      const authority = createAuthority(path, 'ca');
      const { cert, key } = authority.sign('mail');
      const { readFile } = await import('node:fs/promises');
      const tls = { cert: await readFile(cert), key: await readFile(key) };
      const { to, mails, logins } = await mailServer({
        ...tls,
        secure: security === 'tls',
        authOptional: false,
      });
      const passwordFile = join(path, 'password');
      const email = { ...to, security, ca: authority.ca, user: 'raisingd', passwordFile };
      await writeFile(passwordFile, 'wrong\n');
      expect(await send({ email })).toBe('failed: EAUTH (SMTP 535)');
      await writeFile(passwordFile, 'hunter2\n');
      expect(await send({ email })).toBeNull();
      expect(logins).toEqual(['raisingd encrypted', 'raisingd encrypted']);
      expect(mails).toEqual([expect.stringMatching(/^encrypted /)]);
    },
  );

  test('that a server refuses for one address of several is not sent again, and that one is told', async () => {
    const { to } = await mailServer({
      onRcptTo({ address }, _, done) {
        done(address.startsWith('b') ? new Error('no Sakura Yamada here') : null);
      },
    });
    expect(await send({ email: { ...to, security: 'none' } })).toBe(
      'partly: the server refused 1 of the addresses',
    );
  });

  test('for which no server answers is given up after its time', async () => {
    const { to } = await mailServer({ onConnect: () => undefined });
    expect(await send({ email: { ...to, security: 'none' } }, 300)).toMatch(
      /no answer within 300 ms|ETIMEDOUT/,
    );
    expect(await send({ email: { ...to, port: 1, security: 'none' } })).toMatch(
      /^failed: E(SOCKET|CONNECTION|CONNREFUSED)/,
    );
  });
});

describe('the configuration of channels', () => {
  const faultsIn = (channel: object): string[] =>
    channelContradictions({ alerts: { channels: [channel] } }).map(
      ({ path, message }) => `${formatPath(path)}: ${message}`,
    );

  test('has one way for each channel, one address for a webhook, and a user with a password', () => {
    expect(faultsIn({ name: 'a' })).toEqual(['alerts.channels[0].webhook: is missing']);
    expect(faultsIn({ name: 'a', webhook: { url: 'x' }, email: {} })).toEqual([
      'alerts.channels[0].webhook: cannot be used together with email',
    ]);
    expect(faultsIn({ name: 'a', webhook: { format: 'slack' } })).toEqual([
      'alerts.channels[0].webhook.url: is missing',
    ]);
    expect(faultsIn({ name: 'a', email: { user: 'x' } })).toEqual([
      'alerts.channels[0].email.user: needs passwordFile',
    ]);
    expect(alerts.safeParse({ channels: [{ name: 'a' }, { name: 'a' }] }).success).toBe(false);
  });

  test('warns of a password in clear text, unless it stays on this machine', () => {
    const config = (host: string) => ({
      alerts: alerts.parse({
        channels: [
          {
            name: 'a',
            email: {
              host,
              security: 'none',
              user: 'u',
              passwordFile: 'p',
              from: 'a@example.org',
              to: ['b@example.org'],
            },
          },
        ],
      }),
    });
    expect(warningsOfAlerts(config('mail.example.org'))).toHaveLength(1);
    expect(warningsOfAlerts(config('localhost'))).toEqual([]);
  });
});
