import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorklist } from '../../src/context/worklist.ts';

const HEADER =
  'accession,order,patientId,patientName,patientNameKana,birthDate,sex,category,sil2r,sil2rUnit,sil2rMethod,sil2rDate,collected';
const ROW =
  'S25-000123,4711,P-1,"Suzuki, Taro",スズキ タロウ,1950-02-28,M,smoldering,1520,U/mL,CLEIA,2025-03-30,2025-03-31T09:30';

const read = (...lines: string[]) => parseWorklist(Buffer.from(lines.join('\n')), 'orders.csv');

describe('a worklist', () => {
  it('gives order, patient, category and sIL-2R for each accession', () => {
    expect(read(HEADER, ROW)).toEqual({
      rows: [
        {
          accession: 'S25-000123',
          order: '4711',
          patient: {
            id: 'P-1',
            name: 'Suzuki, Taro',
            nameKana: 'スズキ タロウ',
            birthDate: '1950-02-28',
            sex: 'M',
          },
          category: 'smoldering',
          sil2r: { value: 1520, unit: 'U/mL', method: 'CLEIA', date: '2025-03-30' },
          collected: '2025-03-31T09:30',
          source: 'worklist orders.csv line 2',
        },
      ],
      doubtful: [],
      isUnclear: false,
      faults: [],
    });
  });

  it.each(['\n', '\r\n', '\r'])(
    'loses no row to the line end %j, or to one that differs from the others',
    (end) => {
      const text = ['accession,category', 'S1,ham', 'S2,chronic', '"S3",acute', ''].join(end);
      const rows = (content: string) => parseWorklist(Buffer.from(content), 'a.csv').rows;
      expect(rows(text).map(({ accession }) => accession)).toEqual(['S1', 'S2', 'S3']);
      expect(rows(`${text}S4,ham\rS5,ham\nS6,ham`)).toHaveLength(6);
      expect(rows(text).at(-1)?.source).toBe('worklist a.csv line 4');
    },
  );

  it('that is a dump of something else takes no time: the line is named, or the file', () => {
    const [long, many] = ['a'.repeat(3_000_000), '""\n'.repeat(2_000_000)];
    const began = performance.now();
    expect(read('accession', 'S1', long).rows).toHaveLength(1);
    expect(read('accession', 'S1', long).faults).toMatchObject([
      { line: 3, problem: expect.stringContaining('longer than') as string },
    ]);
    expect(read('accession', many)).toMatchObject({
      rows: [],
      faults: [{ line: null, problem: expect.stringContaining('more than 50000 lines') as string }],
    });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('needs the accession only, and its columns in any order', () => {
    const { rows, faults } = read('order,accession', '4711,S25-1', ',S25-2');
    expect(faults).toEqual([]);
    expect(rows).toMatchObject([
      { accession: 'S25-1', order: '4711', patient: null, category: 'unknown', sil2r: null, collected: null },
      { accession: 'S25-2', order: null },
    ]);
  });

  it('may have a BOM, CRLF, quotes, empty lines and no line end at its end', () => {
    const text = '\uFEFFaccession,order\r\n\r\n"S25-1","a ""b"", c"\r\n , \r\nS25-2,x';
    expect(parseWorklist(Buffer.from(text), 'a.csv').rows).toMatchObject([
      { accession: 'S25-1', order: 'a "b", c', source: 'worklist a.csv line 3' },
      { accession: 'S25-2', order: 'x' },
    ]);
  });

  it('takes full-width digits and any case where only a code can be meant', () => {
    const [row] = read(
      'accession,sex,category,sil2r,birthDate',
      'Ｓ２５－１,f,HAM,１５２０,１９５０-02-28',
    ).rows;
    expect(row).toMatchObject({
      accession: 'S25-1',
      patient: { sex: 'F', birthDate: '1950-02-28' },
      category: 'ham',
      sil2r: { value: 1520 },
    });
  });

  it('keeps the unit as written, also where there is none', () => {
    const { rows } = read('accession,sil2r,sil2rUnit', 'S25-1,1520,', 'S25-2,1520,pmol/L', 'S25-3,,U/mL');
    expect(rows.map(({ sil2r }) => sil2r?.unit)).toEqual(['', 'pmol/L', undefined]);
  });

  it.each([
    ['sil2r', '"1,520"', 'holds a number with a comma; write 1520, not 1,520'],
    ['sil2r', '<50', 'holds a bound, not a value; leave it empty or give the value'],
    ['sil2r', '1520 U/mL', 'holds a unit; the unit belongs in sil2rUnit'],
    ['sil2r', '-3', 'is not a number above 0, such as 1520'],
    ['sil2r', '0', 'is not a number above 0, such as 1520'],
    ['sil2r', '1e3', 'is not a number above 0, such as 1520'],
    ['birthDate', '1950/02/28', 'is not a date; write it as 2025-03-31'],
    ['birthDate', '1950-02-29', 'is not a date; write it as 2025-03-31'],
    ['sil2rDate', '28.2.2025', 'is not a date; write it as 2025-03-31'],
    ['collected', '2025-03-31 09:30', 'is not a date or time; write it as 2025-03-31 or 2025-03-31T09:30'],
    ['collected', '2025-03-31T24:00', 'is not a date or time; write it as 2025-03-31 or 2025-03-31T09:30'],
    ['sex', 'male', 'is none of M, F, O, U'],
    ['category', 'smouldering', 'is none of carrier, ham, smoldering, chronic, acute, lymphoma, unknown'],
    ['patientName', 'Suzuki\tTaro', 'holds a control character; remove it'],
    ['patientName', 'x'.repeat(201), 'has 201 characters; at most 200 are taken'],
  ])(
    'names line, column and remedy of a bad %s (case %#), and takes the good rows',
    (column, cell, problem) => {
      const { rows, faults, doubtful } = read(`accession,${column}`, `S25-1,${cell}`, 'S25-2,');
      expect(faults).toEqual([{ file: 'orders.csv', line: 2, column, problem }]);
      expect(rows.map(({ accession }) => accession)).toEqual(['S25-2']);
      expect(doubtful).toEqual(['S25-1']);
    },
  );

  it('names every fault of a row at once, and a missing accession', () => {
    const { faults } = read('accession,sex,sil2r', ',x,y');
    expect(faults.map(({ column }) => column)).toEqual(['accession', 'sex', 'sil2r']);
    expect(read('accession,order', ',1').faults).toEqual([
      { file: 'orders.csv', line: 2, column: 'accession', problem: 'is empty; every row needs one' },
    ]);
  });

  it('does not take a row with a cell too many or too few: its columns may have shifted', () => {
    const { rows, faults, doubtful } = read('accession,order', 'S25-1,Suzuki,Taro', 'S25-2', 'S25-3,1');
    expect(rows.map(({ accession }) => accession)).toEqual(['S25-3']);
    expect(faults.map(({ line, problem }) => [line, problem])).toEqual([
      [2, 'has 3 cells where the header has 2; quote cells that hold a comma'],
      [3, 'has 1 cells where the header has 2; quote cells that hold a comma'],
    ]);
    expect(doubtful).toEqual(['S25-1', 'S25-2']);
  });

  it('loses one row to a stray quote, not the rest of the file', () => {
    const { rows, faults } = read('accession,order', 'S25-1,"open', 'S25-2,1', 'S25-3,a"b');
    expect(rows.map(({ accession }) => accession)).toEqual(['S25-2']);
    expect(faults.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('takes no name in another encoding for a name', () => {
    const shiftJis = Buffer.from([0x53, 0x31, 0x2c, 0x83, 0x58, 0x83, 0x59, 0x0a]);
    const bytes = Buffer.concat([
      Buffer.from('accession,patientName\n'),
      shiftJis,
      Buffer.from('S2,Suzuki\n'),
    ]);
    const { rows, faults, doubtful } = parseWorklist(bytes, 'sjis.csv');
    expect(doubtful).toEqual(['S1']);
    expect(rows.map(({ accession }) => accession)).toEqual(['S2']);
    expect(faults).toEqual([
      { file: 'sjis.csv', line: 2, column: null, problem: 'is not UTF-8; save the file as "CSV UTF-8"' },
    ]);
  });

  it('takes one of two equal rows, and neither of two that contradict each other', () => {
    const { rows, faults, doubtful } = read(
      'accession,order',
      ...['S25-1,1', 'S25-1,1', 'S25-2,1', 'S25-2,2', 'S25-2,1', 'S25-3,1'],
    );
    expect(rows.map(({ accession, source }) => [accession, source])).toEqual([
      ['S25-1', 'worklist orders.csv line 2'],
      ['S25-3', 'worklist orders.csv line 7'],
    ]);
    expect(doubtful).toEqual(['S25-2']);
    expect(faults).toEqual([
      {
        file: 'orders.csv',
        line: 4,
        column: 'accession',
        problem: 'is also on line 5 with other content; neither is taken',
      },
      {
        file: 'orders.csv',
        line: 5,
        column: 'accession',
        problem: 'is also on line 4 with other content; neither is taken',
      },
    ]);
  });

  it('says what is wrong with its header', () => {
    expect(read('order;accession', 'x').faults[0]?.problem).toMatch(/no column accession.*comma-separated/);
    expect(read('accession,order,order', 'S25-1,1,2')).toMatchObject({
      rows: [],
      faults: [{ line: 1, column: 'order', problem: 'is there twice; keep one' }],
    });
    const unknown = read('accession,ward,order', 'S25-1,3B,4711');
    expect(unknown.rows).toMatchObject([{ accession: 'S25-1', order: '4711' }]);
    expect(unknown.faults).toHaveLength(1);
    expect(unknown.faults[0]?.problem).toMatch(/^column 2 is not known/);
    expect(read().faults).toEqual([]);
  });

  it('never repeats a cell in a fault, whatever is in it', () => {
    const cell = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 15 }), { maxLength: 5 }), (lines) => {
        const planted = lines.map((cells) => cells.map((text) => `Qzx${text}Qzx`).join(','));
        for (const header of [HEADER, planted[0] ?? '']) {
          const { faults } = read(header, ...planted);
          expect(JSON.stringify(faults)).not.toContain('Qzx');
        }
      }),
    );
  });

  it('takes any bytes without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseWorklist(Buffer.concat([Buffer.from(`${HEADER}\n`), bytes]), 'x.csv');
        parseWorklist(bytes, 'x.csv');
      }),
    );
  });
});
