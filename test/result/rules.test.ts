import { describe, expect, test } from 'vitest';
import type { RuleCode } from '../../src/config/release.ts';
import { configSchema } from '../../src/config/schema.ts';
import { createLaboratory, HOUR, smoldering, START, type TraceAbout } from './laboratory.ts';
import type { Context } from '../../src/context/context.ts';
import { ja } from '../texts.ts';

const A = 'S25-000001';
const PATIENT = { id: 'P-7', name: '見本 一郎', nameKana: null, birthDate: '1950-01-01', sex: 'M' } as const;
const DAY = 24 * HOUR;

interface Case {
  readonly rule: RuleCode;
  readonly title: string;
  /** What fires the rule, and what is so near it that it must not. */
  readonly fires: Scene;
  readonly doesNot: Scene;
  /** Said in the comment where the rule only reports; by default the remark with its code. */
  readonly says?: RegExp;
  /** The reason that is shown, where it is not the rule's own code. */
  readonly shows?: string;
}

interface Scene {
  readonly order?: Context | null;
  readonly trace?: TraceAbout;
  readonly worklistsAwayHours?: number;
  readonly restoredHoursAgo?: number;
  /** An earlier report of the same patient, so many days ago. */
  readonly earlier?: { readonly cv: number; readonly sil2r: number; readonly days: number };
  readonly control?: readonly [sample: string, about: TraceAbout];
  readonly settings?: Readonly<Record<string, unknown>>;
}

const ofPatient = (sil2r: number): Context => smoldering(A, sil2r, { patient: PATIENT });

const CASES: readonly Case[] = [
  {
    rule: 'QUALITY_REVIEW',
    title: 'the trace is doubtful',
    fires: { trace: { status: 'review', reasons: [{ code: 'NOISY_ANCHOR', detail: '' }] } },
    doesNot: { trace: { reasons: [{ code: 'KNOWN_TEMPLATE', detail: '' }] } },
    says: /^NOISY_ANCHOR: /,
    shows: 'NOISY_ANCHOR',
  },
  {
    rule: 'BORDERLINE',
    title: 'the interval crosses a cut-off',
    fires: { trace: { cv: 0.52, interval: [0.47, 0.57] } },
    doesNot: { trace: { cv: 0.55, interval: [0.5, 0.6] } },
    says: /^BORDERLINE: .*intermediate or high/,
  },
  {
    rule: 'POSSIBLE_TWO_CLONES',
    title: 'two near-equal components',
    fires: { trace: { reasons: [{ code: 'POSSIBLE_TWO_CLONES', detail: '' }] } },
    doesNot: { trace: {} },
  },
  { rule: 'NO_ORDER', title: 'nobody ordered it', fires: { order: null }, doesNot: {}, says: /not known\.$/ },
  ...(['AMBIGUOUS_ORDER', 'ORDER_CANCELLED', 'CONTRADICTING_SOURCES'] as const).map((rule) => ({
    rule,
    title: 'the sources of orders doubt it themselves',
    fires: { order: smoldering(A, 300, { doubts: [{ code: rule, detail: '' }] }) },
    doesNot: { order: smoldering(A, 300, { doubts: [] }) },
  })),
  {
    rule: 'CONTROL_FAILED',
    title: 'a control of the run failed',
    fires: { control: ['POS-TLOM1', { cv: 0.89, well: 'H12' }] },
    doesNot: { control: ['POS-TLOM1', { cv: 0.9, well: 'H12' }] },
  },
  {
    rule: 'CONTROL_MISSING',
    title: 'no passing control of a required kind',
    fires: {
      control: ['NEG-NTC', { status: 'fail', well: 'H12' }],
      settings: { controls: { required: ['positive'] } },
    },
    doesNot: {
      control: ['POS-TLOM1', { cv: 0.97, well: 'H12' }],
      settings: { controls: { required: ['positive'] } },
    },
  },
  {
    rule: 'FIRST_R4',
    title: 'the patient enters R4',
    fires: { order: ofPatient(1480), earlier: { cv: 0.73, sil2r: 300, days: 400 } },
    doesNot: { order: ofPatient(999), earlier: { cv: 0.73, sil2r: 300, days: 400 } },
  },
  {
    rule: 'DELTA',
    title: "the tier differs from the patient's last report",
    fires: { order: ofPatient(300), earlier: { cv: 0.4, sil2r: 300, days: 89 } },
    doesNot: { order: ofPatient(300), earlier: { cv: 0.4, sil2r: 300, days: 91 } },
  },
  {
    rule: 'DELTA',
    title: "sIL-2R has crossed its cut-off since the patient's last report",
    fires: { order: ofPatient(1480), earlier: { cv: 0.73, sil2r: 300, days: 30 } },
    doesNot: { order: ofPatient(310), earlier: { cv: 0.68, sil2r: 300, days: 30 } },
  },
  {
    rule: 'SIL2R_NEAR_CUTOFF',
    title: 'sIL-2R is near its cut-off',
    fires: { order: smoldering(A, 1190) },
    doesNot: { order: smoldering(A, 1191) },
    says: /^sIL-2R lies within 19 %/,
  },
  {
    rule: 'SIL2R_TOO_OLD',
    title: 'the sIL-2R that is known was not used',
    fires: {
      order: smoldering(A, null, {
        sil2rIgnored: {
          ...{ why: 'too-old', days: 120, maxDays: 90 },
          sil2r: { value: 300, unit: 'U/mL', method: null, date: '2025-07-20' },
        },
      }),
    },
    doesNot: { order: smoldering(A, null) },
  },
  {
    rule: 'CLOCK_OFF',
    title: 'the run ended in the future',
    fires: { trace: { endedAt: '2025-11-22T10:15:01' } },
    doesNot: { trace: { endedAt: '2025-11-22T10:15:00' } },
  },
  {
    rule: 'CLOCK_OFF',
    title: 'the run ended before the specimen was taken',
    fires: { order: smoldering(A, 300, { collected: '2025-11-23' }) },
    doesNot: { order: smoldering(A, 300, { collected: '2025-11-22' }) },
  },
  {
    rule: 'STALE_WORKLIST',
    title: 'the worklists could not be read',
    fires: { worklistsAwayHours: 24.1 },
    doesNot: { worklistsAwayHours: 23.9 },
  },
  {
    rule: 'RESTORED',
    title: 'the trace is older than a restore of the database, which does not know it',
    fires: { restoredHoursAgo: 48, trace: { writtenAt: new Date(START.getTime() - 47.1 * HOUR) } },
    doesNot: { restoredHoursAgo: 48, trace: { writtenAt: new Date(START.getTime() - 46.9 * HOUR) } },
  },
];

