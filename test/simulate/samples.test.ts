import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis.ts';
import { sampleFiles } from '../../src/simulate/samples.ts';
import { assay, method } from './recipes.ts';

const folder = new URL('../../samples/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder));
const rows = (name: string) => parse<Record<string, string>>(read(name), { columns: true });

const traces = readdirSync(folder).filter((name) => name.endsWith('.ab1'));
const made = sampleFiles(assay);

test('the samples in the repository are what the simulator writes (npm run samples)', () => {
  expect([...made.keys()].sort()).toEqual([...traces, 'truth.csv'].sort());
  for (const [name, bytes] of made) expect(Buffer.from(bytes).equals(read(name)), name).toBe(true);
});

describe('each sample shows what it is meant to show', () => {
  test.each(rows('truth.csv'))('$file: $what', ({ file = '', largest_share = '', expected_status }) => {
    const { analysis } = analyse(read(file), method);
    expect(analysis.status).toBe(expected_status);
    expect(analysis.origin?.sample).toBe(file.replace(/_[A-H]\d\d\.ab1$/, ''));
    // Two equal clones are hardest: moment estimators read them high.
    if (analysis.cvRaw !== null) expect(Math.abs(analysis.cvRaw - Number(largest_share))).toBeLessThan(0.1);
  });
});

test('every patient sample but one has an order in the worklist, and no control has', () => {
  const ordered = rows('worklist.csv').map(({ accession }) => accession);
  const patients = traces.map((name) => name.slice(0, 10)).filter((name) => name.startsWith('S25-'));
  expect(patients.filter((name) => !ordered.includes(name))).toEqual(['S25-000132']);
  expect(ordered.filter((accession) => !patients.includes(accession ?? ''))).toEqual([]);
});
