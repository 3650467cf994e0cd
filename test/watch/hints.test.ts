import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHints } from '../../src/watch/hints.ts';
import { fromText, toText } from '../../src/watch/path.ts';
import { scanFolder } from '../../src/watch/scan.ts';
import type { Scanned } from '../../src/watch/scan.ts';
import { until } from '../until.ts';
import { temporaryFolder } from './support.ts';

async function scan(folder: string): Promise<Scanned> {
  const scanned = await scanFolder(fromText(folder), {
    matches: () => false,
    recursive: true,
    onFile: () => undefined,
    during: (operation) => operation,
  });
  if (scanned.kind !== 'scanned') throw new Error(scanned.detail);
  return scanned;
}

function listen(polling = false) {
  const hinted = new Set<string>();
  const troubles: string[] = [];
  const hints = createHints({
    polling,
    pollMs: 20,
    onHint: (path) => hinted.add(toText(path)),
    onTrouble: (detail) => troubles.push(detail),
  });
  onTestFinished(() => hints.close());
  return { hints, hinted, troubles };
}

/** Writes until somebody notices: listening begins a moment after it was asked for. */
async function noticed(hinted: Set<string>, path: string, named = path): Promise<void> {
  let times = 0;
  await until(() => {
    writeFileSync(path, String(++times));
    expect([...hinted]).toContain(named);
  });
}

describe('listening to folders', () => {
  it('names the file that something happened to, in each folder that was scanned', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'run'));
    const { hints, hinted } = listen();
    hints.listen(await scan(folder));
    await noticed(hinted, join(folder, 'a.ab1'));
    await noticed(hinted, join(folder, 'run/b.ab1'));
    mkdirSync(join(folder, 'later'));
    hints.listen(await scan(folder));
    await noticed(hinted, join(folder, 'later/c.ab1'));
  });

  it('hears again from a folder that was replaced by another', async () => {
    const folder = join(temporaryFolder(), 'share');
    mkdirSync(folder);
    const { hints, hinted } = listen();
    hints.listen(await scan(folder));
    await noticed(hinted, join(folder, 'a.ab1'));
    renameSync(folder, `${folder}.away`);
    mkdirSync(folder);
    hints.listen(await scan(folder));
    await noticed(hinted, join(folder, 'b.ab1'));
  });

  it('asks the folders themselves where it has to poll', async () => {
    const folder = temporaryFolder();
    const { hints, hinted } = listen(true);
    hints.listen(await scan(folder));
    let times = 0;
    await until(() => {
      writeFileSync(join(folder, `${++times}.ab1`), '');
      expect([...hinted]).toContain(folder);
    });
  });

  it('opens no FIFO and tells of no trouble with one', async () => {
    const folder = temporaryFolder();
    const { hints, hinted, troubles } = listen();
    hints.listen(await scan(folder));
    await noticed(hinted, join(folder, 'a.ab1'));
    execFileSync('mkfifo', [join(folder, 'fifo.ab1')]);
    await until(() => expect([...hinted]).toContain(join(folder, 'fifo.ab1')));
    await noticed(hinted, join(folder, 'b.ab1'));
    expect(troubles).toEqual([]);
  });
});
