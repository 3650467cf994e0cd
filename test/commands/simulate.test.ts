import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addSimulateCommand } from '../../src/commands/simulate.ts';
import { readTrace } from '../../src/trace/read.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raisingd-simulate-'));
  file = join(folder, 'trace.ab1');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function simulate(...args: string[]): Promise<string> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const program = new Command().exitOverride();
  addSimulateCommand(program);
  await program.parseAsync(['simulate', '--out', file, ...args], { from: 'user' });
  return out;
}

test('writes a readable trace and one line with its truth', async () => {
  const out = await simulate(
    '--clones',
    '0.6,0.2',
    '--dust',
    '10',
    '--sample',
    'S25-000999',
    '--well',
    'B07',
  );
  expect(out).toBe(`${file}: largest share 0.6000 of 12 clones, junction at base 120\n`);
  const read = readTrace(readFileSync(file));
  expect(read).toMatchObject({ ok: true, trace: { origin: { sample: 'S25-000999', well: 'B07' } } });
});

test('prints one JSON object on request', async () => {
  const out = await simulate('--clones', '1', '--json');
  expect(JSON.parse(out)).toEqual({ file, largestShare: 1, clones: 1, junction: 120 });
});

test('says that a failed read has nothing to measure', async () => {
  expect(await simulate('--failed')).toBe(`${file}: no clonality to measure\n`);
});

test('writes the same bytes for the same seed and options', async () => {
  const args = ['--dust', '20', '--template', 'virus:0.1', '--degrade', 'blob', '--degrade', 'slip:0.1'];
  await simulate(...args, '--seed', '9');
  const first = readFileSync(file);
  await simulate(...args, '--seed', '9', '--force');
  expect(readFileSync(file).equals(first)).toBe(true);
  await simulate(...args, '--seed', '10', '--force');
  expect(readFileSync(file).equals(first)).toBe(false);
});

test('does not overwrite a file unless told to', async () => {
  await simulate('--clones', '1');
  const first = readFileSync(file);
  await expect(simulate('--clones', '0.5,0.5')).rejects.toMatchObject({
    exitCode: 1,
    message: /exists.*--force/,
  });
  expect(readFileSync(file).equals(first)).toBe(true);
});

test.each([
  [['--clones', '0.5,0.2'], /clones: shares sum to 0\.7/],
  [['--clones', '1', '--well', 'Z1'], /well: .*Z1/],
  [['--clones', '1', '--template', 'yeast:0.1'], /--template yeast: no template .*2-LTR circle/],
  [[], /clones: shares sum to 0/],
])('%j is refused with exit code 2, naming the fault', async (args, message) => {
  await expect(simulate(...args)).rejects.toMatchObject({ exitCode: 2, message });
});

test.each([
  [['--clones', 'half'], /--clones.*must be a number/],
  [['--clones', '1', '--degrade', 'rust'], /--degrade.*blob/],
  [['--clones', '1', '--template', 'virus'], /--template.*virus:0\.2/],
])('%j is refused as wrong usage', async (args, message) => {
  await expect(simulate(...args)).rejects.toMatchObject({ code: 'commander.invalidArgument', message });
});
