import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import type { NewStatement } from '../../src/context/statement.ts';
import { readMessage } from '../../src/hl7/read.ts';
import { interpret, type Interpretation } from '../../src/orders/interpret.ts';
import type { ReadingRules } from '../../src/orders/taken.ts';
import { readTime } from '../../src/orders/time.ts';
import { message, omlO33, oruSil2r, PID } from './messages.ts';

const config = configSchema.parse({ dataDir: 'd', orders: { mllp: { port: 0 } } });
const { tests = [], processingIds = [], fields } = config.orders ?? {};
if (fields === undefined) throw new Error('the config has no section orders');
const RULES: ReadingRules = {
  ...{ tests, processingIds, fields, timeZone: 'Asia/Tokyo' },
  ...{ categories: config.context.categories, sil2rCodes: config.context.sil2rCodes },
};

function read(text: string, rules: Partial<ReadingRules> = {}): Interpretation {
  const reading = readMessage(text);
  if (!reading.ok) throw new Error(reading.detail);
  return interpret(reading.message, { ...RULES, ...rules });
}

function taken(text: string, rules: Partial<ReadingRules> = {}): readonly NewStatement[] {
  const interpretation = read(text, rules);
  if (interpretation.kind === 'refused') throw new Error(JSON.stringify(interpretation.problem));
  return interpretation.statements;
}

const refusal = (text: string) => {
  const interpretation = read(text);
  if (interpretation.kind === 'taken') throw new Error('it was taken');
  const { answer, problem } = interpretation;
  return [answer, problem.code, problem.place];
};

