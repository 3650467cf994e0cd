import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { controlKind, judgeControl } from '../../src/release/controls.ts';
import { createLaboratory, findingOf, HOUR, smoldering, type TraceAbout } from './laboratory.ts';

const { controls } = configSchema.parse({ dataDir: 'd' });
const A = 'S25-000001';
const B = 'S25-000002';

describe('a control', () => {
  test.each([
    ['POS-TLOM1', 'positive'],
    ['pos', 'positive'],
    ['NTC_1', 'negative'],
    ['neg control', 'negative'],
    ['NTC2_F02', 'negative'],
    ['Positive control', 'positive'],
    ['control-3', 'other'],
    ['NTC2025-1', null],
    ['POSTER-1', null],
    ['S25-000001', null],
  ])('is recognised by its name: %s is %s', (name, kind) => {
    expect(controlKind(name, controls)).toBe(kind);
  });

  const judged = (kind: 'positive' | 'negative', about: TraceAbout, limits = controls) => {
    const finding = findingOf('C', about);
    if (finding.kind !== 'analysed') throw new Error(finding.kind);
    return judgeControl(kind, finding.analysis, limits).verdict;
  };

  test('that is positive passes from its limit on, with a trace that is not doubtful', () => {
    expect(judged('positive', { cv: 0.9 })).toBe('passed');
    expect(judged('positive', { cv: 0.894 })).toBe('failed');
    expect(judged('positive', { cv: 0.95, status: 'review' })).toBe('failed');
    expect(judged('positive', { status: 'fail' })).toBe('failed');
  });

  test('that is negative passes by showing no LTR; any value in it is contamination', () => {
    expect(judged('negative', { status: 'fail' })).toBe('passed');
    expect(judged('negative', { cv: 0.05 })).toBe('failed');
    const noise = [{ code: 'HOST_TOO_SHORT', detail: '12 bases' }] as const;
    expect(judged('negative', { status: 'fail', reasons: noise })).toBe('failed');
  });

  test('that is negative and polyclonal passes up to the limit of the site', () => {
    const limits = { ...controls, negative: { ...controls.negative, maxCv: 0.15 } };
    expect(judged('negative', { cv: 0.15 }, limits)).toBe('passed');
    expect(judged('negative', { cv: 0.16 }, limits)).toBe('failed');
  });
});

