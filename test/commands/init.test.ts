import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { raisingd } from './command-line.ts';

const EXAMPLE = new URL('../../config/raisingd.example.yaml', import.meta.url);
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const hasScript = spawnSync('script', ['--version']).status === 0;

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'raisingd-init-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'etc', 'raisingd.yaml');
}

function loaded(file: string) {
  const read = loadConfig(file);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.config;
}

const words = (yaml: string): string[] => yaml.split('\n').filter((line) => /^ *# /.test(line));

describe('raisingd init', () => {
  test('writes what its options say, with every comment of the example, and never over a file unasked', async () => {
    const file = await place();
    const args = [
      'init',
      '--config',
      file,
      '--facility',
      'GENE LAB: 2',
      '--folder',
      '/srv/a',
      '/srv/b c',
      '--share',
    ];
    const lis = [
      '--lis-host',
      '10.1.2.3',
      '--lis-port',
      '6661',
      '--profile',
      'jahis',
      '--charset',
      'Shift_JIS',
    ];
    const site = ['--time-zone', 'Asia/Tokyo', '--language', 'ja', '--worklist', '/srv/lists'];
    const { exitCode, stdout } = await raisingd(...args, ...lis, ...site);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('is written, and valid')]);
    expect(loaded(file)).toMatchObject({
      dataDir: '/var/lib/raisingd',
      site: { facility: 'GENE LAB: 2', timeZone: 'Asia/Tokyo', language: 'ja' },
      watch: { folders: ['/srv/a', '/srv/b c'], polling: true },
      worklist: { folder: '/srv/lists', scanSeconds: 10 },
      lis: [
        {
          name: 'main',
          mllp: { host: '10.1.2.3', port: 6661 },
          profile: 'jahis',
          message: { charset: 'Shift_JIS', processingId: 'T' },
        },
      ],
    });
    const [written, example] = [await readFile(file, 'utf8'), await readFile(EXAMPLE, 'utf8')];
    expect(words(written).slice(1)).toEqual(words(example).slice(1));
    expect((await raisingd('check', '--config', file)).exitCode).toBe(0);

    expect((await raisingd(...args)).exitCode).toBe(1);
    expect(await readFile(file, 'utf8')).toBe(written);
    expect((await raisingd(...args, '--force')).exitCode).toBe(0);
    expect(loaded(file)).toMatchObject({ lis: [], site: { language: 'en' } });
  });

  test('writes nothing where the answers make no valid configuration', async () => {
    const file = await place();
    const { exitCode, stderr } = await raisingd(
      'init',
      '--config',
      file,
      '--time-zone',
      'Mars/Base',
      '--data-dir',
      '/srv/sequencer/db',
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain('site.timeZone: must be an IANA time zone');
    expect(stderr).toContain('watch.folders[0]: must not contain dataDir');
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  test('leaves the example as it is where nothing is answered otherwise', async () => {
    const file = await place();
    const answers = ['--time-zone', 'system', '--lis-host', '10.0.0.5', '--processing-id', 'P'];
    await raisingd('init', '--yes', '--config', file, ...answers);
    const schema = /\$schema=.*/;
    expect((await readFile(file, 'utf8')).replace(schema, '')).toBe(
      (await readFile(EXAMPLE, 'utf8')).replace(schema, ''),
    );
  });

  test.skipIf(!hasScript)('asks on a terminal, and an empty answer takes the preset', async () => {
    const file = await place();
    const command = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      MAIN,
      'init',
      '--config',
      file,
    ];
    const child = spawn('script', ['-qec', command.join(' '), '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const answers = [
      'ROOM7',
      '/srv/seq',
      'yes',
      '',
      'lis.example.org',
      '2600',
      '',
      '',
      '',
      '',
      'Asia/Tokyo',
      'ja',
    ];
    const shown = text(child.stdout);
    const asked = child.stdout;
    asked.on('data', (chunk: Buffer) => {
      // readline moves the cursor behind the question.
      if (/: (\P{L}\[\d+G)?$/u.test(chunk.toString())) child.stdin.write(`${answers.shift() ?? ''}\n`);
    });
    await once(child, 'exit');
    expect(await shown).toContain('Is it an SMB or NFS share (yes, no) [no]: ');
    expect(loaded(file)).toMatchObject({
      site: { facility: 'ROOM7', timeZone: 'Asia/Tokyo', language: 'ja' },
      watch: { folders: ['/srv/seq'], polling: true },
      lis: [{ mllp: { host: 'lis.example.org', port: 2600 }, message: { processingId: 'T' } }],
    });
  });

  test('refuses to write over a file that is no configuration at all', async () => {
    const file = (await place()).replace('/etc/', '/');
    await writeFile(file, 'mine\n');
    expect((await raisingd('init', '--yes', '--config', file)).exitCode).toBe(1);
    expect(await readFile(file, 'utf8')).toBe('mine\n');
  });
});
