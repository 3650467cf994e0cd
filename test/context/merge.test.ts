import { describe, expect, test } from 'vitest';
import { isOneOf, readCategory } from '../../src/context/codes.ts';
import type { Patient, Sil2r } from '../../src/context/context.ts';
import { mergeStatements } from '../../src/context/merge.ts';
import { contradictionOf } from '../../src/context/patient.ts';
import { NOTHING_SAID, type Said, type Source, type Statement } from '../../src/context/statement.ts';
import { configSchema } from '../../src/config/schema.ts';

const RULES = configSchema.parse({ dataDir: 'd' }).context;
const AT = new Date('2025-11-20T01:00:00Z');
const NOBODY: Patient = { id: null, name: null, nameKana: null, birthDate: null, sex: null };
const ICHIRO: Patient = { ...NOBODY, id: 'P1', name: '見本^一郎', birthDate: '1948-07-21', sex: 'M' };

function sil2r(value: number, date: string | null, unit = 'U/mL'): Sil2r {
  return { value, unit, method: 'CLEIA', date };
}

/** Statements in the order in which they came. */
function came(...all: (Partial<Omit<Statement, 'said'>> & { readonly said?: Partial<Said> })[]): Statement[] {
  return all.map(({ said, ...rest }, index) => ({
    ...{ id: index + 1, source: 'worklist', kind: 'order', accession: 'S1', key: '', asOf: null },
    ...{ patientId: said?.patient?.id ?? null, origin: `${rest.source ?? 'worklist'} ${index + 1}`, at: AT },
    ...rest,
    said: { ...NOTHING_SAID, ...said },
  }));
}

const merged = (statements: readonly Statement[], precedence: readonly Source[] = RULES.precedence) =>
  mergeStatements('S1', statements, { ...RULES, precedence });
const codes = (statements: readonly Statement[]) =>
  (merged(statements)?.doubts ?? []).map(({ code }) => code);

describe('what several sources say of one specimen', () => {
  const both = came(
    {
      source: 'worklist',
      said: { order: 'W', category: 'carrier', collected: '2025-11-19', patient: ICHIRO },
    },
    {
      source: 'orders',
      key: 'O',
      said: { order: 'O', category: 'smoldering', patient: { ...NOBODY, id: 'P1' } },
    },
  );

  test('is put together field by field, the source that is believed first before the others', () => {
    expect(merged(both)).toMatchObject({
      ...{ order: 'O', category: 'smoldering', collected: '2025-11-19', patient: ICHIRO },
      provenance: {
        order: { source: 'orders', origin: 'orders 2', at: AT.toISOString() },
        collected: { source: 'worklist', origin: 'worklist 1' },
      },
    });
    expect(merged(both)?.doubts).toBeUndefined();
  });

  test('follows the configured precedence, and a source that it leaves out says nothing', () => {
    expect(merged(both, ['worklist', 'orders'])).toMatchObject({ order: 'W', category: 'carrier' });
    expect(merged(both, ['worklist'])).toMatchObject({ order: 'W' });
    expect(merged(both, ['lookup'])).toBeNull();
  });

  test('leaves to the next source what the first does not know', () => {
    const statements = came(
      { source: 'orders', said: { patient: ICHIRO } },
      { source: 'worklist', said: { order: 'W', category: 'ham' } },
    );
    expect(merged(statements)).toMatchObject({ order: 'W', category: 'ham', patient: ICHIRO });
  });

  test('is in doubt where they name different patients', () => {
    const other = (patient: Partial<Patient>) =>
      codes(
        came(
          { source: 'worklist', said: { patient: ICHIRO } },
          { source: 'orders', said: { patient: { ...NOBODY, ...patient } } },
        ),
      );
    expect(other({ id: 'P2' })).toEqual(['CONTRADICTING_SOURCES']);
    expect(other({ id: 'P1', birthDate: '1948-07-22' })).toEqual(['CONTRADICTING_SOURCES']);
    expect(other({ id: 'P1', sex: 'F' })).toEqual(['CONTRADICTING_SOURCES']);
    expect(other({ name: '模型^恵' })).toEqual(['CONTRADICTING_SOURCES']);
    expect(other({ id: 'P1', name: 'MIHON^ICHIRO' })).toEqual([]);
    expect(other({ name: 'Mihon^Ichiro', sex: 'U' })).toEqual([]);
    expect(other({ id: 'Ｐ１', name: '見本 一郎' })).toEqual([]);
  });

  test('never mixes two patients that no id shows to be one', () => {
    const statements = came(
      { source: 'orders', said: { patient: { ...NOBODY, id: 'P1' } } },
      { source: 'worklist', said: { patient: { ...NOBODY, name: '模型^恵' } } },
    );
    expect(merged(statements)?.patient).toEqual({ ...NOBODY, id: 'P1' });
  });

  test('is no order where the specimen is only mentioned in doubt, or only sIL-2R names it', () => {
    expect(merged(came({ said: { order: 'A' } }, { kind: 'doubtful' }))).toBeNull();
    expect(
      merged(came({ source: 'orders', kind: 'sil2r', key: 'X', said: { sil2r: sil2r(900, null) } })),
    ).toBeNull();
    expect(merged([])).toBeNull();
  });

  test('shows codes that mean no category, and does not ask the next source for a better one', () => {
    const statements = came(
      { source: 'orders', said: { unknownCodes: ['C91.5'] } },
      { source: 'worklist', said: { category: 'smoldering' } },
    );
    expect(merged(statements)).toMatchObject({ category: 'unknown', unknownCodes: ['C91.5'] });
  });
});