describe('an order', () => {
  test('by OML^O33 brings accession, order, patient, category and collection', () => {
    expect(taken(omlO33('M1'))).toEqual([
      {
        ...{
          source: 'orders',
          kind: 'order',
          accession: 'S25-000123',
          patientId: 'P123',
          key: '25010500123',
        },
        ...{ origin: 'message M1 from LIS^HOSP', asOf: null },
        said: {
          order: '25010500123',
          patient: {
            id: 'P123',
            name: '見本^一郎',
            nameKana: 'ミホン^イチロウ',
            birthDate: '1948-07-21',
            sex: 'M',
          },
          ...{ category: 'smoldering', unknownCodes: [], sil2r: null, collected: '2025-01-05T09:40:00' },
        },
      },
    ]);
  });

  test('by OML^O21, where the specimen follows, and by ORM^O01, where the accession is the filler number', () => {
    const o21 = message('OML^O21^OML_O21', 'M2', [
      PID,
      'ORC|NW|77',
      'OBR|1|77||HTLV1CLON',
      'SPM|1|S1&LIS||BLD',
    ]);
    expect(taken(o21)).toMatchObject([{ accession: 'S1', key: '77' }]);
    const o01 = message('ORM^O01', 'M3', [PID, 'ORC|NW|78|S2', 'OBR|1|78|S2|HTLV1CLON|||20250105']);
    expect(taken(o01)).toMatchObject([{ accession: 'S2', key: '78', said: { collected: '2025-01-05' } }]);
  });

  test.each(['CA', 'OC', 'DC', 'RP'])('with ORC-1 %s is cancelled', (control) => {
    expect(taken(omlO33('M1', { control }))).toMatchObject([{ kind: 'cancelled', accession: 'S25-000123' }]);
  });

  test('of a status message is cancelled when its status says so', () => {
    const status = (code: string) => message('ORM^O01', 'M1', [PID, `ORC|SC|78|S2||${code}`, 'OBR|1|78|S2']);
    expect(taken(status('CA'))).toMatchObject([{ kind: 'cancelled' }]);
    expect(taken(status('IP'))).toMatchObject([{ kind: 'order' }]);
  });

  test('belongs to its own specimen where one message has several', () => {
    const specimen = (n: number) => [
      `SPM|${n}|S${n}&LIS`,
      `SAC|||S${n}`,
      `ORC|NW|${n}`,
      `OBR|1|${n}||HTLV1CLON`,
      `DG1|1||${n === 1 ? 'ham' : 'acute'}`,
    ];
    const text = message('OML^O33^OML_O33', 'M1', [PID, ...specimen(1), ...specimen(2)]);
    expect(taken(text).map(({ accession, key, said }) => [accession, key, said.category])).toEqual([
      ['S1', '1', 'ham'],
      ['S2', '2', 'acute'],
    ]);
  });

  test('for another test is passed over where orders.tests names ours, and that is remarked', () => {
    const text = message('OML^O21^OML_O21', 'M1', [
      PID,
      'ORC|NW|1|S1',
      'OBR|1|1|S1|CBC^Blood count',
      'ORC|NW|2|S1',
      'OBR|2|2|S1|htlv1clon',
    ]);
    const interpretation = read(text, { tests: ['HTLV1CLON'] });
    expect(interpretation).toMatchObject({ kind: 'taken', statements: [{ key: '2' }] });
    expect(interpretation.kind === 'taken' && interpretation.remarks).toEqual([
      'ORC: passed over, OBR-4 is none of orders.tests',
    ]);
  });

  test('is not what earlier results that came along say, but their sIL-2R is read', () => {
    const prior = ['ORC|PR|9|CH1', 'OBR|2|9|CH1|CHEM|||20250104', 'OBX|1|NM|SIL2R||640|U/mL|||||F'];
    const text = message('OML^O21^OML_O21', 'M1', [PID, 'ORC|NW|1|S1', 'OBR|1|1|S1|HTLV1CLON', ...prior]);
    expect(taken(text)).toMatchObject([
      { kind: 'order', key: '1' },
      { kind: 'sil2r', patientId: 'P123', said: { sil2r: { value: 640, date: '2025-01-04' } } },
    ]);
  });

  test('whose category code is not known keeps the code', () => {
    const interpretation = read(omlO33('M1', { diagnosis: 'C91.5' }));
    expect(interpretation).toMatchObject({
      kind: 'taken',
      statements: [{ said: { category: null, unknownCodes: ['C91.5'] } }],
    });
    expect(interpretation.kind === 'taken' && interpretation.remarks).toHaveLength(1);
  });

  test('may have its parts where a site puts them', () => {
    const text = message('ORM^O01', 'M1', [
      PID,
      'ORC|NW|1',
      'OBR|1|1||X',
      'OBX|1|CE|DX^Diagnosis||H1^HAM',
      'ZAC|x&S9|y',
    ]);
    const own = { ...RULES.fields, accession: ['ZAC-1.1.2'], category: ['OBX[DX]-5.1'] };
    const rules = { fields: own, categories: { ...RULES.categories, ham: ['H1'] } };
    expect(taken(text, rules)).toMatchObject([{ accession: 'S9', said: { category: 'ham' } }]);
  });

  test('that cannot be read is refused with the place', () => {
    const orm = (...segments: string[]) => refusal(message('ORM^O01', 'M1', segments));
    expect(orm(PID, 'ORC|NW|1', 'OBR|1|1')).toEqual(['AE', '101', 'SPM-2.1.1']);
    expect(orm(PID, 'ORC|QQ|1|S1', 'OBR|1')).toEqual(['AE', '103', 'ORC-1']);
    expect(orm(PID, 'ORC||1|S1', 'OBR|1')).toEqual(['AE', '101', 'ORC-1']);
    expect(orm(PID)).toEqual(['AE', '100', null]);
    expect(orm('PID|1||P1||A||19481399', 'ORC|NW|1|S1')).toEqual(['AE', '102', 'PID-7']);
    expect(orm('PID|1||P1||A\\X0D\\B', 'ORC|NW|1|S1')).toEqual(['AE', '102', 'PID-5']);
    expect(orm('PID|1||P1', 'PID|1||P2', 'ORC|NW|1|S1')).toEqual(['AE', '100', 'PID[2]']);
    expect(orm(PID, 'ORC|NW|1|S1', 'OBR|1|1|S1|X|||soon')).toEqual(['AE', '102', 'SPM-17.1']);
    expect(orm(PID, `ORC|NW|1|${'S'.repeat(201)}`, 'OBR|1')).toEqual(['AE', '102', 'ORC-3']);
  });
});

