import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FileDrop } from '../../src/config/transport.ts';
import type { Client, Sendable } from '../../src/deliver/client.ts';
import { createFileClient } from '../../src/deliver/file.ts';
import { silentLog } from '../../src/platform/log.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { temporaryFolder } from './support/servers.ts';
import { until } from '../until.ts';

const message = (controlId: string): Sendable => ({ controlId, bytes: messageBytes(controlId) });

function clientOf(folder: string, more: Partial<FileDrop> = {}, seconds = 20): Client {
  const client = createFileClient({
    name: 'main',
    seconds,
    file: { folder, extension: '.hl7', ...more },
    stamp: () => '20251122103015+0900',
    log: silentLog,
  });
  onTestFinished(() => client.close());
  return client;
}

const visible = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('.'));

test('each message becomes a file of its own, byte for byte, with nothing beside it', async () => {
  const folder = await temporaryFolder();
  const client = clientOf(folder);
  expect(await client.send(message('RD1'))).toEqual({ kind: 'written', file: 'RD1.hl7' });
  expect(await client.send(message('RD2'))).toEqual({ kind: 'written', file: 'RD2.hl7' });
  expect(readdirSync(folder).sort()).toEqual(['RD1.hl7', 'RD2.hl7']);
  expect(readFileSync(join(folder, 'RD1.hl7'))).toEqual(Buffer.from(messageBytes('RD1')));
});

test('a repeat gives the same file and not another', async () => {
  const folder = await temporaryFolder();
  const client = clientOf(folder);
  for (const _ of [1, 2]) await client.send(message('RD1'));
  expect(readdirSync(folder)).toEqual(['RD1.hl7']);
});

test('a folder that is not there is not made: its share may be away', async () => {
  const folder = join(await temporaryFolder(), 'share');
  const client = clientOf(folder);
  expect(await client.send(message('RD1'))).toEqual({ kind: 'unwritable', code: 'ENOENT' });
  mkdirSync(folder);
  expect(await client.send(message('RD1'))).toMatchObject({ kind: 'written' });
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written is named (skipped for root)',
  async () => {
    const folder = await temporaryFolder();
    chmodSync(folder, 0o500);
    onTestFinished(() => chmodSync(folder, 0o700));
    expect(await clientOf(folder).send(message('RD1'))).toEqual({ kind: 'unwritable', code: 'EACCES' });
  },
);

test('a full batch is one file with all its messages, its counts and a time not before theirs', async () => {
  const folder = await temporaryFolder();
  const client = clientOf(folder, { batch: { messages: 3, seconds: 3600 } });
  for (const id of ['RD1', 'RD2']) await client.send(message(id));
  expect(visible(folder)).toEqual([]);
  await client.send(message('RD3'));
  expect(visible(folder)).toEqual(['RD1-3.hl7']);
  const text = readFileSync(join(folder, 'RD1-3.hl7'), 'utf8');
  const [fhs, bhs, ...rest] = text.split('\r');
  expect(fhs).toBe('FHS|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||||RD1');
  expect(bhs).toBe('BHS|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||||RD1');
  expect(rest.slice(-3)).toEqual(['BTS|3', 'FTS|1', '']);
  const bodies = ['RD1', 'RD2', 'RD3'].map((id) => Buffer.from(messageBytes(id)).toString()).join('');
  expect(text).toContain(`\r${bodies}BTS|3`);
});

test('a batch that is not full is ended in time', async () => {
  const folder = await temporaryFolder();
  const client = clientOf(folder, { batch: { messages: 100, seconds: 0.05 } });
  await client.send(message('RD1'));
  await until(() => expect(visible(folder)).toEqual(['RD1-1.hl7']));
  await client.send(message('RD2'));
  await until(() => expect(visible(folder)).toEqual(['RD1-1.hl7', 'RD2-1.hl7']));
});

test('a batch that was open at a stop is ended by it', async () => {
  const folder = await temporaryFolder();
  const client = clientOf(folder, { batch: { messages: 100, seconds: 3600 } });
  await client.send(message('RD1'));
  await client.close();
  await until(() => expect(visible(folder)).toEqual(['RD1-1.hl7']));
});

test('what a crash left in an open batch is in one after the next start, and half a file is not', async () => {
  const folder = await temporaryFolder();
  const waiting = join(folder, '.raisingd-main');
  mkdirSync(waiting);
  writeFileSync(join(waiting, 'RD1.waiting'), messageBytes('RD1'));
  writeFileSync(join(waiting, 'RD2.waiting.tmp'), messageBytes('RD2').subarray(0, 50));
  clientOf(folder, { batch: { messages: 100, seconds: 3600 } });
  await until(() => expect(visible(folder)).toEqual(['RD1-1.hl7']));
  expect(readFileSync(join(folder, 'RD1-1.hl7'), 'utf8')).not.toContain('RD2');
});

test('a batch that was open when the share went away is ended once it is back, without another message', async () => {
  const parent = await temporaryFolder();
  const [folder, away] = [join(parent, 'share'), join(parent, 'away')];
  mkdirSync(join(away, '.raisingd-main'), { recursive: true });
  writeFileSync(join(away, '.raisingd-main', 'RD1.waiting'), messageBytes('RD1'));
  clientOf(folder, { batch: { messages: 100, seconds: 0.05 } });
  renameSync(away, folder);
  await until(() => expect(visible(folder)).toEqual(['RD1-1.hl7']));
});

test('a batch that cannot be written keeps its messages until it can', async () => {
  const folder = await temporaryFolder();
  const client = clientOf(folder, { batch: { messages: 2, seconds: 3600 } });
  await client.send(message('RD1'));
  // In the way of the batch: a folder of its name.
  mkdirSync(join(folder, 'RD1-2.hl7'));
  expect(await client.send(message('RD2'))).toMatchObject({ kind: 'unwritable' });
  rmSync(join(folder, 'RD1-2.hl7'), { recursive: true });
  expect(await client.send(message('RD2'))).toMatchObject({ kind: 'written' });
  expect(statSync(join(folder, 'RD1-2.hl7')).isFile()).toBe(true);
});

test.skipIf(!hasMkfifo())('a share that hangs is given up, and a stop does not wait for it', async () => {
  const folder = await temporaryFolder();
  // Opening a FIFO that nobody reads hangs, as a share does whose server is gone.
  const fifo = join(folder, 'RD1.hl7.tmp');
  execFileSync('mkfifo', [fifo]);
  const client = clientOf(folder, {}, 0.3);
  expect(await client.send(message('RD1'))).toEqual({ kind: 'unwritable', code: 'no answer within 0.3 s' });
  const stop = new AbortController();
  const outcome = client.send(message('RD1'), stop.signal);
  stop.abort();
  expect(await outcome).toEqual({ kind: 'stopped' });
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  await client.close();
  closeSync(reader);
});

function hasMkfifo(): boolean {
  try {
    execFileSync('mkfifo', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
