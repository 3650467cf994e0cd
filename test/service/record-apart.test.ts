import { expect, test } from 'vitest';
import type { Recorded } from '../../src/pipeline.ts';
import { recordApart, type Unusable } from '../../src/record-apart.ts';
import { StoreError } from '../../src/store/failure.ts';
import type { Finding } from '../../src/watch/finding.ts';

const finding = (name: string): Finding => ({
  kind: 'sighting',
  file: { path: Buffer.from(name), name, size: 1, mtimeNs: 1n },
  sha256: name,
});

/** Fails on the whole batch where it holds `poison`, as a transaction does. */
function recorder(poison: string, error: Error = new TypeError('of no use')) {
  const kept: string[] = [];
  const record = (findings: readonly Finding[]): readonly Recorded[] => {
    if (findings.some(({ kind, file }) => kind !== 'unusable' && file.name === poison)) throw error;
    kept.push(...findings.map(({ kind, file }) => `${kind} ${file.name}`));
    return [];
  };
  return { kept, record };
}

test('a finding that the program fails on is set aside by name, and the others are recorded', () => {
  const { kept, record } = recorder('b');
  const aside: Unusable[] = [];
  recordApart(record, ['a', 'b', 'c'].map(finding), (one) => aside.push(one));
  expect(kept).toEqual(['sighting a', 'unusable b', 'sighting c']);
  expect(aside.map(({ file, reason }) => [file.name, reason.code, reason.detail])).toEqual([
    ['b', 'ANALYSIS_FAILED', 'of no use'],
  ]);
});

test('what the database fails at is not held against a finding', () => {
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  for (const error of [full, new StoreError('damaged', 'x.db', 'damaged')]) {
    const { kept, record } = recorder('b', error);
    expect(() => recordApart(record, ['a', 'b'].map(finding), () => undefined)).toThrow(error);
    expect(kept).toEqual([]);
  }
});

test('where not even that can be recorded the failure is thrown on', () => {
  const broken = (): never => {
    throw new TypeError('of no use');
  };
  expect(() => recordApart(broken, [finding('a')], () => undefined)).toThrow('of no use');
});
