import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileSet } from '../../src/watch/file-set.ts';
import { createPulse } from '../../src/watch/pulse.ts';
import { endingMatcher } from '../../src/watch/scan.ts';
import { until } from '../until.ts';
import { temporaryFolder } from './support.ts';

function watchSet(folder: string) {
  const sets: Record<string, string>[] = [];
  const complaints: string[] = [];
  const ahead: boolean[] = [];
  const now = (): number => performance.now();
  const set = createFileSet({
    folder,
    scanMs: 30,
    rules: { quietMs: 30, giveUpMs: 1000 },
    maxBytes: 1000,
    matches: endingMatcher(['.csv']),
    pulse: createPulse(now),
    hangMs: 10_000,
    now,
    interpret: (bytes) => Buffer.from(bytes).toString(),
    unread: 'unread',
    isAhead: (mtimeNs) => Number(mtimeNs / 1_000_000n) > Date.now(),
    onChange(files) {
      sets.push(Object.fromEntries(files.map(({ name, value }) => [name, value])));
      ahead.push(files.some(({ isAhead }) => isAhead));
    },
    complain: (_path, detail) => complaints.push(detail),
  });
  const running = set.run();
  onTestFinished(async () => {
    set.stop();
    await running;
  });
  return { sets, complaints, ahead, set };
}

describe('a folder of small files', () => {
  it('is told as a whole, first when empty too, and whenever a file comes, changes or goes', async () => {
    const folder = temporaryFolder();
    const { sets } = watchSet(folder);
    await until(() => expect(sets).toEqual([{}]));
    writeFileSync(join(folder, 'a.csv'), '1');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    await until(() => expect(sets.at(-1)).toEqual({ 'a.csv': '1' }));
    writeFileSync(join(folder, 'B.CSV'), '2');
    await until(() => expect(sets.at(-1)).toEqual({ 'a.csv': '1', 'B.CSV': '2' }));
    writeFileSync(join(folder, 'a.csv'), '3');
    await until(() => expect(sets.at(-1)).toEqual({ 'a.csv': '3', 'B.CSV': '2' }));
    rmSync(join(folder, 'B.CSV'));
    await until(() => expect(sets.at(-1)).toEqual({ 'a.csv': '3' }));
  });

  it('keeps what a file said while it is being written anew', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), 'old');
    const { sets, set } = watchSet(folder);
    await until(() => expect(sets).toEqual([{ 'a.csv': 'old' }]));
    writeFileSync(join(folder, 'a.csv'), '');
    const writing = setInterval(() => appendFileSync(join(folder, 'a.csv'), '.'), 5);
    await until(() => expect(set.status().waiting).toBe(1));
    clearInterval(writing);
    expect(sets).toHaveLength(1);
    await until(() => expect(sets).toHaveLength(2));
    expect(sets[1]?.['a.csv']).toMatch(/^\.+$/);
  });

  it('stays as it was while the folder is not there', async () => {
    const folder = join(temporaryFolder(), 'worklists');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.csv'), '1');
    const { sets, set } = watchSet(folder);
    await until(() => expect(sets).toEqual([{ 'a.csv': '1' }]));
    renameSync(folder, `${folder}.away`);
    await until(() => expect(set.status().state).toBe('unavailable'));
    renameSync(`${folder}.away`, folder);
    await until(() => expect(set.status().state).toBe('available'));
    expect(sets).toHaveLength(1);
  });

  it('names a file that is too large, tells once why, and reads it when it is small again', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), 'x'.repeat(1001));
    const { sets, complaints } = watchSet(folder);
    await until(() => expect(sets).toEqual([{ 'a.csv': 'unread' }]));
    writeFileSync(join(folder, 'b.csv'), '1');
    await until(() => expect(sets.at(-1)).toEqual({ 'a.csv': 'unread', 'b.csv': '1' }));
    expect(complaints).toEqual(['is too-large and is not read']);
    writeFileSync(join(folder, 'a.csv'), '2');
    await until(() => expect(sets.at(-1)).toEqual({ 'a.csv': '2', 'b.csv': '1' }));
  });

  it('is told again when the time of a file that was still to come has come', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.csv');
    writeFileSync(file, '1');
    const soon = new Date(Date.now() + 1000);
    utimesSync(file, soon, soon);
    const { sets, ahead } = watchSet(folder);
    await until(() => expect(ahead).toEqual([true, false]));
    expect(sets).toEqual([{ 'a.csv': '1' }, { 'a.csv': '1' }]);
  });
});
