import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/watch/path.ts';
import { readWholeFile } from '../../src/watch/read-file.ts';
import { createTakenFiles } from '../../src/watch/taken.ts';
import { until } from '../until.ts';
import { temporaryFolder, traceOf, watchFolder } from './support.ts';

describe('a watched folder', () => {
  it('gives each finished trace once, those of before the start too', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old.ab1'), traceOf('old'));
    const { findings, analysed, loop } = watchFolder(folder);
    await until(() => expect(analysed()).toEqual(['old.ab1']));
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run/new.AB1'), traceOf('new'));
    await until(() => expect(analysed()).toEqual(['new.AB1', 'old.ab1']));
    const [first] = findings;
    expect(first?.kind === 'analysed' && first.analysis.origin?.sample).toBe('old');
    expect(loop.status()).toMatchObject({ folder, state: 'available', files: 2, waiting: 0 });
  });

  it('waits for a slow writer, who writes in pieces', async () => {
    const folder = temporaryFolder();
    const watched = watchFolder(folder, { listen: true });
    const bytes = traceOf('slow');
    const file = openSync(join(folder, 'slow.ab1'), 'w');
    const step = Math.ceil(bytes.length / 8);
    for (let at = 0; at < bytes.length; at += step) {
      writeSync(file, bytes.subarray(at, at + step));
      await pause(30);
    }
    closeSync(file);
    await until(() => expect(watched.analysed()).toEqual(['slow.ab1']));
    expect(watched.findings).toHaveLength(1);
    expect(watched.findings[0]?.file.size).toBe(bytes.length);
  });

  it('waits for a file that stops half-way, for as long as that takes', async () => {
    const folder = temporaryFolder();
    const looks: number[] = [];
    const watched = watchFolder(folder, {
      read: (path, maxBytes) => {
        looks.push(performance.now());
        return readWholeFile(path, maxBytes);
      },
    });
    const bytes = traceOf('half');
    writeFileSync(join(folder, 'half.ab1'), bytes.subarray(0, 900));
    await until(() => expect(looks.length).toBeGreaterThan(4));
    expect(watched.findings).toEqual([]);
    appendFileSync(join(folder, 'half.ab1'), bytes.subarray(900));
    await until(() => expect(watched.analysed()).toEqual(['half.ab1']));
    expect(watched.findings).toHaveLength(1);
  });

  it('is not deceived by a file whose size is final and whose content still is zeros', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'reserved.ab1');
    const bytes = traceOf('reserved');
    let looks = 0;
    const watched = watchFolder(folder, {
      read: (name, maxBytes) => {
        looks += 1;
        return readWholeFile(name, maxBytes);
      },
    });
    writeFileSync(path, Buffer.alloc(bytes.length));
    utimesSync(path, 1e9, 1e9);
    await until(() => expect(looks).toBeGreaterThan(3));
    expect(watched.findings).toEqual([]);
    // A share may keep the time, too: only the content tells.
    writeFileSync(path, bytes);
    utimesSync(path, 1e9, 1e9);
    await until(() => expect(watched.analysed()).toEqual(['reserved.ab1']));
    expect(watched.findings[0]?.file.mtimeNs).toBe(1_000_000_000_000_000_000n);
  });

  it('takes a file that was written under another name by its last name', async () => {
    const folder = temporaryFolder();
    const watched = watchFolder(folder, { listen: true });
    writeFileSync(join(folder, 'a.ab1.tmp'), traceOf('renamed'));
    renameSync(join(folder, 'a.ab1.tmp'), join(folder, 'a.ab1'));
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));
    expect(watched.findings).toHaveLength(1);
  });

  it('only mentions content that it knows already: a copy, and a touched file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    const watched = watchFolder(folder);
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));
    copyFileSync(join(folder, 'a.ab1'), join(folder, 'copy.ab1'));
    await until(() =>
      expect(watched.findings[1]).toMatchObject({ kind: 'sighting', file: { name: 'copy.ab1' } }),
    );
    utimesSync(join(folder, 'a.ab1'), 1e9, 1e9);
    await until(() =>
      expect(watched.findings[2]).toMatchObject({ kind: 'sighting', file: { name: 'a.ab1' } }),
    );
  });

  it('gives a rewritten file again', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ab1'), traceOf('first'));
    const watched = watchFolder(folder);
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));
    writeFileSync(join(folder, 'a.ab1'), traceOf('second'));
    await until(() => expect(watched.analysed()).toEqual(['a.ab1', 'a.ab1']));
    const samples = watched.findings.map(
      (found) => found.kind === 'analysed' && found.analysis.origin?.sample,
    );
    expect(samples).toEqual(['first', 'second']);
  });

  it('does not look again at what was taken in an earlier life', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.ab1');
    writeFileSync(path, traceOf('a'));
    writeFileSync(join(folder, 'b.ab1'), traceOf('b'));
    const { size, mtimeNs } = statSync(path, { bigint: true });
    const taken = createTakenFiles();
    taken.take(fromText(path), { size: Number(size), mtimeNs });
    const watched = watchFolder(folder, { taken });
    await until(() => expect(watched.analysed()).toEqual(['b.ab1']));
    expect(watched.findings).toHaveLength(1);
  });

  it('gives up on an unfinished file in the end, and says so', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'cut.ab1'), traceOf('cut').subarray(0, 900));
    writeFileSync(join(folder, 'empty.ab1'), '');
    writeFileSync(join(folder, 'other-empty.ab1'), '');
    const watched = watchFolder(folder, { rules: { quietMs: 50, giveUpMs: 300 } });
    await until(() => expect(watched.findings).toHaveLength(3));
    const byName = watched.findings.toSorted((a, b) => (a.file.name < b.file.name ? -1 : 1));
    expect(byName).toMatchObject([
      { kind: 'analysed', analysis: { status: 'fail', reasons: [{ code: 'INCOMPLETE_FILE' }] } },
      { kind: 'unusable', file: { name: 'empty.ab1' }, reason: { code: 'INCOMPLETE_FILE' } },
      { kind: 'unusable', file: { name: 'other-empty.ab1' }, reason: { code: 'INCOMPLETE_FILE' } },
    ]);
  });

  it('rejects what is no trace once it has come to rest, and a huge file without reading it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'letter.ab1'), 'Dear colleague');
    writeFileSync(join(folder, 'huge.ab1'), Buffer.alloc(5000));
    const watched = watchFolder(folder, { maxBytes: 4000 });
    await until(() => expect(watched.findings).toHaveLength(2));
    expect(watched.findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'unusable',
          reason: { code: 'FILE_TOO_LARGE', detail: '5000 bytes where watch.maxFileMiB allows 4000' },
        }),
        expect.objectContaining({
          kind: 'analysed',
          analysis: expect.objectContaining({ reasons: [expect.objectContaining({ code: 'NOT_ABIF' })] }),
        }),
      ]),
    );
  });

  it('scores names that are not UTF-8', async () => {
    const folder = temporaryFolder();
    const watched = watchFolder(folder, { listen: true });
    const name = Buffer.from([0x53, 0x32, 0x35, 0x2d, 0x83, 0x65, 0xff, 0x2e, 0x61, 0x62, 0x31]);
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    writeFileSync(path, traceOf('shift-jis'));
    await until(() => expect(watched.findings).toHaveLength(1));
    expect(Buffer.from(watched.findings[0]?.file.path ?? [])).toEqual(path);
    expect(watched.findings[0]?.file.name).toBe('S25-\uFFFDe\uFFFD.ab1');
  });

  it('is not blocked by FIFOs and links, and tells of each once', async () => {
    const folder = temporaryFolder();
    execFileSync(
      'mkfifo',
      Array.from({ length: 8 }, (_, at) => join(folder, `fifo${at}.ab1`)),
    );
    symlinkSync('/etc/passwd', join(folder, 'link.ab1'));
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    let scans = 0;
    const watched = watchFolder(folder, { onScanned: () => (scans += 1) });
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));
    await until(() => expect(scans).toBeGreaterThan(3));
    expect(watched.complaints).toHaveLength(9);
    expect(watched.complaints).toContainEqual({
      path: join(folder, 'link.ab1'),
      detail: 'is a symbolic link and is not followed',
    });
  });

  it('tells once of a file that cannot be read, and takes it when it can', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    let refusals = 0;
    const watched = watchFolder(folder, {
      read: async (path, maxBytes) => {
        if (refusals < 3) {
          refusals += 1;
          watched.loop.hint(fromText(join(folder, 'a.ab1')), false);
          return { kind: 'unreadable', code: 'EIO' };
        }
        return await readWholeFile(path, maxBytes);
      },
    });
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));
    expect(watched.complaints).toEqual([{ path: join(folder, 'a.ab1'), detail: 'cannot be read: EIO' }]);
  });

  it('keeps scoring the others when the program itself fails on one file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    const watched = watchFolder(folder, {
      score: () => {
        throw new Error('a defect');
      },
    });
    await until(() =>
      expect(watched.findings).toMatchObject([
        { kind: 'unusable', reason: { code: 'ANALYSIS_FAILED', detail: 'a defect' } },
      ]),
    );
  });

  it('is unavailable while it is away, forgets nothing, and resumes', async () => {
    const folder = temporaryFolder();
    const inner = join(folder, 'share');
    mkdirSync(inner);
    writeFileSync(join(inner, 'a.ab1'), traceOf('a'));
    const watched = watchFolder(inner, { listen: true });
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));

    renameSync(inner, join(folder, 'unmounted'));
    await until(() =>
      expect(watched.loop.status()).toMatchObject({ state: 'unavailable', detail: 'ENOENT' }),
    );
    renameSync(join(folder, 'unmounted'), inner);
    await until(() => expect(watched.loop.status().state).toBe('available'));

    rmSync(inner, { recursive: true });
    await until(() => expect(watched.loop.status().state).toBe('unavailable'));
    mkdirSync(inner);
    await until(() => expect(watched.loop.status().state).toBe('available'));
    writeFileSync(join(inner, 'b.ab1'), traceOf('b'));
    await until(() => expect(watched.analysed()).toEqual(['a.ab1', 'b.ab1']));
    expect(watched.findings).toHaveLength(2);
    expect(watched.complaints).toEqual([]);
  });

  it('tries again later when the process has run out of files to open', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(folder, `${name}.ab1`), traceOf(name));
    let full = true;
    let tries = 0;
    const watched = watchFolder(folder, {
      read: async (path, maxBytes) => {
        tries += 1;
        return full ? { kind: 'exhausted', code: 'EMFILE' } : await readWholeFile(path, maxBytes);
      },
    });
    await until(() => expect(tries).toBeGreaterThan(0));
    full = false;
    for (const name of ['a', 'b', 'c', 'd']) watched.loop.hint(fromText(join(folder, `${name}.ab1`)), false);
    await until(() => expect(watched.analysed()).toHaveLength(4));
    expect(watched.complaints).toEqual([{ path: folder, detail: 'no more files can be opened: EMFILE' }]);
  });

  it('says that the share hangs while a read does not return, and goes on when it does', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    const release = Promise.withResolvers<undefined>();
    const watched = watchFolder(folder, {
      hangMs: 100,
      read: async (path, maxBytes) => {
        await release.promise;
        return await readWholeFile(path, maxBytes);
      },
    });
    await until(() => expect(watched.loop.status().state).toBe('hanging'));
    release.resolve(undefined);
    await until(() => expect(watched.analysed()).toEqual(['a.ab1']));
    expect(watched.loop.status().state).toBe('available');
  });

  it('needs no scan to find a new file where it is told of events', async () => {
    const folder = temporaryFolder();
    const watched = watchFolder(folder, { listen: true, scanMs: 3_600_000 });
    await until(() => expect(watched.loop.status().state).toBe('available'));
    let written = 0;
    // Listening begins a moment after the scan: what is written before that is for the next scan.
    await until(() => {
      writeFileSync(join(folder, `${++written}.ab1`), traceOf(String(written)));
      expect(watched.analysed().length).toBeGreaterThan(0);
    });
    mkdirSync(join(folder, 'run'));
    await until(() => {
      writeFileSync(join(folder, `run/${++written}.ab1`), traceOf(String(written)));
      expect(watched.findings.some(({ file }) => Buffer.from(file.path).includes('/run/'))).toBe(true);
    });
  });
});