describe('orders for one specimen', () => {
  const order = (key: string, kind: 'order' | 'cancelled' = 'order') =>
    ({ source: 'orders', kind, key, said: { order: key } }) as const;

  test('are in doubt when two are open, and clear again when one of them is cancelled', () => {
    expect(codes(came(order('A'), order('B')))).toEqual(['AMBIGUOUS_ORDER']);
    const one = came(order('A'), order('B'), order('A', 'cancelled'));
    expect(codes(one)).toEqual([]);
    expect(merged(one)?.order).toBe('B');
  });

  test('hold the result when all are cancelled, even where a source that is believed less still has one', () => {
    expect(codes(came(order('A'), order('A', 'cancelled')))).toEqual(['ORDER_CANCELLED']);
    expect(codes(came({ source: 'worklist', said: { order: 'A' } }, order('A', 'cancelled')))).toEqual([
      'ORDER_CANCELLED',
    ]);
  });

  test('are replaced by a later message about the same order', () => {
    const statements = came(order('A'), { ...order('A'), said: { order: 'A', category: 'ham' } });
    expect(merged(statements)).toMatchObject({ order: 'A', category: 'ham' });
    expect(codes(statements)).toEqual([]);
  });
});

describe('sIL-2R', () => {
  const order = { source: 'orders', said: { patient: ICHIRO, collected: '2025-11-20T09:00' } } as const;
  const measured = (value: number, date: string | null, changes: Partial<Statement> = {}) => ({
    ...({ source: 'orders', kind: 'sil2r', accession: 'CHEM-1', patientId: 'P1', key: `${value}` } as const),
    ...changes,
    said: { patient: ICHIRO, sil2r: sil2r(value, date), ...changes.said },
  });
  const used = (...statements: Parameters<typeof came>) =>
    merged(came(order, ...statements))?.sil2r?.value ?? null;

  test('of the patient counts whatever specimen it was measured in, the newest by its own date', () => {
    expect(used(measured(900, '2025-11-18'), measured(1500, '2025-11-10'))).toBe(900);
    expect(
      used({ source: 'worklist', said: { sil2r: sil2r(700, '2025-11-19') } }, measured(900, '2025-11-18')),
    ).toBe(700);
    expect(merged(came(order, measured(900, '2025-11-18')))?.provenance?.sil2r?.origin).toBe('orders 2');
  });

  test('of another patient is never used, and of one id with another birth date it is a doubt', () => {
    expect(used(measured(900, '2025-11-18', { patientId: 'P2' }))).toBeNull();
    const twin = {
      ...measured(900, '2025-11-18'),
      said: { patient: { ...ICHIRO, birthDate: '1990-01-01' }, sil2r: sil2r(900, '2025-11-18') },
    };
    expect(merged(came(order, twin))).toMatchObject({
      sil2r: null,
      doubts: [{ code: 'CONTRADICTING_SOURCES' }],
    });
  });

  test('is corrected by the same measurement, and gone when it is withdrawn', () => {
    expect(used(measured(900, '2025-11-18', { key: 'X' }), measured(1100, '2025-11-18', { key: 'X' }))).toBe(
      1100,
    );
    const withdrawn = measured(900, null, { key: 'X', kind: 'sil2r-withdrawn', said: { ...NOTHING_SAID } });
    expect(used(measured(900, '2025-11-18', { key: 'X' }), withdrawn)).toBeNull();
  });

  test('is not used when it is too far from the collection, before or after, and that is said', () => {
    expect(used(measured(900, '2025-08-22'))).toBe(900);
    expect(used(measured(900, '2025-08-21'))).toBeNull();
    expect(used(measured(900, '2026-02-18'))).toBe(900);
    expect(used(measured(900, '2026-02-19'))).toBeNull();
    expect(merged(came(order, measured(900, '2025-08-21')))?.sil2rIgnored).toEqual({
      ...{ why: 'too-old', days: 91, maxDays: 90, sil2r: sil2r(900, '2025-08-21') },
    });
  });

  test('without a date is used where it was said of the specimen itself, and not where it is known by the patient alone', () => {
    expect(used({ source: 'worklist', said: { sil2r: sil2r(700, null) } })).toBe(700);
    expect(used(measured(900, null))).toBeNull();
    expect(merged(came(order, measured(900, null)))?.sil2rIgnored).toMatchObject({ why: 'undated' });
  });

  test('is judged by the day on which the specimen was first heard of where nobody says when it was taken', () => {
    const untimed = { source: 'orders', said: { patient: ICHIRO } } as const;
    expect(merged(came(untimed, measured(900, '2025-08-22')))?.sil2r?.value).toBe(900);
    expect(merged(came(untimed, measured(900, '2025-08-21')))?.sil2r).toBeNull();
  });

  test('of one day that two sources give differently is a doubt, and given alike it is none', () => {
    const worklist = (value: number) =>
      ({ source: 'worklist', said: { sil2r: sil2r(value, '2025-11-18') } }) as const;
    expect(codes(came(order, worklist(999), measured(1001, '2025-11-18')))).toEqual([
      'CONTRADICTING_SOURCES',
    ]);
    expect(codes(came(order, worklist(999), measured(999, '2025-11-18')))).toEqual([]);
  });
});

