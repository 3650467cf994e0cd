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
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FileDrop } from '../../src/config/transport.ts';
import type { Client, Sendable } from '../../src/deliver/client.ts';
import { createFileClient } from '../../src/deliver/file.ts';
import { createKnownFolders, type KnownFolders } from '../../src/deliver/known-folders.ts';
import { messageBytes } from './support/memory-outbox.ts';
import { temporaryFolder } from './support/servers.ts';

const message = (controlId: string): Sendable => ({ controlId, bytes: messageBytes(controlId) });

function clientOf(
  folder: string,
  more: Partial<FileDrop> = {},
  seconds = 20,
  knownFolders: KnownFolders | null = null,
): Client {
  const client = createFileClient({
    seconds,
    file: { folder, extension: '.hl7', ...more },
    knownFolders,
    stamp: () => '20251122103015+0900',
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

test('a batch is one file with all its messages, its counts and a time not before theirs', async () => {
  const folder = await temporaryFolder();
  const { batches } = clientOf(folder, { batch: { messages: 3, seconds: 3600 } });
  const ids = ['RD1', 'RD2', 'RD3'] as const;
  const written = await batches?.send([message('RD1'), message('RD2'), message('RD3')]);
  expect(written).toEqual({ kind: 'written', file: 'RD1-3.hl7' });
  expect(visible(folder)).toEqual(['RD1-3.hl7']);
  const text = readFileSync(join(folder, 'RD1-3.hl7'), 'utf8');
  const [fhs, bhs, ...rest] = text.split('\r');
  expect(fhs).toBe('FHS|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||||RD1');
  expect(bhs).toBe('BHS|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||||RD1');
  expect(rest.slice(-3)).toEqual(['BTS|3', 'FTS|1', '']);
  const bodies = ids.map((id) => Buffer.from(messageBytes(id)).toString()).join('');
  expect(text).toContain(`\r${bodies}BTS|3`);
});

describe('a folder that may be a share', () => {
  /** What a new start of the service knows. */
  const knownTo = (dataDir: string): KnownFolders => createKnownFolders(dataDir);
  const markedFolder = async () => {
    const root = await temporaryFolder();
    const [dataDir, folder, away] = [join(root, 'data'), join(root, 'share'), join(root, 'away')];
    for (const one of [dataDir, folder]) mkdirSync(one);
    const send = (id: string) => clientOf(folder, {}, 20, knownTo(dataDir)).send(message(id));
    expect(await send('RD1')).toEqual({ kind: 'written', file: 'RD1.hl7' });
    return { dataDir, folder, away, send, mark: join(folder, '.raisingd') };
  };
  const strange = {
    kind: 'unwritable',
    code: 'it lacks its .raisingd: is its share mounted? If it is the right one, make an empty .raisingd in it',
  };

  test('is written to at once when it is new, and is not written to below while it is away', async () => {
    const { folder, away, send } = await markedFolder();
    expect(readdirSync(folder).sort()).toEqual(['.raisingd', 'RD1.hl7']);
    renameSync(folder, away);
    mkdirSync(folder);
    expect(await send('RD2')).toEqual(strange);
    expect(readdirSync(folder)).toEqual([]);
    rmdirSync(folder);
    renameSync(away, folder);
    expect(await send('RD2')).toEqual({ kind: 'written', file: 'RD2.hl7' });
  });

  test('may be replaced by another one that a person marks, and then the first one is the strange one', async () => {
    const { folder, away, send, mark } = await markedFolder();
    renameSync(folder, away);
    mkdirSync(folder);
    writeFileSync(mark, '');
    expect(await send('RD2')).toEqual({ kind: 'written', file: 'RD2.hl7' });
    rmSync(folder, { recursive: true });
    renameSync(away, folder);
    expect(await send('RD3')).toEqual(strange);
    truncateSync(mark);
    expect(await send('RD3')).toEqual({ kind: 'written', file: 'RD3.hl7' });
  });

  test('that another installation writes to as well is shared with it', async () => {
    const { folder, send, mark } = await markedFolder();
    const before = readFileSync(mark, 'utf8');
    const theirs = clientOf(folder, {}, 20, knownTo(await temporaryFolder()));
    expect(await theirs.send(message('XX1'))).toMatchObject({ kind: 'written' });
    expect(await send('RD2')).toMatchObject({ kind: 'written' });
    expect(readFileSync(mark, 'utf8')).toBe(before);
  });

  test('is met by two destinations of one service at the same time', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'share');
    mkdirSync(folder);
    const known = knownTo(root);
    const both = ['RD1', 'RD2'].map((id) => clientOf(folder, {}, 20, known).send(message(id)));
    expect(await Promise.all(both)).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
    expect(await clientOf(folder, {}, 20, knownTo(root)).send(message('RD3'))).toMatchObject({
      kind: 'written',
    });
  });

  test('is not written to while it cannot be told whether it was written to before', async () => {
    const { dataDir, folder, send } = await markedFolder();
    writeFileSync(join(dataDir, 'output-folders.json'), 'torn');
    expect(await send('RD2')).toEqual({
      kind: 'unwritable',
      code: 'output-folders.json in dataDir cannot be read (SyntaxError)',
    });
    expect(visible(folder)).toEqual(['RD1.hl7']);
  });
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
  client.close();
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