describe('the results of a run', () => {
  const required = { controls: { required: ['positive'], waitHours: 3 } };

  test('wait for a required control without asking anybody, and go out by themselves when it passes', () => {
    const lab = createLaboratory(required);
    lab.order(smoldering(A, 300));
    lab.order(smoldering(B, 300));
    lab.score(A);
    lab.score(B, { run: 'Run 2' });
    expect([lab.held(), lab.waiting()]).toEqual([{}, { [A]: ['CONTROL_MISSING'], [B]: ['CONTROL_MISSING'] }]);
    lab.score('POS-TLOM1', { cv: 0.97, well: 'H12' });
    expect(lab.sent().map(({ accession, status }) => [accession, status])).toEqual([[A, 'F']]);
    expect(lab.waiting()).toEqual({ [B]: ['CONTROL_MISSING'] });
  });

  test('are asked about when the control has not come in time', () => {
    const lab = createLaboratory(required);
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.pass(3 * HOUR);
    expect(lab.tick()).toHaveLength(1);
    expect(lab.tick()).toHaveLength(0);
    expect([lab.held(), lab.waiting()]).toEqual([{ [A]: ['CONTROL_MISSING'] }, {}]);
  });

  test('are held when a control fails, also what was sent already, and pass when its repeat does', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.order(smoldering(B, 300));
    lab.score(A);
    const recorded = lab.score('NEG-NTC', { cv: 0.4, well: 'H12' });
    lab.score(B, { well: 'B01' });
    expect(recorded.filter(({ decision }) => decision.kind === 'control')).toHaveLength(1);
    expect(lab.held()).toEqual({ [A]: ['CONTROL_FAILED'], [B]: ['CONTROL_FAILED'] });
    expect(lab.sent().map(({ accession }) => accession)).toEqual([A]);
    lab.score('NEG-NTC', { status: 'fail', well: 'H12', content: 'again', injection: '2' });
    expect(lab.held()).toEqual({});
    expect(lab.sent().map(({ accession, status }) => [accession, status])).toEqual([
      [A, 'F'],
      [B, 'F'],
    ]);
  });

  test('that a person releases in spite of the control are not held by it again', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.score('POS-TLOM1', { cv: 0.2, well: 'H12' });
    lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'control tube was empty' }, null);
    lab.order(smoldering(A, 300));
    expect([lab.held(), lab.sent().map(({ status }) => status)]).toEqual([{}, ['P', 'F']]);
  });

  describe('that a person released in spite of a control', () => {
    const person = { by: 'Sato', reason: 'control tube was empty' };
    const weak = { cv: 0.2, well: 'H12' };
    const released = () => {
      const lab = createLaboratory();
      lab.order(smoldering(A, 300));
      lab.score('POS-TLOM1', weak);
      lab.score(A);
      lab.review().release(lab.keyOf(A), person, null);
      expect([lab.held(), lab.sent().length]).toEqual([{}, 1]);
      return lab;
    };

    test.each([
      ['another control', 'NEG-NTC', { cv: 1, well: 'G12' }],
      ['a second control of that name', 'POS-TLOM1', { ...weak, well: 'G12' }],
      ['the same control, injected again,', 'POS-TLOM1', { ...weak, startedAt: '2025-11-22T09:00:00' }],
    ])('are held again when %s fails, until that is accepted too', (_, sample, about) => {
      const lab = released();
      lab.score(sample, { ...about, content: 'later', injection: '2' });
      expect(lab.held()).toEqual({ [A]: ['CONTROL_FAILED'] });
      lab.review().release(lab.keyOf(A), person, null);
      lab.score('NEG-NTC', { status: 'fail', well: 'F12' });
      expect([lab.held(), lab.sent().length]).toEqual([{}, 1]);
    });
  });

  test('are shown to a person once more where another control fails than the one that was shown', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score('POS-TLOM1', { cv: 0.2, well: 'H12' });
    lab.score(A);
    // Between the two looks of a person the first control passes and another one fails.
    lab.score('NEG-NTC', { cv: 1, well: 'G12' });
    lab.score('POS-TLOM1', { cv: 0.97, well: 'H12', content: 'again', injection: '2' });
    const [version] = lab.store.results.held(1).map(({ version: { reasons } }) => reasons);
    expect(version?.map(({ detail }) => detail)).toEqual([
      'NEG-NTC in G12 of 2025-11-22T08:00:00: Cv 1.00, and no LTR is wanted in it',
    ]);
  });

  test('raise an alarm for each control that fails, which ends when that one is injected again', () => {
    const lab = createLaboratory();
    const changes = (sample: string, about: TraceAbout) => {
      const [recorded] = lab.score(sample, about);
      return recorded?.decision.kind === 'control' ? recorded.decision.failures : null;
    };
    const weak = changes('POS-TLOM1', { cv: 0.2, well: 'H12' });
    const contaminated = changes('NEG-NTC', { cv: 1, well: 'G12' });
    const again = changes('POS-TLOM1', { cv: 0.97, well: 'H12', content: 'again', injection: '2' });
    const lastYear = { startedAt: '2024-11-22T08:00:00' };
    const other = changes('NEG-NTC', {
      status: 'fail',
      well: 'G12',
      content: 'other',
      injection: '2',
      ...lastYear,
    });
    expect([weak?.began.length, weak?.ended]).toEqual([1, []]);
    expect([contaminated?.began.length, contaminated?.ended]).toEqual([1, []]);
    expect(again).toEqual({ began: [], ended: weak?.began });
    expect(other).toEqual({ began: [], ended: [] });
  });

  test('are told apart by plate where the site groups by plate', () => {
    const lab = createLaboratory({ controls: { group: 'plate' } });
    lab.order(smoldering(A, 300));
    lab.score('POS-TLOM1', { cv: 0.2, well: 'H12', run: 'Run 2' });
    lab.score(A);
    expect(lab.held()).toEqual({ [A]: ['CONTROL_FAILED'] });
  });

  describe('of a name that comes again', () => {
    const LAST_YEAR = { startedAt: '2025-01-06T08:00:00', endedAt: '2025-01-06T08:45:00' };
    const positive = { cv: 0.97, well: 'H12' };
    const failed = { cv: 0.2, well: 'H12' };
    const names = (state: Record<string, string[]>) => state[A];

    test("are not released by last year's control, nor held by it", () => {
      const lab = createLaboratory(required);
      lab.order(smoldering(A, 300));
      lab.score('POS-TLOM1', { ...positive, ...LAST_YEAR });
      lab.score('NEG-NTC', { cv: 1, well: 'G12', ...LAST_YEAR });
      lab.score(A);
      expect([names(lab.waiting()), lab.sent()]).toEqual([['CONTROL_MISSING'], []]);
      lab.score('POS-TLOM1', { ...positive, content: 'today', injection: '2' });
      expect(lab.sent().map(({ accession, status }) => [accession, status])).toEqual([[A, 'F']]);
    });

    test("are not held by a control of today where they are last year's", () => {
      const lab = createLaboratory();
      lab.order(smoldering(A, 300, { collected: '2025-01-05T09:00' }));
      lab.order(smoldering(B, 300));
      lab.score(A, LAST_YEAR);
      lab.score(B);
      lab.score('POS-TLOM1', failed);
      expect(lab.held()).toEqual({ [B]: ['CONTROL_FAILED'] });
    });

    test.each([
      [48, 'same', ['CONTROL_FAILED']],
      [47, 'other', undefined],
    ])('%d hours after their control are of the %s run', (windowHours, _, held) => {
      const lab = createLaboratory({ controls: { windowHours } });
      lab.order(smoldering(A, 300));
      lab.score('POS-TLOM1', { ...failed, startedAt: '2025-11-20T08:00:00' });
      lab.score(A);
      expect(names(lab.held())).toEqual(held);
    });

    test('on another instrument are of another run', () => {
      const lab = createLaboratory({ controls: { required: ['positive'] } });
      lab.order(smoldering(A, 300));
      lab.order(smoldering(B, 300));
      lab.score('POS-TLOM1', { ...positive, serial: 'S2' });
      lab.score(A, { serial: 'S1' });
      lab.score(B, { serial: null });
      expect(lab.waiting()).toEqual({ [A]: ['CONTROL_MISSING'] });
    });

    test('that do not say when they began are held by a control that failed, and not released by one', () => {
      const lab = createLaboratory(required);
      lab.order(smoldering(A, 300));
      lab.score('POS-TLOM1', positive);
      lab.score(A, { startedAt: null });
      expect(names(lab.waiting())).toEqual(['CONTROL_MISSING']);
      lab.score('NEG-NTC', { cv: 1, well: 'G12' });
      expect(names(lab.held())).toEqual(['CONTROL_FAILED', 'CONTROL_MISSING']);
    });
  });

  test('stay held where the control that failed was injected after the one that passed, and found before it', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score('POS-TLOM1', { cv: 0.2, well: 'H12', startedAt: '2025-11-22T09:00:00' });
    lab.score(A);
    lab.score('POS-TLOM1', { cv: 0.97, well: 'H12', content: 'earlier', injection: '2' });
    expect(lab.held()).toEqual({ [A]: ['CONTROL_FAILED'] });
  });

  test('are not sent for the control itself, whose value is kept', () => {
    const lab = createLaboratory();
    lab.score('POS-TLOM1', { cv: 0.97, well: 'H12' });
    expect(lab.sent()).toEqual([]);
    expect(lab.store.controls.since(new Date(0))).toMatchObject([
      { sample: 'POS-TLOM1', kind: 'positive', verdict: 'passed', cv: 0.97, group: 'Run 1' },
    ]);
  });
});