describe('codes', () => {
  test('mean a category when all that are known agree', () => {
    const { categories } = RULES;
    expect(readCategory(['I10', 'Z22.6'], categories)).toEqual({ category: 'carrier', unknownCodes: [] });
    expect(readCategory(['くすぶり型'], categories).category).toBe('smoldering');
    expect(readCategory(['C91.5'], categories)).toEqual({ category: null, unknownCodes: ['C91.5'] });
    expect(readCategory(['ham', 'smoldering'], categories)).toEqual({
      category: null,
      unknownCodes: ['ham', 'smoldering'],
    });
    expect(readCategory([' ', ''], categories)).toEqual({ category: null, unknownCodes: [] });
  });

  test('are the same with or without hyphens and width, and * stands for any rest', () => {
    const { sil2rCodes } = RULES;
    expect(isOneOf('5J095000002305201', sil2rCodes)).toBe(true);
    expect(isOneOf('5J095-0000-023-052-01', sil2rCodes)).toBe(true);
    expect(isOneOf('5J095-0000-023-023-01', sil2rCodes)).toBe(false);
    expect(isOneOf('７６０３９－７', sil2rCodes)).toBe(true);
    expect(isOneOf('', ['*'])).toBe(false);
  });
});

test('two descriptions of which one says nothing do not contradict each other', () => {
  expect(contradictionOf(null, ICHIRO)).toBeNull();
  expect(contradictionOf(NOBODY, ICHIRO)).toBeNull();
});
