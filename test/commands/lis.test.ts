import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { testControlId } from '../../src/hl7/test-message.ts';
import { closedPort, startTestLis } from '../deliver/support/servers.ts';
import { raisingd } from './command-line.ts';
import { until } from '../until.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

function configOf(...lis: object[]): { readonly config: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'raisingd-lis-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'raisingd.yaml');
  writeFileSync(config, stringify({ dataDir: 'data', lis }));
  return { config, folder };
}

const at = (port: number, more: object = {}): object => ({
  name: 'main',
  mllp: { host: '127.0.0.1', port },
  timeouts: { ackSeconds: 1 },
  ...more,
});

test('a test message is sent without a service or a database, and told what came back', async () => {
  const lis = await startTestLis();
  const { config, folder } = configOf(at(lis.port));
  const run = await raisingd('lis', 'test', 'main', '--config', config);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  const [message] = await lis.messages();
  expect(message?.controlId).toMatch(/^RT\d{12}[0-9A-Z]{6}$/);
  expect(run.stdout).toContain(`test message ${message?.controlId ?? ''} to main`);
  const text = Buffer.from(message?.bytes ?? []).toString();
  expect(text.split('\r')[0]?.split('|')[10]).toBe('T');
  // What is to be compared by eye is what was sent.
  for (const line of ['表 ソ 能 予', '万 五 京 兆', '髙橋 﨑 ① 𠮷野']) {
    expect(run.stdout).toContain(line);
    expect(text).toContain(line);
  }
  expect(readdirSync(folder)).toEqual(['raisingd.yaml']);
});

test('two test messages of one second have different control IDs, and no result has such a one', () => {
  const ids = Array.from({ length: 200 }, () => testControlId(new Date(0), randomBytes(6)));
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(id).toMatch(/^RT700101000000[0-9A-Z]{6}$/);
});

test('only characters that the destination can carry are on the list to compare', async () => {
  const lis = await startTestLis();
  const { config } = configOf(at(lis.port, { profile: 'jahis' }));
  const { stdout } = await raisingd('lis', 'test', 'main', '--config', config);
  expect(stdout).toContain('万 五 京 兆');
  expect(stdout).not.toContain('髙橋');
});

test('a refusal is told in the words of the LIS, and is exit code 1', async () => {
  const lis = await startTestLis(() => ({ kind: 'answer', code: 'AE', error: '103' }));
  const { config } = configOf(at(lis.port));
  const run = await raisingd('lis', 'test', 'main', '--config', config);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain('AE, 103 table value not found');
  expect(run.stdout).toContain('the LIS: error 103 table value not found');
});

test('a LIS that is not there, or a destination that is not configured, is told with a remedy', async () => {
  const { config } = configOf(at(await closedPort()));
  const gone = await raisingd('lis', 'test', 'main', '--config', config);
  expect(gone.exitCode).toBe(1);
  expect(gone.stdout).toContain('Nothing was sent. Check the address');
  const unknown = await raisingd('lis', 'test', 'mian', '--config', config);
  expect(unknown).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('configured: main') as string,
  });
});

test('a test message for a folder becomes a file, also where results go in batches', async () => {
  const { config, folder } = configOf({ name: 'main', file: { folder: 'drop', batch: {} } });
  mkdirSync(join(folder, 'drop'));
  const run = await raisingd('lis', 'test', 'main', '--json', '--config', config);
  const told = JSON.parse(run.stdout) as { controlId: string };
  expect(told).toMatchObject({ destination: 'main', taken: true });
  expect(readFileSync(join(folder, 'drop', `${told.controlId}.hl7`), 'utf8')).toContain('万 五 京');
});

test('the receiver prints each message readably, and answers every n-th as it is told', async () => {
  const listen = ['lis', 'listen', '--port', '0', '--answer', 'AR', '--every', '2', '--count', '3'];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...listen]);
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const port = await until(() => {
    const found = /port (\d+)/.exec(out)?.[1];
    if (found === undefined) throw new Error('not yet');
    return Number(found);
  });
  const { config } = configOf(at(port));
  const codes: (number | null)[] = [];
  for (const _ of [1, 2, 3]) codes.push((await raisingd('lis', 'test', 'main', '--config', config)).exitCode);
  expect(codes).toEqual([0, 1, 0]);
  await ended;
  expect(child.exitCode).toBe(0);
  expect(out).toContain('PID-5   patient name                試験 ^ 太郎');
});

test('a port that no machine has is refused as it is given', async () => {
  const run = await raisingd('lis', 'listen', '--port', '99999');
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('It must be below 65536.')]);
});
