import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { scoreTrace } from '../../src/clonality/score-trace.ts';
import { assaySchema } from '../../src/config/assay.ts';
import { readTrace } from '../../src/trace/read.ts';
import { assay, hasShared, shared, sharedTrace } from './traces.ts';

describe.skipIf(!hasShared)('traces beside the project (skipped where ../shared is absent)', () => {
  const truths = hasShared
    ? parse<Record<string, string>>(readFileSync(new URL('mixtures/truth.csv', shared)), { columns: true })
    : [];
  const rows = truths.map(({ file = '', category = '', f_max = '', junction_base_0based = '' }) => ({
    file,
    category,
    truth: f_max === '' ? null : Number(f_max),
    junction: junction_base_0based === '' ? null : Number(junction_base_0based),
    score: scoreTrace(sharedTrace(`mixtures/${file}`), assay).score,
  }));

  test('mixtures of real signal: RMSE below 0.05, bias within 0.02', () => {
    const errors = rows.flatMap(({ truth, score }) =>
      truth === null || score.cvRaw === null ? [] : [score.cvRaw - truth],
    );
    expect(errors.length).toBeGreaterThan(40);
    expect(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)).toBeLessThan(0.05);
    expect(Math.abs(errors.reduce((sum, e) => sum + e, 0) / errors.length)).toBeLessThan(0.02);
  });

  test.each(['noltr', 'ltr_only', 'failed', 'shorthost'])('%s is refused', (category) => {
    for (const row of rows.filter((r) => r.category === category)) expect(row.score.status).toBe('fail');
  });

  test('the junction is exact to the base wherever a value is given', () => {
    const wrong = rows.filter(
      ({ score, junction }) => score.cvRaw !== null && score.junction?.base !== junction,
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test('no real trace without an LTR has a value', () => {
    const files = readdirSync(new URL('real/', shared)).filter((name) => /\.(ab1|abi)$/i.test(name));
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const read = readTrace(readFileSync(new URL(`real/${encodeURIComponent(file)}`, shared)));
      if (read.ok) expect(scoreTrace(read.trace, assay).score.status, file).toBe('fail');
    }
  });

  test('clean real traces with a stretch of themselves for an LTR read as one clone', () => {
    const values = ['tests_28-1rev_D04_026.ab1', 'tests_02-G1_B01_013.ab1', 'src_examples_A1.ab1'].flatMap(
      (file) => {
        const trace = sharedTrace(`real/${file}`);
        return [60, 120, 200].map((from) => {
          const pseudo = assaySchema.parse({ id: 'pseudo', anchor: trace.calls.slice(from, from + 100) });
          return scoreTrace(trace, pseudo).score.cvRaw ?? 0;
        });
      },
    );
    for (const value of values) expect(value).toBeGreaterThan(0.95);
  });
});
