import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { raisingd, SAMPLES } from './command-line.ts';

let folder: string;
let pairs: string;
let out: string;
let config: string;
const trace = join(SAMPLES, 'S25-000123_C01.ab1');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raisingd-calibrate-'));
  pairs = join(folder, 'pairs.csv');
  out = join(folder, 'calibration.yaml');
  config = join(folder, 'raisingd.yaml');
  await writeFile(config, 'dataDir: data\ncalibration: calibration.yaml\n');
  const rows = Array.from({ length: 21 }, (_, k) => `${k / 20},${(0.6 * k) / 20}`);
  await writeFile(pairs, ['ours,theirs', ...rows, ''].join('\n'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a calibration fitted from pairs changes what is reported, and each score tells both values', async () => {
  const before = JSON.parse((await raisingd('score', '--json', trace)).stdout) as { cvRaw: number };
  const fitted = await raisingd('calibrate', '--pairs', pairs, '--out', out);
  expect(fitted).toMatchObject({ exitCode: 0, stderr: '' });
  expect(fitted.stdout).toMatch(/^ours less theirs +mean 0\.200/m);

  const { stdout, exitCode } = await raisingd('score', '--json', '--config', config, trace);
  const after = JSON.parse(stdout) as {
    cvRaw: number;
    calibration: { hash: string; cvUncalibrated: number };
  };
  expect(exitCode).toBe(0);
  expect(after.calibration.cvUncalibrated).toBe(before.cvRaw);
  expect(after.cvRaw).toBeCloseTo(0.6 * before.cvRaw, 3);
  expect(after.calibration.hash).toMatch(/^[0-9a-f]{64}$/);
});

test('a calibration for another estimator, or a table that falls, is refused with its place', async () => {
  await raisingd('calibrate', '--pairs', pairs, '--out', out);
  const good = await readFile(out, 'utf8');
  await writeFile(out, good.replace(/estimator: .*/, 'estimator: other/1'));
  const other = await raisingd('check', '--config', config);
  expect(other).toMatchObject({ exitCode: 2 });
  expect(other.stdout).toContain('calibration: was fitted for htlv1, other/1');
  await writeFile(out, good.replace(/table:[\s\S]*/, 'table: [[0.2, 0.5], [0.4, 0.3]]\n'));
  const falling = await raisingd('check', '--config', config);
  expect(falling.stdout).toContain('calibration.table: must rise');
});

test('pairs that cannot be used are refused by line or number, and no file is replaced unasked', async () => {
  await writeFile(pairs, 'ours,theirs\n0.5,0.4\n0.6,high\n');
  const text = await raisingd('calibrate', '--pairs', pairs, '--out', out);
  expect(text).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('pairs.csv:3: column theirs') as string,
  });
  await writeFile(pairs, 'ours,theirs\n0.5,0.4\n');
  const few = await raisingd('calibrate', '--pairs', pairs, '--out', out);
  expect(few).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('at least 10') as string });
  expect((await raisingd('calibrate', '--pairs', pairs, '--out', config)).stderr).toContain('--force');
});