describe("a control in a file that is named after a patient's specimen", () => {
  const settings = { accession: { fromSample: '^(?<accession>S25-\\d+)' } };
  const control = { cv: 0.97, well: 'H12', file: `${A}_H12.ab1` };

  test("leaves the patient's result as it is, held or sent", () => {
    const lab = createLaboratory(settings);
    lab.order(smoldering(A, 300));
    lab.score(A, { status: 'fail' });
    lab.score('POS-TLOM1', control);
    expect(lab.held()).toEqual({ [A]: ['ANCHOR_NOT_FOUND'] });
    lab.score(A, { injection: '2', content: 'again' });
    lab.score('POS-TLOM1', { ...control, content: 'again', injection: '2' });
    lab.order(smoldering(A, 1480));
    expect([lab.held(), lab.sent().map(({ status }) => status)]).toEqual([{}, ['F', 'C']]);
  });

  test("that comes first is no earlier trace of the patient's", () => {
    const lab = createLaboratory(settings);
    lab.order(smoldering(A, 300));
    lab.score('POS-TLOM1', control);
    lab.score(A);
    expect([lab.held(), lab.sent().map(({ status }) => status)]).toEqual([{}, ['F']]);
  });

  test('keeps apart even where its own name holds the accession', () => {
    const lab = createLaboratory({ accession: { fromSample: '(?<accession>S25-\\d+)' } });
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score(`POS-${A}`, control);
    lab.order(smoldering(A, 1480));
    expect(lab.sent().map(({ status }) => status)).toEqual(['F', 'C']);
  });
});
