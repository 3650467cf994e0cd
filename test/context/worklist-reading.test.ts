import { describe, expect, it } from 'vitest';
import { createWorklistBook, describeWorklistFault } from '../../src/context/worklist-book.ts';
import { mergeWorklists } from '../../src/context/worklist-reading.ts';
import type { WorklistReading } from '../../src/context/worklist-reading.ts';
import { parseWorklist } from '../../src/context/worklist.ts';
import { silentLog } from '../../src/platform/log.ts';

function merge(...files: (readonly [name: string, mtimeNs: bigint, text: string])[]): WorklistReading {
  return mergeWorklists(
    files.map(([name, mtimeNs, text]) => ({ name, mtimeNs, ...parseWorklist(Buffer.from(text), name) })),
  );
}

const orders = ({ rows }: WorklistReading) =>
  Object.fromEntries(rows.map(({ accession, context }) => [accession, context?.order ?? null]));

describe('several worklists', () => {
  it('are one, in which the newest file speaks for an accession', () => {
    const reading = merge(
      ['b.csv', 20n, 'accession,order\nS1,new\n'],
      ['a.csv', 10n, 'accession,order\nS1,old\nS2,only\n'],
    );
    expect(orders(reading)).toEqual({ S1: 'new', S2: 'only' });
    expect(reading.files).toBe(2);
  });

  it('go by name where their times are equal', () => {
    const reading = merge(
      ['b.csv', 10n, 'accession,order\nS1,b\n'],
      ['a.csv', 10n, 'accession,order\nS1,a\n'],
    );
    expect(orders(reading)).toEqual({ S1: 'b' });
  });

  it('give no order from an older file where the newest is in doubt', () => {
    const reading = merge(
      ['a.csv', 10n, 'accession,order,sex\nS1,old,M\nS2,old,M\n'],
      ['b.csv', 20n, 'accession,order,sex\nS1,new,male\nS2,x,M\nS2,y,M\n'],
    );
    expect(orders(reading)).toEqual({ S1: null, S2: null });
    expect(reading.faults.map(({ file }) => file)).toEqual(['b.csv', 'b.csv', 'b.csv']);
  });
});

describe('the orders that the service knows', () => {
  it('are told apart from those that were there before', () => {
    const book = createWorklistBook(silentLog);
    expect(book.isRead()).toBe(false);
    const first = book.update(merge(['a.csv', 1n, 'accession,order\nS1,4711\nS2,4712\n']));
    expect(first.map(({ accession }) => accession)).toEqual(['S1', 'S2']);
    expect(book.size()).toBe(2);
    const second = book.update(merge(['a.csv', 1n, 'accession,order\nS1,4711\nS2,4713\n']));
    expect(second.map(({ context }) => context?.order)).toEqual(['4713']);
    expect(book.isRead()).toBe(true);
  });

  it('log where a fault is, and never the name of its file, which may be a patient', () => {
    const warnings: unknown[] = [];
    const book = createWorklistBook({ ...silentLog, warn: (...line) => warnings.push(line) });
    book.update(merge(['Yamada Sakura.csv', 1n, 'accession,sex\nS1,male\n']));
    expect(warnings).toMatchObject([[expect.any(String), { line: 2, column: 'sex' }]]);
    expect(JSON.stringify(warnings)).not.toContain('Yamada');
    expect(book.faults().map(describeWorklistFault)).toEqual([
      expect.stringContaining('Yamada Sakura.csv, line 2, sex'),
    ]);
  });

  it('tell each fault once, and again when it comes back', () => {
    const warnings: string[] = [];
    const book = createWorklistBook({ ...silentLog, warn: (message) => warnings.push(message) });
    const bad = merge(['a.csv', 1n, 'accession,sex\nS1,male\n']);
    book.update(bad);
    book.update(bad);
    expect(warnings).toHaveLength(1);
    expect(book.faults()).toHaveLength(1);
    book.update(merge(['a.csv', 2n, 'accession,sex\nS1,M\n']));
    expect(book.faults()).toEqual([]);
    book.update(bad);
    expect(warnings).toHaveLength(2);
  });
});
