import { describe, expect, test } from 'vitest';
import { saidOf } from '../../src/commands/review-said.ts';
import { en } from '../../src/language/en.ts';
import type { ReviewOutcome } from '../../src/result/review.ts';
import { createLaboratory, smoldering } from './laboratory.ts';

const A = 'S25-000001';
const B = 'S25-000002';
const PERSON = { by: 'Sato', reason: 'seen' };
const PATIENT = { id: 'P-7', name: null, nameKana: null, birthDate: null, sex: null } as const;
const REPEAT = { injection: '2', content: 'again', cv: 0.6, well: 'B01' };
const DOUBTFUL = { status: 'review', reasons: [{ code: 'NOISY_ANCHOR', detail: '' }] } as const;

type Laboratory = ReturnType<typeof createLaboratory>;

const said = (outcome: ReviewOutcome): string =>
  outcome.kind === 'done' ? saidOf(outcome, en).join('\n') : en.review.refused(outcome.why);
const lifeOf = (lab: Laboratory) => {
  const [result] = lab.store.results.byAccession(A);
  return lab.store.results
    .versions(result?.id ?? 0)
    .map(({ disposition, reportStatus, analysisId }) => [disposition, reportStatus, analysisId]);
};

describe('a withdrawal while a second trace waits', () => {
  const sentAndRepeated = (repeat: object): Laboratory => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    lab.score(A, { ...REPEAT, ...repeat });
    return lab;
  };

  test('takes back the trace that was sent, and the second one takes its place where it is clean', () => {
    const lab = sentAndRepeated({});
    const outcome = lab.review().withdraw(lab.keyOf(A), PERSON, false);
    expect(lifeOf(lab)).toEqual([
      ['released', 'F', 1],
      ['held', null, 2],
      ['rejected', 'X', 1],
      ['released', 'C', 2],
    ]);
    expect(said(outcome)).toMatch(/rejected {2}RD\w+ to main\n.*_B01\.ab1 takes its place: RD\w+ to main$/);
  });

  test('leaves the second one held for its own doubts, and a person can release it', () => {
    const lab = sentAndRepeated(DOUBTFUL);
    const outcome = lab.review().withdraw(lab.keyOf(A), PERSON, false);
    expect(said(outcome)).toContain('_B01.ab1 is held: NOISY_ANCHOR');
    expect(lab.held()).toEqual({ [A]: ['NOISY_ANCHOR'] });
    expect(lab.review().release(lab.keyOf(A), PERSON, null).kind).toBe('done');
    expect(lab.sent().map(({ status, values }) => [status, values['CV']])).toEqual([
      ['F', '0.73/F'],
      ['X', '/X'],
      ['C', '0.60/C'],
    ]);
  });
});

describe('a release', () => {
  test('is refused while there are reasons that nobody was shown, shows them, and works at the next look', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300, { patient: PATIENT }));
    lab.score(A, DOUBTFUL);
    lab.order(smoldering(B, 300, { patient: PATIENT }));
    lab.score(B, { cv: 0.2, well: 'B01' });
    const refused = lab.review().release(lab.keyOf(A), PERSON, null);
    expect(refused.kind).toBe('refused');
    expect(said(refused)).toContain('DELTA');
    expect(said(refused)).not.toContain('NOISY_ANCHOR');
    expect(lab.held()).toEqual({ [A]: ['NOISY_ANCHOR', 'DELTA'] });
    expect(lab.sent().map(({ accession }) => accession)).toEqual([B]);
    expect(lab.review().release(lab.keyOf(A), PERSON, null).kind).toBe('done');
    expect(lab.sent().map(({ accession }) => accession)).toEqual([B, A]);
  });

  test('is not refused for what a person has released this trace in spite of before', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A, DOUBTFUL);
    lab.review().release(lab.keyOf(A), PERSON, null);
    lab.order(smoldering(A, null));
    expect(lab.held()).toEqual({ [A]: ['SIL2R_WITHDRAWN'] });
    expect(lab.review().release(lab.keyOf(A), PERSON, null).kind).toBe('done');
  });
});

describe('a rejection', () => {
  test('says plainly that the LIS still has what was sent, and how to take it back', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score('POS-TLOM1', { cv: 0.2, well: 'H12' });
    const key = lab.keyOf(A);
    expect(said(lab.review().reject(key, PERSON))).toContain(
      `the LIS still has Cv 0.73 high R2, sent as F; raisingd review withdraw ${key} takes it back`,
    );
    expect(said(lab.review().withdraw(key, PERSON, false))).not.toContain('still has');
    expect(lab.sent().map(({ status }) => status)).toEqual(['F', 'X']);
  });

  test('says nothing of the LIS where it has nothing', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score(A, DOUBTFUL);
    expect(said(lab.review().reject(lab.keyOf(A), PERSON))).toMatch(/rejected {2}nothing is sent$/);
  });
});

describe('what cannot be written in the character set of a destination', () => {
  const lis = (charset: string) => [
    { name: 'main', mllp: { host: '127.0.0.1', port: 1 }, message: { charset, unencodable: 'hold' } },
  ];
  const strange = { ...PATIENT, id: 'P-8', name: '見本 一郎' };

  test('can be rejected, without a message, although the LIS would be told', () => {
    const lab = createLaboratory({ lis: lis('ASCII'), release: { rejected: 'no-result' } });
    lab.order(smoldering(A, 300, { patient: strange }));
    lab.score(A);
    expect(lab.held()).toEqual({ [A]: ['CANNOT_ENCODE'] });
    expect(said(lab.review().reject(lab.keyOf(A), PERSON))).toContain('rejected  nothing is sent');
    expect(lab.held()).toEqual({});
  });

  test('is not withdrawn, which is said, and nothing is changed', () => {
    const lab = createLaboratory({ lis: lis('UTF-8') });
    lab.order(smoldering(A, 300, { patient: strange }));
    lab.score(A);
    lab.configure({ lis: lis('ASCII') });
    expect(said(lab.review().withdraw(lab.keyOf(A), PERSON, false))).toMatch(/^nothing was changed: main/);
    expect(lifeOf(lab)).toEqual([['released', 'F', 1]]);
  });

  test('is held and stops nothing where the patient changes and the first one cannot be told', () => {
    const rules = { PATIENT_CHANGED: 'off' };
    const lab = createLaboratory({ lis: lis('UTF-8'), release: { rules } });
    lab.order(smoldering(A, 300, { patient: strange }));
    lab.score(A);
    lab.configure({ lis: lis('ASCII'), release: { rules } });
    lab.order(smoldering(A, 300, { patient: PATIENT }));
    expect(lab.held()).toEqual({ [A]: ['CANNOT_ENCODE'] });
    expect(lab.sent().map(({ status }) => status)).toEqual(['F']);
  });
});