/** Plays a scene with the rule switched, and no other in its way. */
function play(scene: Scene, rule: RuleCode, does: 'hold' | 'report' | 'off') {
  const all = Object.keys(configSchema.parse({ dataDir: 'd' }).release.rules);
  const rules = { ...Object.fromEntries(all.map((code) => [code, 'off'])), [rule]: does };
  const lab = createLaboratory({ ...scene.settings, release: { rules } });
  if (scene.earlier !== undefined) {
    const { cv, sil2r, days } = scene.earlier;
    lab.pass(-days * DAY);
    lab.order(smoldering('S25-EARLIER', sil2r, { patient: PATIENT, collected: '2024-01-01' }));
    lab.score('S25-EARLIER', { cv, endedAt: '2024-01-02T10:00:00' });
    lab.pass(days * DAY);
  }
  if (scene.worklistsAwayHours !== undefined) {
    lab.worklistsAwaySince(new Date(START.getTime() - scene.worklistsAwayHours * HOUR));
  }
  if (scene.restoredHoursAgo !== undefined) {
    const at = new Date(START.getTime() - scene.restoredHoursAgo * HOUR);
    const madeAt = new Date(at.getTime() - DAY);
    lab.store.transaction(() => lab.store.restores.apply({ at, backup: 'b.db', madeAt, actor: 'Sato' }));
  }
  if (scene.control !== undefined) lab.score(...scene.control);
  if (scene.order !== null) lab.order(scene.order ?? smoldering(A, 300));
  lab.score(A, scene.trace);
  const sent = lab.sent().filter(({ accession }) => accession === A);
  return { held: lab.held()[A] ?? lab.waiting()[A] ?? [], sent, notes: sent.flatMap(({ notes }) => notes) };
}

describe.each(CASES)('$rule: $title', ({ rule, fires, doesNot, says, shows = rule }) => {
  test('holds where it is switched to hold, and not where it does not apply', () => {
    expect(play(fires, rule, 'hold').held).toEqual([shows]);
    const near = play(doesNot, rule, 'hold');
    expect(near.held).toEqual([]);
    expect(near.sent).toHaveLength(1);
  });

  test('is only said where it is switched to report, and not where it does not apply', () => {
    const spoken = says ?? new RegExp(`^${rule}: `);
    const { held, notes } = play(fires, rule, 'report');
    expect(held).toEqual([]);
    expect(notes.filter((note) => spoken.test(note))).toHaveLength(1);
  });

  test('is neither where it is off', () => {
    const { held, sent, notes } = play(fires, rule, 'off');
    expect([held, sent.length]).toEqual([[], 1]);
    if (rule !== 'NO_ORDER')
      expect(notes.filter((note) => (says ?? new RegExp(`^${rule}: `)).test(note))).toEqual([]);
  });
});

test('every rule is tested, and has a text in both languages', () => {
  const rules = Object.keys(configSchema.parse({ dataDir: 'd' }).release.rules) as RuleCode[];
  const elsewhere = ['PATIENT_CHANGED', 'SIL2R_WITHDRAWN'];
  expect(rules.filter((rule) => !CASES.some((one) => one.rule === rule)).sort()).toEqual(elsewhere);
  const coded = rules.filter((rule) => rule !== 'QUALITY_REVIEW');
  expect(coded.filter((rule) => !/[ぁ-ん]/.test(ja.reasons[rule]))).toEqual([]);
});

describe('the defaults', () => {
  test('send a clean result without a person', () => {
    const lab = createLaboratory({ controls: { required: ['positive', 'negative'] } });
    lab.score('POS-TLOM1', { cv: 0.97, well: 'H11' });
    lab.score('NEG-NTC', { status: 'fail', well: 'H12' });
    for (const [index, cv] of [0.05, 0.3, 0.49, 0.5, 0.98].entries()) {
      const accession = `S25-00000${index}`;
      lab.order(smoldering(accession, 300 + 400 * index));
      lab.score(accession, { cv, well: `A0${index + 1}` });
    }
    expect([lab.held(), lab.waiting(), lab.sent().length]).toEqual([{}, {}, 5]);
  });
});

test('only the first R4 of a patient is held by FIRST_R4', () => {
  const lab = createLaboratory({ release: { rules: { FIRST_R4: 'hold' } } });
  for (const accession of [A, 'S25-000002']) {
    lab.order(smoldering(accession, 1480, { patient: PATIENT }));
    lab.score(accession);
    const first = lab.held()[A] !== undefined;
    if (first) lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'known to the ward' }, null);
  }
  expect([lab.held(), lab.sent().map(({ by }) => by)]).toEqual([{}, ['Sato', 'AUTO']]);
});
