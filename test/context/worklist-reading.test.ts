import { describe, expect, it } from 'vitest';
import { createWorklistBook, describeWorklistFault } from '../../src/context/worklist-book.ts';
import { mergeWorklists } from '../../src/context/worklist-reading.ts';
import type { WorklistReading } from '../../src/context/worklist-reading.ts';
import { parseWorklist } from '../../src/context/worklist.ts';
import { silentLog } from '../../src/platform/log.ts';

type File = readonly [name: string, mtimeNs: bigint, content: string | Buffer];

/** Files of the years 1970, and of others where their time is still to come. */
function merge(...files: File[]): WorklistReading {
  return mergeWorklists(
    files.map(([name, mtimeNs, content]) => ({
      ...{ name, mtimeNs, isAhead: mtimeNs > 1_000_000_000n },
      ...parseWorklist(Buffer.from(content), name),
    })),
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

describe('a worklist that is newer and cannot be read in part or at all', () => {
  /** `S1` with a name in Shift-JIS. */
  const SHIFT_JIS = [0x53, 0x31, 0x2c, 0x83, 0x58, 0x83, 0x59, 0x0a];
  const old: File = ['a.csv', 10n, 'accession,patientName,order\nS1,x,old\nS2,x,old\n'];

  it.each<[what: string, content: string | Buffer]>([
    ['another encoding', Buffer.concat([Buffer.from('accession,patientName\n'), Buffer.from(SHIFT_JIS)])],
    ['quotes that do not pair', 'accession,patientName\n"S1,"Suzuki"Taro"\n'],
    ['a comma too many before it', 'patientName,accession\nSuzuki,Taro,S1\n'],
    ['a quote too few before it', 'patientName,accession,order\n"Suzuki,S1,4\n'],
    ['a control character in it', 'accession,order\nS\u00001,4\n'],
  ])('leaves a row with %s to no older one', (_what, content) => {
    expect(orders(merge(old, ['b.csv', 20n, content]))).toMatchObject({ S1: null, S2: 'old' });
  });

  it.each<[what: string, content: string | Buffer]>([
    ['a header without accessions', 'order;accession\n4;S1\n'],
    ['UTF-16', Buffer.from('\uFEFFaccession,order\nS1,4\n', 'utf16le')],
    ['more lines than are read', '\n'.repeat(50_001)],
    ['a line without an end', `accession,order\nS1,${'x'.repeat(30_000)}\n`],
    ['an accession in another encoding', Buffer.from('accession,order\nS\u00e91,4\n', 'latin1')],
  ])('silences every older one where there is %s, and says so', (_what, content) => {
    const { silence, faults } = merge(
      old,
      ['b.csv', 20_000_000n, content],
      ['c.csv', 30_000_000n, 'accession\nS2\n'],
    );
    expect(silence).toEqual({ before: '1970-01-01T00:00:00.020Z', butFor: ['S2'] });
    expect(faults).toContainEqual({
      ...{ file: 'b.csv', line: null, column: null },
      problem:
        'does not tell of which specimens it speaks: no older worklist is used until it is mended or taken away',
    });
  });

  it('silences none where it is empty', () => {
    expect(merge(old, ['b.csv', 20n, ''], ['c.csv', 20n, '\r\n']).silence).toBeNull();
  });
});

describe('a worklist of a time that is still to come', () => {
  const AHEAD = 1_811_808_000_000_000_000n;

  it('counts where no other says anything else, and nobody knows how old it is', () => {
    const { rows, faults } = merge(
      ['a.csv', AHEAD, 'accession,order\nS1,1\nS2,2\n'],
      ['b.csv', 10n, 'accession,order\nS1,1\n'],
    );
    expect(rows).toMatchObject([
      { accession: 'S1', origin: 'worklist b.csv line 2', context: { order: '1' } },
      { accession: 'S2', asOf: null, context: { order: '2' } },
    ]);
    expect(faults.map(describeWorklistFault)).toEqual([
      'a.csv, was changed at 2027-06-01T00:00:00.000Z, which is still to come: set the clock of the computer that ' +
        'writes it, and save it again; until then it counts only where nothing else is said',
    ]);
  });

  it('decides nothing where another says something else, whether that is older or ahead as well', () => {
    const wrong: File = ['a.csv', AHEAD, 'accession,order\nS1,wrong\n'];
    expect(orders(merge(wrong, ['b.csv', 10n, 'accession,order\nS1,right\n']))).toEqual({ S1: null });
    expect(orders(merge(wrong, ['b.csv', AHEAD + 1n, 'accession,order\nS1,right\n']))).toEqual({ S1: null });
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
