import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { readWholeFile, readWholeFileSync, stampOf } from '../../src/watch/read-file.ts';
import { temporaryFolder } from './support.ts';

const scratch = Buffer.alloc(4);
const ways = [
  ['beside other work', readWholeFile],
  ['on a thread that waits', (path: Buffer, maxBytes: number) => readWholeFileSync(path, maxBytes, scratch)],
] as const;

describe.each(ways)('reading a file %s', (_way, readFile) => {
  const read = async (path: string, maxBytes = 1000) => await readFile(Buffer.from(path), maxBytes);

  it('gives its bytes, size and time', async () => {
    const path = join(temporaryFolder(), 'a.ab1');
    writeFileSync(path, 'hello');
    const outcome = await read(path);
    expect(outcome).toMatchObject({ kind: 'read', size: 5 });
    if (outcome.kind !== 'read') return;
    expect(outcome.bytes.toString()).toBe('hello');
    expect(outcome.mtimeNs).toBeGreaterThan(1_000_000_000_000_000_000n);
  });

  it('takes a file of no bytes for what it is', async () => {
    const path = join(temporaryFolder(), 'a.ab1');
    writeFileSync(path, '');
    expect(await read(path)).toMatchObject({ kind: 'read', size: 0 });
  });

  it('does not read a file above the limit', async () => {
    const path = join(temporaryFolder(), 'a.ab1');
    writeFileSync(path, 'x'.repeat(1001));
    expect(await read(path)).toMatchObject({ kind: 'too-large', size: 1001 });
    expect(await read(path, 1001)).toMatchObject({ kind: 'read' });
  });

  it('says that a file is gone', async () => {
    expect(await read(join(temporaryFolder(), 'none.ab1'))).toEqual({ kind: 'gone' });
  });

  it('neither waits for a FIFO nor follows a link nor opens a socket or a folder', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'real.ab1'), 'x');
    symlinkSync(join(folder, 'real.ab1'), join(folder, 'link.ab1'));
    mkdirSync(join(folder, 'folder.ab1'));
    // More FIFOs than Node has threads for files: waiting for one would show.
    const fifos = Array.from({ length: 8 }, (_, at) => join(folder, `fifo${at}.ab1`));
    execFileSync('mkfifo', fifos);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket.ab1'), resolve));
    onTestFinished(() => void server.close());

    const odd = [...fifos, ...['link', 'folder', 'socket'].map((name) => join(folder, `${name}.ab1`))];
    for (const outcome of await Promise.all(odd.map((path) => read(path)))) {
      expect(outcome).toEqual({ kind: 'not-a-file' });
    }
    expect(await read('/dev/null')).toEqual({ kind: 'not-a-file' });
  });

  it.skipIf(process.getuid?.() === 0)('says why a file cannot be read', async () => {
    const path = join(temporaryFolder(), 'a.ab1');
    writeFileSync(path, 'x');
    chmodSync(path, 0);
    expect(await read(path)).toEqual({ kind: 'unreadable', code: 'EACCES' });
  });
});

test('a file that grows while it is read is not given', async () => {
  const path = join(temporaryFolder(), 'a.ab1');
  writeFileSync(path, Buffer.alloc(64 * 2 ** 20));
  const reading = readWholeFile(Buffer.from(path), 2 ** 30);
  const growing = setInterval(() => appendFileSync(path, 'x'), 1);
  const outcome = await reading;
  clearInterval(growing);
  expect(outcome).toEqual({ kind: 'changing' });
});

test.each([
  ['in 2400', 13_569_465_600_000_000_000n, 2n ** 63n - 1n],
  ['in 1601, which Windows takes for no time', -11_644_473_600_000_000_000n, -(2n ** 63n) + 1n],
  ['in 2025', 1_763_800_215_250_000_000n, 1_763_800_215_250_000_000n],
])('the time of a file %s is kept within what the database can hold', (_, mtimeNs, kept) => {
  expect(stampOf({ size: 5n, mtimeNs })).toEqual({ size: 5, mtimeNs: kept });
});
