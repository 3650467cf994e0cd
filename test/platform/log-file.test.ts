import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../until.ts';

/** A process that logs a line at its start, and another for each byte that it is sent. */
const PROGRAM = `
import { createLog } from ${JSON.stringify(new URL('../../src/platform/log.ts', import.meta.url).href)};
const log = createLog({ level: 'info', file: process.argv[1] }, 'stdout');
log.info('first');
process.stdin.on('data', (bytes) => bytes.forEach(() => log.info('further')));
`;

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'raisingd-log-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function start(file: string) {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PROGRAM, file];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  const says = (words: string): Promise<void> => until(() => expect(said).toContain(words));
  return { child, says, said: () => said };
}

test('a log file is written beside standard output, in a folder that is made for it', async () => {
  const file = join(await folder(), 'logs', 'raisingd.log');
  const { says, said } = start(file);
  await says('"message":"first"');
  await until(async () => expect(await readFile(file, 'utf8')).toContain('"message":"first"'));
  expect(said()).not.toContain('cannot be written');
});

test.each(['its folder is a file', 'it is a folder'])(
  'a log file that cannot be written, for %s, is told once with the remedy, and the program goes on',
  async (why) => {
    const taken = await folder();
    if (why === 'its folder is a file') await writeFile(join(taken, 'file'), '');
    const file = why === 'its folder is a file' ? join(taken, 'file', 'raisingd.log') : taken;
    const { child, says, said } = start(file);
    await says('log.file cannot be written; results go on without it');
    for (const round of [1, 2]) {
      child.stdin.write(String(round));
      await until(() => expect(said().match(/"message":"further"/g)).toHaveLength(round));
    }
    child.stdin.end();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(said().match(/cannot be written/g)).toHaveLength(1);
    expect(said()).toContain('make it and its folder writable');
  },
);

test('a log file on a full disk is told once, and every line goes to standard output all the same', async () => {
  const { child, says, said } = start('/dev/full');
  await says('log.file cannot be written; results go on without it');
  const lines = 1000;
  child.stdin.write('.'.repeat(lines));
  await until(() => expect(said().match(/"message":"further"/g)).toHaveLength(lines));
  expect(said().match(/cannot be written/g)).toHaveLength(1);
  expect(said()).toContain('ENOSPC');
});