describe('sIL-2R', () => {
  test('by ORU^R01 brings value, unit, date and method, for the patient', () => {
    expect(taken(oruSil2r('M2'))).toMatchObject([
      {
        ...{ kind: 'sil2r', patientId: 'P123', accession: 'CH250104-77', key: 'CH250104-77' },
        said: { sil2r: { value: 1480, unit: 'U/mL', method: 'CLEIA', date: '2025-01-04' } },
      },
    ]);
  });

  test('is kept in the unit in which it came', () => {
    expect(taken(oruSil2r('M2', { unit: 'pg/mL', code: '76039-7^sIL2R^LN' }))).toMatchObject([
      { said: { sil2r: { unit: 'pg/mL' } } },
    ]);
  });

  test.each(['D', 'W', 'X'])('with OBX-11 %s is withdrawn', (status) => {
    expect(taken(oruSil2r('M2', { status, value: '' }))).toMatchObject([
      { kind: 'sil2r-withdrawn', key: 'CH250104-77', said: { sil2r: null } },
    ]);
  });

  const remarksOf = (text: string) => {
    const interpretation = read(text);
    return interpretation.kind === 'taken'
      ? [interpretation.statements.length, ...interpretation.remarks]
      : [];
  };

  test('that is no final value is not used, and that is remarked', () => {
    expect(remarksOf(oruSil2r('M2', { status: 'P' }))).toEqual([
      0,
      'OBX: not used, OBX-11 says that it is not final',
    ]);
    const bound = message('ORU^R01', 'M2', [PID, 'OBR|1', 'OBX|1|SN|SIL2R||<^50|U/mL|||||F']);
    expect(remarksOf(bound)).toEqual([0, 'OBX: not used, OBX-5 is a bound and no value']);
    const other = message('ORU^R01', 'M2', [PID, 'OBR|1', 'OBX|1|NM|WBC||5.1|||||||F', 'OBX|2|TX|植木||x']);
    expect(remarksOf(other)).toEqual([0, 'nothing taken: no OBX-3 is one of context.sil2rCodes (WBC)']);
  });

  test('that cannot be read is refused with the place', () => {
    const oru = (...segments: string[]) => refusal(message('ORU^R01', 'M2', segments));
    expect(refusal(oruSil2r('M2', { value: '1,480' }))).toEqual(['AE', '102', 'OBX-5']);
    expect(refusal(oruSil2r('M2', { value: '0' }))).toEqual(['AE', '102', 'OBX-5']);
    expect(refusal(oruSil2r('M2', { date: 'yesterday' }))).toEqual(['AE', '102', 'OBX-14']);
    expect(oru(PID, 'OBR|1', 'OBX|1|NM|WBC||5', 'OBX|2|ED|SIL2R||x')).toEqual(['AE', '102', 'OBX[2]-2']);
    expect(oru('OBR|1', 'OBX|1|NM|SIL2R||900|U/mL|||||F')).toEqual(['AE', '101', 'PID-3']);
    expect(oru(PID)).toEqual(['AE', '100', null]);
  });
});

test('what does not belong here is refused for good', () => {
  expect(refusal(message('ADT^A01', 'M1', [PID]))).toEqual(['AR', '200', 'MSH-9']);
  expect(refusal(message('ORU^R30', 'M1', [PID]))).toEqual(['AR', '201', 'MSH-9']);
  expect(refusal(message('constructor^x', 'M1', [PID]))).toEqual(['AR', '200', 'MSH-9']);
  expect(refusal(message('ORM^O01', 'M1', [PID], { processingId: 'T' }))).toEqual(['AR', '202', 'MSH-11']);
  expect(refusal(message('ORM^O01', 'M1', [PID], { version: '3.0' }))).toEqual(['AR', '203', 'MSH-12']);
  expect(refusal(message('ORM^O01', '', [PID]))).toEqual(['AE', '101', 'MSH-10']);
});

describe('a time of HL7', () => {
  test.each([
    ['20251120090000+0900', '2025-11-20T09:00:00'],
    ['20251120000000+0000', '2025-11-20T09:00:00'],
    ['202511200900', '2025-11-20T09:00'],
    ['20251120090000.1234', '2025-11-20T09:00:00'],
    ['20251120', '2025-11-20'],
    ['20251120+0000', '2025-11-20'],
    ['202511', null],
    ['20250229', undefined],
    ['2025112025', undefined],
    ['202511202560', undefined],
    ['20.11.2025', undefined],
    ['', undefined],
  ])('%s is %s in the laboratory', (text, expected) => {
    expect(readTime(text, 'Asia/Tokyo')).toBe(expected);
  });
});

test('any segments at all are taken or refused, and never quoted', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'ORC',
      'OBR',
      'OBX',
      'SPM',
      'SAC',
      'PID',
      'DG1',
      'NW',
      'CA',
      'NM',
      'SIL2R',
      'F',
      '20250101',
      '640',
      'S1',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
  );
  const segment = fc
    .tuple(
      fc.constantFrom('ORC', 'OBR', 'OBX', 'SPM', 'SAC', 'PID', 'DG1', 'ZZZ'),
      fc.array(piece, { maxLength: 20 }),
    )
    .map(([id, parts]) => [id, ...parts].join('|'));
  const type = fc.constantFrom('OML^O33', 'OML^O21', 'ORM^O01', 'ORU^R01');
  fc.assert(
    fc.property(type, fc.array(segment, { maxLength: 12 }), (kind, segments) => {
      const reading = readMessage(message(kind, 'M1', ['PID|1||SECRET^x||SECRET', ...segments]));
      if (!reading.ok) return;
      const interpretation = interpret(reading.message, RULES);
      if (interpretation.kind === 'refused') {
        expect(JSON.stringify(interpretation)).not.toContain('SECRET');
      } else {
        expect(interpretation.remarks.join()).not.toContain('SECRET');
        for (const one of interpretation.statements) expect(one.accession ?? one.patientId).not.toBeNull();
      }
    }),
    { numRuns: 2000 },
  );
});
