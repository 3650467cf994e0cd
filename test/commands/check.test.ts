import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addCheckCommand } from '../../src/commands/check.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raisingd-check-'));
  file = join(folder, 'raisingd.yaml');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

async function check(text: string, ...args: string[]): Promise<{ out: string; exitCode: unknown }> {
  writeFileSync(file, text);
  const written: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  const program = new Command().exitOverride();
  addCheckCommand(program);
  await program.parseAsync(['check', '--config', file, ...args], { from: 'user' });
  stdout.mockRestore();
  return { out: written.join(''), exitCode: process.exitCode };
}

const VALID =
  'dataDir: data\nwatch: {folders: [in]}\nlis: [{name: main, mllp: {host: 127.0.0.1, port: 2575}}]\n';

test('a valid configuration: what it comes to, and exit code 0', async () => {
  mkdirSync(join(folder, 'in'));
  const { out, exitCode } = await check(VALID);
  expect(exitCode).toBe(0);
  expect(out).toContain(`config    ${file} (`);
  expect(out).toContain('assay     htlv1 from ');
  expect(out).toContain('cut-offs  Cv 0.25 and 0.50, sIL-2R 1000 U/mL');
  expect(out).toContain('lis       main: mllp 127.0.0.1 port 2575, processing id P');
  expect(out).toMatch(/^valid {5}no warnings$/m);
});

test('a share that is away, clear text over the network and a refusal counted as delivery are warnings only', async () => {
  writeFileSync(join(folder, 'lists'), '');
  const { out, exitCode } = await check(
    'dataDir: data\nwatch: {folders: [in]}\nworklist: {folder: lists}\n' +
      'lis: [{name: main, mllp: {host: 10.0.0.5, port: 2575}, verdicts: {AE: done}}]\n',
  );
  expect(exitCode).toBe(0);
  expect(out).toContain(`warning   watch.folders[0]: is not there now: "${folder}/in"`);
  expect(out).toContain(`warning   worklist.folder: is not a folder: "${folder}/lists"`);
  expect(out).toContain(
    'warning   lis[0].mllp: carries patient data in clear text over the network: "10.0.0.5"',
  );
  expect(out).toContain('warning   lis[0].verdicts.AE: counts a message that the LIS refused as delivered');
  expect(out).toMatch(/^valid {5}4 warnings$/m);
});

test('a service that would watch nothing and send nowhere is told so', async () => {
  const { out } = await check('dataDir: data\n');
  expect(out).toContain('warning   watch.folders: is empty, nothing is watched');
  expect(out).toContain('warning   lis: is empty, results are scored and kept but sent nowhere');
});

test('a certificate file that cannot be used, or a folder for messages that is away, is named before the first message is', async () => {
  const { out, exitCode } = await check(
    'dataDir: data\nwatch: {folders: [in]}\nlis:\n' +
      '  - {name: main, mllp: {host: 10.0.0.5, port: 2575, tls: {ca: none.pem}}}\n' +
      '  - {name: drop, file: {folder: out}}\n',
  );
  expect(exitCode).toBe(0);
  expect(out).toContain('lis       main: mllp 10.0.0.5 port 2575 with TLS, processing id P');
  expect(out).toContain(`warning   lis[0].mllp: tls.ca (${folder}/none.pem) cannot be used (ENOENT)`);
  expect(out).toContain(`warning   lis[1].file.folder: is not there now: "${folder}/out"`);
});

test('a place that the service could not write is named before it is needed', async () => {
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'notes'), '');
  const { out, exitCode } = await check(
    `${VALID}upkeep: {backup: {folder: notes}}\nlog: {file: notes/more/raisingd.log}\n`,
  );
  expect(exitCode).toBe(0);
  expect(out).toContain(`warning   upkeep.backup.folder: is not a folder: "${folder}/notes"`);
  expect(out).toContain(
    `warning   log.file: cannot be made in ${folder}/notes, which is not a folder: ` +
      `"${folder}/notes/more/raisingd.log". Make it writable for the user of the service.`,
  );
  expect((await check(`${VALID}log: {file: logs}\n`)).out).toContain('warning   log.file: is not a file:');
  expect((await check(`${VALID}log: {file: logs/raisingd.log}\n`)).out).toMatch(/^valid {5}no warnings$/m);
});

test('mistakes: a line for each and exit code 2', async () => {
  const { out, exitCode } = await check('dataDir: 5\nwach: {}\n');
  expect(exitCode).toBe(2);
  expect(out.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^dataDir: must be text .*: 5 \(.*raisingd\.yaml:1:10\)/),
    expect.stringMatching(/^wach: is not a known key \(.*raisingd\.yaml:2:1\)\. Did you mean watch\?$/),
  ]);
});

test('--json prints one object and nothing else, valid or not', async () => {
  mkdirSync(join(folder, 'in'));
  const valid = await check(VALID, '--json');
  expect(JSON.parse(valid.out)).toMatchObject({
    ok: true,
    source: file,
    assay: { id: 'htlv1' },
    lis: [{ name: 'main', mllp: { host: '127.0.0.1', port: 2575 } }],
    warnings: [],
  });
  const refused = await check('dataDir: 5\n', '--json');
  expect(refused.exitCode).toBe(2);
  expect(JSON.parse(refused.out)).toMatchObject({
    ok: false,
    faults: [{ path: 'dataDir', value: '5', file, place: { line: 1, column: 10 } }],
  });
});
