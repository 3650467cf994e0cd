import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { raisingd, SAMPLES } from './command-line.ts';

const scoreSchema = z.strictObject({
  file: z.string(),
  sha256: z.string().length(64),
  assay: z.literal('htlv1'),
  sample: z.string().nullable(),
  status: z.enum(['pass', 'review', 'fail']),
  cv: z.number().nullable(),
  cvRaw: z.number().nullable(),
  cvInterval: z.tuple([z.number(), z.number()]).nullable(),
  tier: z.enum(['low', 'intermediate', 'high']).nullable(),
  reasons: z.array(z.strictObject({ code: z.string().regex(/^[A-Z0-9_]+$/), detail: z.string() })),
  estimator: z.string(),
  parameters: z.string(),
  calibration: z.null(),
  junction: z.strictObject({ base: z.number(), point: z.number() }).nullable(),
  quality: z.record(z.string(), z.number().nullable()),
  alternatives: z.record(z.string(), z.number()),
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raisingd-score-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('raisingd score --json', () => {
  test('prints one object a file with the names of the contract, and exits 0 when each has a value', async () => {
    const file = join(SAMPLES, 'S25-000123_C01.ab1');
    const { exitCode, stdout } = await raisingd('score', '--json', file);
    expect(exitCode).toBe(0);
    const score = scoreSchema.parse(JSON.parse(stdout));
    expect(score).toMatchObject({ file, sample: 'S25-000123', status: 'pass', tier: 'high' });
    expect(score.cv).toBeCloseTo(score.cvRaw ?? 0, 1);
  });

  test('gives a value exactly to what did not fail, and exits 1 when something failed', async () => {
    const { exitCode, stdout } = await raisingd('score', '--json', SAMPLES);
    expect(exitCode).toBe(1);
    const scores = stdout
      .trim()
      .split('\n')
      .map((line) => scoreSchema.parse(JSON.parse(line)));
    expect(scores).toHaveLength(14);
    for (const { status, cv, cvRaw, cvInterval, tier } of scores) {
      const values = [cv, cvRaw, cvInterval, tier].map((value) => value !== null);
      expect(new Set(values)).toEqual(new Set([status !== 'fail']));
    }
  });

  test('says fail of a file that is no trace at all', async () => {
    const file = join(folder, 'holiday.ab1');
    await writeFile(file, 'not a trace '.repeat(100));
    const { exitCode, stdout } = await raisingd('score', '--json', file);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'fail', cv: null, reasons: [{ code: 'NOT_ABIF' }] });
  });

  test('names what cannot be read, scores the rest, and never waits for a FIFO', async () => {
    const fifo = join(folder, 'pipe.ab1');
    execFileSync('mkfifo', [fifo]);
    const good = join(SAMPLES, 'S25-000121_A01.ab1');
    const { exitCode, stdout, stderr } = await raisingd(
      'score',
      '--json',
      fifo,
      join(folder, 'absent'),
      good,
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ file: good, status: 'pass' });
    expect(stderr).toContain(`${fifo}: it is a link, a FIFO or a device, not a file`);
    expect(stderr).toContain(`${join(folder, 'absent')}: there is no such file or folder`);
  });
});

describe('raisingd score', () => {
  test('says in words what it found, and draws a picture of each trace', async () => {
    const pictures = join(folder, 'pictures');
    const { stdout } = await raisingd('score', SAMPLES, '--figure', pictures);
    expect(stdout).toMatch(
      /S25-000123_C01\.ab1 {2}S25-000123 {2}Cv 0\.7\d \(90 % interval 0\.\d\d-0\.\d\d\), tier high, pass/,
    );
    expect(stdout).toMatch(/S25-000129_A02\.ab1 .*no Cv, fail\n {4}ANCHOR_NOT_FOUND: /);
    const names = await readdir(pictures);
    expect(names).toHaveLength(14);
    const drawn = await readFile(
      join(pictures, names.find((name) => name.startsWith('S25-000123')) ?? ''),
      'utf8',
    );
    expect(drawn).toContain('</svg>');
  });

  test('takes another assay file, and names each fault of one that is wrong', async () => {
    const assay = join(folder, 'other.yaml');
    await writeFile(assay, `id: other\nanchor: ${'ACGTT'.repeat(12)}\n`);
    const { exitCode, stdout } = await raisingd(
      'score',
      '--assay',
      assay,
      join(SAMPLES, 'S25-000121_A01.ab1'),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain('ANCHOR_NOT_FOUND');
    await writeFile(assay, 'id: other\nanchor: ACGT\n');
    const wrong = await raisingd('score', '--assay', assay, SAMPLES);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('anchor');
  });
});
