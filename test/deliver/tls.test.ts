import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Tls } from '../../src/config/transport.ts';
import { createMllpClient } from '../../src/deliver/mllp.ts';
import type { Client, Sendable } from '../../src/deliver/client.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { describeOutcome } from '../../src/outbox/outcome.ts';
import { silentLog } from '../../src/platform/log.ts';
import { loggedAlerts } from '../alerts/support.ts';
import { certificatesJob, tlsRemarks } from '../../src/upkeep/certificates.ts';
import { createAuthority, hasOpenssl } from './support/certificates.ts';
import type { Authority, Signed } from './support/certificates.ts';
import { destinationAt } from './support/destination.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { createRecordLog } from './support/record-log.ts';
import { startTestLis } from './support/servers.ts';

const message = (controlId: string): Sendable => ({ controlId, bytes: messageBytes(controlId) });

describe.skipIf(!hasOpenssl())(
  'MLLP over TLS (skipped where there is no openssl to make certificates)',
  () => {
    let folder: string;
    let hospital: Authority;
    let stranger: Authority;
    let good: Signed;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'raisingd-tls-'));
      hospital = createAuthority(folder, 'hospital');
      stranger = createAuthority(folder, 'stranger');
      good = hospital.sign('good');
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    const served = ({ cert, key }: Signed, more: TlsOptions = {}) =>
      startTestLis(undefined, { tls: { cert: readFileSync(cert), key: readFileSync(key), ...more } });
    const tlsOf = (more: Partial<Tls> = {}): Tls => ({ ca: hospital.ca, minVersion: 'TLSv1.2', ...more });
    const clientOf = (
      port: number,
      tls: Tls,
      connection: 'persistent' | 'perMessage' = 'persistent',
    ): Client => {
      const client = createMllpClient({
        destination: destinationAt(port, { mllp: { host: '127.0.0.1', port, tls }, connection }),
        readAck,
        log: silentLog,
      });
      onTestFinished(() => client.close());
      return client;
    };

    test.each(['persistent', 'perMessage'] as const)('messages are taken (%s)', async (connection) => {
      const lis = await served(good);
      const client = clientOf(lis.port, tlsOf(), connection);
      for (const id of ['RD1', 'RD2', 'RD3']) {
        expect(await client.send(message(id))).toMatchObject({
          kind: 'acknowledged',
          ack: { controlId: id },
        });
      }
      expect(await lis.received()).toEqual(['RD1', 'RD2', 'RD3']);
    });

    test('TLS 1.3 alone can be asked for', async () => {
      const old = await served(good, { maxVersion: 'TLSv1.2' });
      const outcome = await clientOf(old.port, tlsOf({ minVersion: 'TLSv1.3' })).send(message('RD1'));
      expect(outcome).toMatchObject({ kind: 'unreachable' });
      const current = await served(good);
      expect(
        await clientOf(current.port, tlsOf({ minVersion: 'TLSv1.3' })).send(message('RD1')),
      ).toMatchObject({
        kind: 'acknowledged',
      });
    });

    test.each<[string, () => Signed, string, string]>([
      ['expired', () => hospital.sign('expired', { days: -2 }), 'CERT_HAS_EXPIRED', 'has expired'],
      [
        'for another name',
        () => hospital.sign('elsewhere', { host: 'other.example.org' }),
        'ERR_TLS_CERT_ALTNAME_INVALID',
        'is for another name',
      ],
      [
        'signed by a stranger',
        () => stranger.sign('strange'),
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'signed by nobody whom tls.ca names',
      ],
    ])(
      'a LIS whose certificate is %s is sent nothing, and it is said why',
      async (_, certificate, code, words) => {
        const lis = await served(certificate());
        const outcome = await clientOf(lis.port, tlsOf()).send(message('RD1'));
        expect(outcome).toEqual({ kind: 'unreachable', code });
        expect(describeOutcome(outcome)).toContain(words);
        expect(await lis.received()).toEqual([]);
      },
    );

    test('a certificate for another name is taken where that name is the one that was configured', async () => {
      const lis = await served(hospital.sign('named', { host: 'lis.example.org' }));
      const client = clientOf(lis.port, tlsOf({ servername: 'lis.example.org' }));
      expect(await client.send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
    });

    test('a LIS without TLS is sent no message', async () => {
      const lis = await startTestLis();
      const outcome = await clientOf(lis.port, tlsOf()).send(message('RD1'));
      expect(['unreachable', 'connect-timeout']).toContain(outcome.kind);
      // What it made of our greeting is no message of ours.
      expect(await lis.received()).not.toContain('RD1');
    });

    describe('a LIS that asks for our certificate', () => {
      const asking = () => served(good, { ca: readFileSync(hospital.ca), requestCert: true });

      test('takes messages from one that it knows', async () => {
        const lis = await asking();
        const client = clientOf(lis.port, tlsOf(hospital.sign('raisingd')));
        expect(await client.send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
      });

      test.each<[string, () => Partial<Tls>]>([
        ['without one', () => ({})],
        ['with one of a stranger', () => stranger.sign('impostor')],
        ['with an expired one', () => hospital.sign('outdated', { days: -2 })],
      ])('is not said to have taken anything from us %s', async (_, own) => {
        const lis = await asking();
        const outcome = await clientOf(lis.port, tlsOf(own())).send(message('RD1'));
        expect(['closed', 'unreachable']).toContain(outcome.kind);
        expect(await lis.received()).toEqual([]);
      });

      test('takes messages again as soon as the file is renewed, without a restart', async () => {
        const lis = await asking();
        const own = { cert: join(folder, 'renewed.pem'), key: join(folder, 'renewed.key') };
        const install = ({ cert, key }: Signed): void => {
          copyFileSync(cert, own.cert);
          copyFileSync(key, own.key);
        };
        install(hospital.sign('before', { days: -1 }));
        utimesSync(own.cert, 1, 1);
        const client = clientOf(lis.port, tlsOf(own));
        expect((await client.send(message('RD1'))).kind).not.toBe('acknowledged');
        install(hospital.sign('after'));
        expect(await client.send(message('RD1'))).toMatchObject({ kind: 'acknowledged' });
      });
    });

    test('a file that is missing is named, and nothing is sent', async () => {
      const lis = await served(good);
      const outcome = await clientOf(lis.port, tlsOf({ ca: join(folder, 'none.pem') })).send(message('RD1'));
      expect(outcome).toEqual({ kind: 'unreachable', code: 'tls.ca ENOENT' });
    });

    describe('before a certificate ends', () => {
      const now = new Date();
      const destinationWith = (own: Partial<Tls>) =>
        destinationAt(1, { mllp: { host: 'h', port: 1, tls: tlsOf(own) } });

      test('nothing is said for longer than the days that were configured, and then each day', () => {
        const own = hospital.sign('soon', { days: 40.5 });
        expect(tlsRemarks(destinationWith(own), now, 30)).toEqual([]);
        expect(tlsRemarks(destinationWith(own), new Date(now.getTime() + 20 * 86_400_000), 30)).toEqual([
          expect.stringMatching(/^tls\.cert .* expires on \d{4}-\d\d-\d\d, in 20 days$/),
        ]);
        expect(tlsRemarks(destinationWith(own), new Date(now.getTime() + 50 * 86_400_000), 30)).toEqual([
          expect.stringMatching(/^tls\.cert .* expired on /),
        ]);
      });

      test('a key that belongs to another certificate is named', () => {
        const { cert } = hospital.sign('one');
        const { key } = hospital.sign('other');
        expect(tlsRemarks(destinationWith({ cert, key }), now, 30)).toEqual([
          expect.stringContaining('is not the key of tls.cert'),
        ]);
      });

      test('one alert and a line a day are given, for that of the LIS as well, until it is renewed', async () => {
        const lis = await served(hospital.sign('short', { days: 10 }));
        const client = clientOf(lis.port, tlsOf());
        await client.send(message('RD1'));
        const log = createRecordLog();
        const clock = { now: () => now };
        const alerts = loggedAlerts({ log, clock });
        let validTo = client.peerValidTo?.() ?? null;
        const job = certificatesJob({
          settings: { cron: '0 6 * * *', warnDays: 30 },
          destinations: () => [{ destination: destinationWith({}), peerValidTo: validTo }],
          clock,
          log,
          alerts,
        });
        await job.run(new AbortController().signal);
        await job.run(new AbortController().signal);
        expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'error', 'warn']);
        expect(log.lines[1]?.message).toMatch(/^main: the certificate of the LIS expires on /);
        expect(alerts.open()).toEqual(['certificate:main']);
        validTo = new Date(now.getTime() + 300 * 86_400_000);
        await job.run(new AbortController().signal);
        expect(alerts.open()).toEqual([]);
      });
    });
  },
);
