import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromText, toBytes, toText } from '../../src/watch/path.ts';
import { endingMatcher, scanFolder } from '../../src/watch/scan.ts';
import { temporaryFolder } from './support.ts';

async function scan(folder: string, recursive = true) {
  const files: string[] = [];
  const outcome = await scanFolder(fromText(folder), {
    matches: endingMatcher(['.ab1']),
    recursive,
    onFile: (path) => files.push(toText(path).slice(folder.length + 1)),
    during: (operation) => operation,
  });
  const oddities =
    outcome.kind === 'scanned'
      ? outcome.oddities
          .map(({ path, detail }) => `${toText(path).slice(folder.length + 1)} ${detail}`)
          .sort()
      : [];
  return { files: files.sort(), outcome, oddities };
}

describe('a scan', () => {
  it('finds traces in subfolders, whatever the case of their ending', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'run 1/plate'), { recursive: true });
    for (const name of [
      'a.ab1',
      'B.AB1',
      'run 1/c.Ab1',
      'run 1/plate/d.ab1',
      'a.ab1.tmp',
      'ab1',
      'notes.txt',
    ]) {
      writeFileSync(join(folder, name), '');
    }
    const { files, outcome } = await scan(folder);
    expect(files).toEqual(['B.AB1', 'a.ab1', 'run 1/c.Ab1', 'run 1/plate/d.ab1']);
    expect(outcome).toMatchObject({ kind: 'scanned', complete: true, empty: false });
  });

  it('keeps the bytes of names that are not UTF-8', async () => {
    const folder = temporaryFolder();
    const shiftJis = Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67, 0x2e, 0x61, 0x62, 0x31]);
    const broken = Buffer.from([0xff, 0xfe, 0xc3, 0x2e, 0x41, 0x42, 0x31]);
    const found: Buffer[] = [];
    for (const name of [shiftJis, broken])
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), '');
    await scanFolder(fromText(folder), {
      matches: endingMatcher(['.ab1']),
      recursive: true,
      onFile: (path) => found.push(toBytes(path).subarray(folder.length + 1)),
      during: (operation) => operation,
    });
    expect(found.sort(Buffer.compare)).toEqual([shiftJis, broken].sort(Buffer.compare));
  });

  it('names links, FIFOs, sockets and folders that look like traces, and neither opens nor follows them', async () => {
    const folder = temporaryFolder();
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, 'secret.ab1'), 'x');
    symlinkSync(join(elsewhere, 'secret.ab1'), join(folder, 'link.ab1'));
    symlinkSync(elsewhere, join(folder, 'linked-folder'));
    execFileSync('mkfifo', [join(folder, 'fifo.ab1')]);
    mkdirSync(join(folder, 'folder.ab1'));
    writeFileSync(join(folder, 'folder.ab1/inner.ab1'), '');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket.ab1'), resolve));
    onTestFinished(() => void server.close());

    const { files, oddities } = await scan(folder);
    expect(files).toEqual(['folder.ab1/inner.ab1']);
    expect(oddities).toEqual([
      'fifo.ab1 is a FIFO, not a file, and is never opened',
      'folder.ab1 is a folder, not a file',
      'link.ab1 is a symbolic link and is not followed',
      'linked-folder is a symbolic link and is not followed',
      'socket.ab1 is a socket, not a file, and is never opened',
    ]);
  });

  it('stays in the folder itself where subfolders are not wanted', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'old'));
    writeFileSync(join(folder, 'old/a.ab1'), '');
    writeFileSync(join(folder, 'b.ab1'), '');
    expect((await scan(folder, false)).files).toEqual(['b.ab1']);
  });

  it.skipIf(process.getuid?.() === 0)('goes on beside a subfolder that it may not list', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'locked'));
    writeFileSync(join(folder, 'a.ab1'), '');
    chmodSync(join(folder, 'locked'), 0);
    onTestFinished(() => chmodSync(join(folder, 'locked'), 0o700));
    const { files, outcome, oddities } = await scan(folder);
    expect(files).toEqual(['a.ab1']);
    expect(oddities).toEqual(['locked cannot be listed: EACCES']);
    expect(outcome).toMatchObject({ complete: false });
  });

  it('calls a missing folder unavailable', async () => {
    const folder = temporaryFolder();
    rmSync(folder, { recursive: true });
    expect((await scan(folder)).outcome).toEqual({ kind: 'unavailable', detail: 'ENOENT' });
    writeFileSync(folder, '');
    expect((await scan(folder)).outcome).toEqual({ kind: 'unavailable', detail: 'is not a folder' });
  });
});
