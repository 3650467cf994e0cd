import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { formatRemark } from '../../src/config/faults.ts';
import { loadConfig, type LoadedConfig, type Refused } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { describeTransport, transportOf } from '../../src/config/transport.ts';
import { warningsOf } from '../../src/config/warnings.ts';

let folder = '';

function load(lis: object, more: object = {}): LoadedConfig | Refused {
  const own = mkdtempSync(join(tmpdir(), 'raisingd-transport-'));
  onTestFinished(() => rmSync(own, { recursive: true }));
  folder = own;
  const file = join(own, 'raisingd.yaml');
  const document = { dataDir: 'data', watch: { folders: ['in'] }, lis: [{ name: 'main', ...lis }], ...more };
  writeFileSync(file, stringify(document));
  return loadConfig(file);
}

function faultsOf(lis: object, more: object = {}): string[] {
  const read = load(lis, more);
  return read.ok ? [] : read.faults.map(({ path, message }) => `${path} ${message}`);
}

function warningsFor(lis: object): string[] {
  const read = load(lis);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return warningsOf(read.config).map((remark) => formatRemark(remark));
}

const mllp = { host: '10.0.0.5', port: 2575 };
const http = { url: 'https://lis.example.org/hl7' };

describe('a destination', () => {
  test.each<[string, object, string[]]>([
    ['none', {}, ['lis[0].mllp is missing']],
    ['two', { mllp, http }, ['lis[0].http cannot be used together with mllp']],
    [
      'three',
      { mllp, http, file: { folder: 'out' } },
      ['lis[0].http cannot be used together with mllp', 'lis[0].file cannot be used together with mllp'],
    ],
    [
      'a certificate without its key',
      { mllp: { ...mllp, tls: { cert: 'c.pem' } } },
      ['lis[0].mllp.tls.cert needs key'],
    ],
    [
      'a key without its certificate',
      { http: { ...http, tls: { key: 'k' } } },
      ['lis[0].http.tls.key needs cert'],
    ],
    [
      'TLS for plain http',
      { http: { url: 'http://127.0.0.1/', tls: {} } },
      ['lis[0].http.tls does nothing for an http URL'],
    ],
    [
      'two answers over HTTP',
      { http, acknowledge: 'enhanced' },
      ['lis[0].acknowledge cannot be had over http'],
    ],
    [
      'an answer to a file',
      { file: { folder: 'out' }, acknowledge: 'commit' },
      ['lis[0].acknowledge cannot be had over file'],
    ],
    [
      'a URL of another kind',
      { http: { url: 'ftp://h/' } },
      ['lis[0].http.url must be an http or https URL'],
    ],
    [
      'an older TLS',
      { mllp: { ...mllp, tls: { minVersion: 'TLSv1.1' } } },
      ['lis[0].mllp.tls.minVersion must be "TLSv1.2" or "TLSv1.3"'],
    ],
  ])('with %s is refused, and it is said where', (_, lis, faults) => {
    expect(faultsOf(lis)).toEqual(faults);
  });

  test('that writes files does not write into a watched folder, nor around one', () => {
    expect(faultsOf({ file: { folder: 'in/out' } })).toEqual([
      expect.stringMatching(/^watch\.folders\[0\] must not contain lis\[0\]\.file\.folder/),
    ]);
    expect(faultsOf({ file: { folder: '.' } })).toContainEqual(
      expect.stringMatching(/^watch\.folders\[0\] must not be inside lis\[0\]\.file\.folder/),
    );
  });

  test('finds its files beside the configuration', () => {
    const tls = { ca: 'tls/ca.pem', cert: 'tls/own.pem', key: '/run/key' };
    const read = load({ http: { ...http, tls, authorizationFile: 'secret' } });
    expect(read.ok && read.config.lis[0]?.http).toMatchObject({
      authorizationFile: join(folder, 'secret'),
      tls: {
        ca: join(folder, 'tls/ca.pem'),
        cert: join(folder, 'tls/own.pem'),
        key: '/run/key',
        minVersion: 'TLSv1.2',
      },
    });
    const dropped = load({ file: { folder: 'out' } });
    expect(dropped.ok && dropped.config.lis[0]?.file?.folder).toBe(join(folder, 'out'));
  });
});

describe('patient data in clear text over a network', () => {
  test.each<[object, boolean]>([
    [{ mllp }, true],
    [{ mllp: { ...mllp, tls: {} } }, false],
    [{ mllp: { ...mllp, host: '127.0.0.1' } }, false],
    [{ mllp: { ...mllp, host: '::1' } }, false],
    [{ http }, false],
    [{ http: { url: 'http://lis.example.org/hl7' } }, true],
    [{ http: { url: 'http://[::1]:8080/hl7' } }, false],
    [{ file: { folder: 'out' } }, false],
  ])('%j: warned of: %s', (lis, warned) => {
    expect(warningsFor(lis).some((text) => text.includes('clear text'))).toBe(warned);
  });
});

test('a batch that is open until somebody is called for its messages is warned of', () => {
  const batchOf = (seconds: number) => warningsFor({ file: { folder: 'out', batch: { seconds } } });
  expect(batchOf(1700)).toEqual([]);
  expect(batchOf(3600)).toEqual([
    'lis[0].file.batch.seconds: lets messages wait for longer than alerts.unsentMinutes: somebody is called for ' +
      'nothing: 3600. Shorten it, or raise alerts.unsentMinutes.',
  ]);
});

test('a URL is listed without its path and without what it holds of secrets', () => {
  const read = load({ http: { url: 'https://lis.example.org:8443/hl7?token=abc' } });
  const [destination] = read.ok ? read.config.lis : [];
  if (destination === undefined) throw new Error('refused');
  expect(describeTransport(transportOf(destination))).toBe('https lis.example.org:8443');
});

test('a name that a destination has or had belongs to no other one', () => {
  const one = (name: string, formerly: unknown) => ({ name, formerly, mllp: { host: 'h', port: 1 } });
  const issuesOf = (...lis: readonly object[]) => {
    const read = configSchema.safeParse({ dataDir: 'd', lis });
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  };
  expect(issuesOf(one('a', ['old']), one('b', ['older']))).toEqual([]);
  expect(issuesOf(one('a', ['old', 'b']), one('b', ['old', 'b']))).toEqual([
    'lis.0.formerly.1 is used by another destination',
    'lis.1.formerly.0 is used by another destination',
    'lis.1.formerly.1 is used by another destination',
  ]);
  expect(issuesOf(one('a', 'old'), one('a', []))).toHaveLength(2);
});
