import { describe, expect, test } from 'vitest';
import { createLaboratory, smoldering, HOUR } from './laboratory.ts';

const A = 'S25-000001';
const B = 'S25-000002';
const C = 'S25-000003';
const high = (cutoff: number, approval = 'none') => ({ cutoffs: { cv: { high: cutoff }, approval } });

describe('an edit of the cut-offs', () => {
  test('judges new results, as a new version that each of them names, and no old one', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A, { cv: 0.55 });
    lab.configure(high(0.6));
    lab.order(smoldering(B, 1480));
    lab.score(B, { cv: 0.55, well: 'B01' });
    lab.order(smoldering(A, 1480));
    expect(lab.sent().map(({ accession, status, values }) => [accession, status, values['CVRISK']])).toEqual([
      [A, 'F', 'R4/F'],
      [B, 'F', 'R3/F'],
    ]);
    const [old, edited] = lab.store.cutoffs.all();
    expect([old?.version, edited?.version, edited?.adoptedBy]).toEqual([1, 2, 'raisingd']);
    const [ofA] = lab.store.results.byAccession(A);
    expect(lab.store.results.latest(ofA?.id ?? 0)?.cutoffsVersion).toBe(old?.hash);
    expect(lab.store.audit.about(['cutoffs']).map(({ action }) => action)).toEqual([
      'cutoffs.adopted',
      'cutoffs.adopted',
    ]);
    expect(lab.store.audit.verify().ok).toBe(true);
  });

  test('does not reach a preliminary result whose sIL-2R comes later: its tier was reported by the old ones', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, null));
    lab.score(A, { cv: 0.55 });
    lab.configure(high(0.6));
    lab.order(smoldering(A, 1480));
    expect(lab.sent().map(({ status, values }) => [status, values['CVTIER']])).toEqual([
      ['P', 'HIGH/P'],
      ['F', 'HIGH/F'],
    ]);
  });

  test('only proposes where approval is required', () => {
    const lab = createLaboratory({ cutoffs: { approval: 'required' } });
    lab.configure(high(0.6, 'required'));
    lab.order(smoldering(A, 1480));
    lab.score(A, { cv: 0.55 });
    expect(lab.sent().map(({ values }) => values['CVTIER'])).toEqual(['HIGH/F']);
    expect(lab.store.audit.about(['cutoffs']).map(({ action }) => action)).toEqual([
      'cutoffs.adopted',
      'cutoffs.proposed',
    ]);
    lab.store.cutoffs.adopt(lab.config().cutoffs, lab.now(), 'Sato', 'validated');
    lab.order(smoldering(B, 1480));
    lab.score(B, { cv: 0.55, well: 'B01' });
    expect(lab.sent()[1]?.values['CVTIER']).toBe('INTERMEDIATE/F');
  });

  test('corrects what was sent only when a person asks for it, and only what it moves', () => {
    const lab = createLaboratory();
    for (const [accession, cv] of [[A, 0.55] as const, [B, 0.8] as const, [C, 0.1] as const]) {
      lab.order(smoldering(accession, 1480));
      lab.score(accession, { cv, well: `${accession.slice(-1)}01` });
    }
    lab.configure(high(0.6));
    expect(lab.sent()).toHaveLength(3);
    lab.pass(HOUR);
    const keys = [A, B, C].map(lab.keyOf);
    const { corrected: recorded } = lab
      .review()
      .rescore(keys, { by: 'Sato', reason: 'our validation of 2026' });
    expect(recorded.map(({ resultKey }) => resultKey)).toEqual([lab.keyOf(A)]);
    const corrected = lab.sent()[3];
    expect(corrected).toMatchObject({
      ...{ status: 'C', accession: A, by: 'Sato' },
      values: { CV: '0.55/F', CVTIER: 'INTERMEDIATE/C', CVRISK: 'R3/C' },
    });
    expect(corrected?.notes[0]).toContain('Reason: our validation of 2026.');
    expect(lab.review().rescore(keys, { by: 'Sato', reason: 'again' })).toEqual({ corrected: [], held: [] });
  });

  test('leaves what is on hold to the person who decides about it, and names it', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A, { cv: 0.55 });
    const patient = { id: 'P-2', name: null, nameKana: null, birthDate: null, sex: null } as const;
    lab.order(smoldering(A, 1480, { patient }));
    lab.configure(high(0.6));
    const key = lab.keyOf(A);
    expect(lab.review().rescore([key], { by: 'Sato', reason: 'validated' })).toEqual({
      ...{ corrected: [], held: [key] },
    });
    expect([lab.held(), lab.sent().length]).toEqual([{ [A]: ['PATIENT_CHANGED'] }, 1]);
  });
});
