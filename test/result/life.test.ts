import { describe, expect, test } from 'vitest';
import { createLaboratory, HOUR, sil2rOf, smoldering, START } from './laboratory.ts';

const A = 'S25-000001';
const NOBODY = { name: null, nameKana: null, birthDate: null, sex: null } as const;

describe('a smoldering ATL without sIL-2R', () => {
  test('is preliminary, and final under the same key, later, when sIL-2R arrives', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.order(smoldering(A, 1480));
    const [first, second] = lab.sent();
    expect([first?.status, second?.status]).toEqual(['P', 'F']);
    expect(second?.key).toBe(first?.key);
    expect(second?.controlId).not.toBe(first?.controlId);
    expect((second?.reportedAt ?? '') > (first?.reportedAt ?? '')).toBe(true);
    expect(first?.values).toEqual({ CV: '0.73/P', CVTIER: 'HIGH/P' });
    expect(second?.values).toEqual({ CV: '0.73/F', CVTIER: 'HIGH/F', CVRISK: 'R4/F' });
    expect(second?.notes.some((note) => note.startsWith('CORRECTED'))).toBe(false);
  });

  test('waits by policy, asks nobody, and is final when sIL-2R arrives in time', () => {
    const lab = createLaboratory({ release: { withoutSil2r: 'wait', waitHours: 6 } });
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.pass(5 * HOUR);
    expect([lab.tick(), lab.sent(), lab.held()]).toEqual([[], [], {}]);
    expect(lab.waiting()).toEqual({ [A]: ['AWAITING_SIL2R'] });
    lab.order(smoldering(A, 300));
    expect(lab.sent().map(({ status, values }) => [status, values['CVRISK']])).toEqual([['F', 'R2/F']]);
    expect(lab.waiting()).toEqual({});
  });

  test.each([
    ['preliminary', 'P'],
    ['final-without-region', 'F'],
  ])('goes out by itself when the time is over: %s', (afterWait, status) => {
    const lab = createLaboratory({ release: { withoutSil2r: 'wait', waitHours: 6, afterWait } });
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.pass(6 * HOUR);
    lab.tick();
    lab.tick();
    expect(lab.sent().map((one) => one.status)).toEqual([status]);
  });

  test('is final without a region by policy, and corrected when sIL-2R comes after all', () => {
    const lab = createLaboratory({ release: { withoutSil2r: 'final-without-region' } });
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.order(smoldering(A, 1480));
    expect(lab.sent().map(({ status, values }) => [status, values['CVRISK']])).toEqual([
      ['F', undefined],
      ['C', 'R4/C'],
    ]);
  });
});

describe('a final result', () => {
  test('is corrected when sIL-2R is: old value, old message and reason named, only what changed marked', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 900));
    lab.score(A);
    lab.order(smoldering(A, 1480));
    const [first, second] = lab.sent();
    expect(second).toMatchObject({ status: 'C', key: first?.key, by: 'AUTO' });
    expect(second?.values).toEqual({ CV: '0.73/F', CVTIER: 'HIGH/F', CVRISK: 'R4/C' });
    expect(second?.notes[0]).toBe(
      `CORRECTED: replaces Cv 0.73, high tier, region R2 (message ${first?.controlId ?? ''}). ` +
        'Reason: sIL-2R was reported, changed or withdrawn.',
    );
  });

  test('is corrected when its order or category changes, and a region is withdrawn that no longer applies', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    lab.order(smoldering(A, 1480, { order: 'O-2' }));
    lab.order(smoldering(A, 1480, { order: 'O-2', category: 'carrier' }));
    expect(lab.sent().map(({ status, values }) => [status, values['CVRISK']])).toEqual([
      ['F', 'R4/F'],
      ['C', 'R4/F'],
      ['C', '/X'],
    ]);
  });

  test('stays as it is when an order says nothing new, or has left the worklist', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    lab.order(smoldering(A, 1480, { source: 'worklist b.csv line 9' }));
    lab.forget(A);
    expect(lab.order(smoldering('S25-000002', 1480))).toEqual([]);
    expect(lab.sent()).toHaveLength(1);
  });

  test('is held when its sIL-2R is not known any more', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    lab.order(smoldering(A, null));
    expect(lab.held()).toEqual({ [A]: ['SIL2R_WITHDRAWN'] });
    lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'sIL-2R of another patient' }, null);
    const [, second] = lab.sent();
    expect(second).toMatchObject({ status: 'C', by: 'Sato', values: { CVRISK: '/X' } });
    expect(second?.notes[0]).toContain('Reason: sIL-2R of another patient.');
  });

  test('has a later OBR-22 on its correction even though the clock went back', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 900));
    lab.score(A);
    lab.pass(-HOUR / 2);
    lab.order(smoldering(A, 1480));
    const [first, second] = lab.sent();
    expect((second?.reportedAt ?? '') > (first?.reportedAt ?? '')).toBe(true);
  });

  test('for the wrong patient waits for a person, then is taken back from one and given to the other', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    const other = {
      id: 'P-2',
      name: '仮想 直美',
      nameKana: null,
      birthDate: '1960-02-02',
      sex: 'F',
    } as const;
    lab.order(smoldering(A, 1480, { patient: other, order: 'O-2' }));
    expect(lab.held()).toEqual({ [A]: ['PATIENT_CHANGED'] });
    expect(lab.sent()).toHaveLength(1);
    lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'tubes were swapped' }, null);
    const [first, second, third] = lab.sent();
    expect(second).toMatchObject({
      status: 'X',
      patient: first?.patient,
      values: { CV: '/W', CVTIER: '/W', CVRISK: '/W', CVQC: 'WRONG_PATIENT/F' },
    });
    expect(third).toMatchObject({ status: 'C', patient: 'P-2', values: { CVRISK: 'R4/C' } });
    expect(new Set([first?.key, second?.key, third?.key]).size).toBe(1);
    expect(third?.notes.join()).not.toContain('P-S25');
  });
});

describe('a person who let one change through', () => {
  test('is asked again about the next one of its kind', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    for (const id of ['P-2', 'P-3']) {
      lab.order(smoldering(A, 1480, { patient: { ...NOBODY, id } }));
      expect(lab.held()).toEqual({ [A]: ['PATIENT_CHANGED'] });
      lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'tubes were swapped' }, null);
    }
    expect(lab.sent().map(({ status, patient }) => `${status} ${patient}`)).toEqual([
      ...[`F P-${A}`, `X P-${A}`, 'C P-2', 'X P-2', 'C P-3'],
    ]);
  });

  test('sees every correction too in mode hold-all', () => {
    const lab = createLaboratory({ release: { mode: 'hold-all' } });
    lab.order(smoldering(A, 900));
    lab.score(A);
    lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'seen' }, null);
    lab.order(smoldering(A, 1480));
    expect([lab.held(), lab.sent().length]).toEqual([{ [A]: ['HOLD_ALL'] }, 1]);
  });
});

describe('a second trace of one specimen', () => {
  const second = { injection: '2', content: 'again', cv: 0.2, well: 'B01' };

  test('is held, and a person releases it as a correction or keeps the first', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score(A, second);
    expect(lab.held()).toEqual({ [A]: ['REPEAT_INJECTION'] });
    const person = { by: 'Sato', reason: 'first tube was mixed up' };
    expect(lab.review().release(lab.keyOf(A), person, null).kind).toBe('done');
    expect(lab.sent().map(({ status, values, by }) => [status, values['CV'], values['CVRISK'], by])).toEqual([
      ['F', '0.73/F', 'R2/F', 'AUTO'],
      ['C', '0.20/C', 'R1/C', 'Sato'],
    ]);
  });

  test('that a person rejects leaves what was sent, which lives on', () => {
    const lab = createLaboratory({ release: { rejected: 'no-result' } });
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score(A, second);
    lab.review().reject(lab.keyOf(A), { by: 'Sato', reason: 'bubble' });
    expect([lab.held(), lab.sent().length]).toEqual([{}, 1]);
    lab.order(smoldering(A, 1480));
    expect(lab.held()).toEqual({});
    expect(lab.sent().map(({ status, values }) => [status, values['CV'], values['CVRISK']])).toEqual([
      ['F', '0.73/F', 'R2/F'],
      ['C', '0.73/F', 'R4/C'],
    ]);
  });

  test('that is held keeps no correction of the first one back', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score(A, second);
    lab.order(smoldering(A, 1480));
    lab.order(smoldering(A, 1480));
    expect(lab.sent().map(({ status, values }) => [status, values['CV'], values['CVRISK']])).toEqual([
      ['F', '0.73/F', 'R2/F'],
      ['C', '0.73/F', 'R4/C'],
    ]);
    expect(lab.held()).toEqual({ [A]: ['REPEAT_INJECTION'] });
  });

  test('that a person rejects ends the result where it was the one that was sent', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score('POS-TLOM1', { cv: 0.2, well: 'H12' });
    lab.review().reject(lab.keyOf(A), { by: 'Sato', reason: 'run failed' });
    lab.order(smoldering(A, 1480));
    expect([lab.held(), lab.sent().length]).toEqual([{}, 1]);
  });

  test.each([
    ['newest', ['0.73/F', '0.20/C']],
    ['first', ['0.73/F']],
  ])('counts or not where the policy is %s', (policy, values) => {
    const lab = createLaboratory({ release: { repeatInjection: policy, rules: { DELTA: 'off' } } });
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score(A, { ...second, startedAt: '2025-11-22T09:00:00' });
    expect(lab.held()).toEqual({});
    expect(lab.sent().map((one) => one.values['CV'])).toEqual(values);
  });

  test.each([
    ['hold', ['0.73/F'], { [A]: ['REANALYSED'] }],
    ['newest', ['0.73/F', '0.61/C'], {}],
    ['first', ['0.73/F'], {}],
  ])('of the same injection, re-analysed, is treated as the policy says: %s', (policy, values, held) => {
    const lab = createLaboratory({ release: { reanalysed: policy } });
    lab.order(smoldering(A, 300));
    lab.score(A);
    lab.score(A, { content: 're-analysed', cv: 0.61, writtenAt: START });
    expect(lab.held()).toEqual(held);
    expect(lab.sent().map((one) => one.values['CV'])).toEqual(values);
  });

  test('is looked at anew when both wait: neither is sent before a person has chosen one', () => {
    const lab = createLaboratory({ release: { withoutSil2r: 'wait' } });
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.score(A, second);
    lab.order(smoldering(A, 300));
    expect(lab.sent()).toEqual([]);
    expect(lab.held()).toEqual({ [A]: ['REPEAT_INJECTION'] });
    const [first] = lab.store.analyses.byAccession(A, 0);
    const chosen = first?.analysis.sha256.slice(0, 12) ?? '';
    lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'second was contaminated' }, chosen);
    expect(lab.sent().map(({ values }) => values['CV'])).toEqual(['0.73/F']);
  });

  test('is reported by itself after a first one that failed', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 300));
    lab.score(A, { status: 'fail' });
    expect(lab.held()).toEqual({ [A]: ['ANCHOR_NOT_FOUND'] });
    lab.score(A, second);
    expect([lab.held(), lab.sent().length]).toEqual([{}, 1]);
  });
});

describe('what a person decides', () => {
  const doubtful = { status: 'review', reasons: [{ code: 'NOISY_ANCHOR', detail: 'share 0.84' }] } as const;
  const person = { by: 'Sato', reason: 'looks clean at the junction' };

  test('a doubtful trace is sent under the name of whoever released it, with the doubt in words', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A, doubtful);
    expect(lab.held()).toEqual({ [A]: ['NOISY_ANCHOR'] });
    lab.review().release(lab.keyOf(A), person, null);
    const [message] = lab.sent();
    expect(message).toMatchObject({ status: 'F', by: 'Sato' });
    expect(message?.notes).toContain('NOISY_ANCHOR: The LTR itself is not clean enough to measure against.');
  });

  test('is not asked for again when sIL-2R comes later', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, null));
    lab.score(A, doubtful);
    lab.review().release(lab.keyOf(A), person, null);
    lab.order(smoldering(A, 1480));
    expect([lab.held(), lab.sent().map(({ status, by }) => [status, by])]).toEqual([
      {},
      [
        ['P', 'Sato'],
        ['F', 'AUTO'],
      ],
    ]);
  });

  test('a trace without a value is never released', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A, { status: 'fail' });
    expect(lab.review().release(lab.keyOf(A), person, null)).toMatchObject({ kind: 'refused' });
    expect(lab.sent()).toEqual([]);
  });

  test('a trace that could be of two specimens is never released', () => {
    const lab = createLaboratory();
    lab.score(A, { file: 'S25-000002_A01.ab1' });
    const [held] = lab.store.results.held(1);
    expect(lab.review().release(held?.result.key ?? '', person, null)).toMatchObject({ kind: 'refused' });
  });

  test.each([
    ['nothing', []],
    ['no-result', [['X', { CV: '/X', CVTIER: '/X', CVQC: 'REJECTED/F' }]]],
  ])('a rejected trace tells the LIS %s', (rejected, messages) => {
    const lab = createLaboratory({ release: { rejected } });
    lab.order(smoldering(A, 1480));
    lab.score(A, doubtful);
    lab.review().reject(lab.keyOf(A), person);
    expect(lab.held()).toEqual({});
    expect(lab.sent().map(({ status, values }) => [status, values])).toEqual(messages);
  });

  test('a result that was sent is withdrawn, and a new trace of the specimen replaces it', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    lab.review().withdraw(lab.keyOf(A), person, false);
    lab.order(smoldering(A, 1480, { order: 'O-2' }));
    lab.score(A, { injection: '2', content: 'again', cv: 0.6 });
    expect(lab.sent().map(({ status, values }) => [status, values['CVRISK']])).toEqual([
      ['F', 'R4/F'],
      ['X', '/X'],
      ['C', 'R4/C'],
    ]);
  });

  test('what nobody holds cannot be released or rejected', () => {
    const lab = createLaboratory();
    lab.order(smoldering(A, 1480));
    lab.score(A);
    expect(lab.review().release(lab.keyOf(A), person, null).kind).toBe('refused');
    expect(lab.review().reject(lab.keyOf(A), person).kind).toBe('refused');
    expect(lab.review().release('RD25-nothing', person, null).kind).toBe('refused');
  });
});

describe('with several destinations', () => {
  const lis = [1, 2].map((port) => ({ name: `lis${port}`, mllp: { host: '127.0.0.1', port } }));

  test('a correction names to each the message that it got, and is a first report to one that got none', () => {
    const lab = createLaboratory({ lis: lis.slice(0, 1) });
    lab.order(smoldering(A, 900));
    lab.score(A);
    lab.configure({ lis });
    lab.order({ ...smoldering(A, 900), sil2r: sil2rOf(1480) });
    const [first, corrected, fresh] = lab.sent();
    expect([first?.status, corrected?.status, fresh?.status]).toEqual(['F', 'C', 'F']);
    expect(corrected?.notes[0]).toContain(first?.controlId ?? 'none');
    expect(fresh?.notes.join()).not.toContain('CORRECTED');
  });
});

describe('a destination that has another name now', () => {
  const release = { rules: { PATIENT_CHANGED: 'report' } };
  const named = (name: string, formerly: readonly string[] = []) => ({
    release,
    lis: [{ name, formerly, mllp: { host: '127.0.0.1', port: 1 } }],
  });

  test('is told that what it got under the old one was another patient’s', () => {
    const lab = createLaboratory(named('old'));
    lab.order(smoldering(A, 1480));
    lab.score(A);
    lab.store.outbox.markDelivered(1, lab.now(), 'AA');
    lab.configure(named('new', ['old']));
    lab.order(smoldering(A, 1480, { patient: { ...NOBODY, id: 'P-9' } }));
    expect(lab.sent().map(({ status, patient }) => [status, patient])).toEqual([
      ['F', `P-${A}`],
      ['X', `P-${A}`],
      ['C', 'P-9'],
    ]);
    expect(lab.sent()[2]?.notes.join(' ')).toContain(lab.sent()[1]?.controlId);
  });
});

test('a destination that is gone and has a result is named when that changes, and only then', () => {
  const lab = createLaboratory();
  lab.configure({ lis: [{ name: 'old', mllp: { host: '127.0.0.1', port: 1 } }] });
  lab.order(smoldering(A, 1480));
  expect(lab.score(A).map(({ untold }) => untold)).toEqual([[]]);
  lab.configure({});
  expect(lab.again(A)).toEqual([]);
  expect(lab.order(smoldering(A, 300)).map(({ untold }) => untold)).toEqual([['old']]);
  const done = lab.review().withdraw(lab.keyOf(A), { by: 'Sato', reason: 'swapped' }, true);
  expect(done).toMatchObject({ kind: 'done', recorded: { untold: ['old'] } });
});

describe('a message that was dropped', () => {
  const change = (lab: ReturnType<typeof createLaboratory>) => {
    lab.order(smoldering(A, 300));
    const { status, notes } = lab.sent().at(-1) ?? {};
    return { status, namesTheFirst: notes?.join(' ').includes(lab.sent()[0]?.controlId ?? '?') };
  };

  test('is corrected where the LIS may have it, and not where it was never sent', () => {
    const [tried, untried] = [createLaboratory(), createLaboratory()];
    for (const lab of [tried, untried]) {
      lab.order(smoldering(A, 1480));
      lab.score(A);
    }
    tried.store.outbox.markRetry(1, tried.now(), tried.now(), 'no answer within 30 s', false);
    for (const lab of [tried, untried]) lab.store.outbox.drop(1, lab.now());
    expect(change(tried)).toEqual({ status: 'C', namesTheFirst: true });
    expect(change(untried)).toEqual({ status: 'F', namesTheFirst: false });
  });
});

describe('modes', () => {
  test('hold-all asks a person about every result', () => {
    const lab = createLaboratory({ release: { mode: 'hold-all' } });
    lab.order(smoldering(A, 1480));
    lab.score(A);
    expect(lab.held()).toEqual({ [A]: ['HOLD_ALL'] });
    lab.review().release(lab.keyOf(A), { by: 'Sato', reason: 'seen' }, null);
    expect(lab.sent().map(({ by }) => by)).toEqual(['Sato']);
  });

  test('shadow sends nothing, tells what it would have done, and leaves nothing to be sent later', () => {
    const lab = createLaboratory({ release: { mode: 'shadow' } });
    lab.order(smoldering(A, null));
    const [recorded] = lab.score(A);
    expect(recorded).toMatchObject({ shadow: true, decision: { kind: 'release', status: 'P' } });
    lab.score('S25-000002', { status: 'fail' });
    const [later] = lab.order(smoldering(A, 1480));
    expect(later).toMatchObject({ shadow: true, decision: { kind: 'release', status: 'F' } });
    expect([lab.sent(), lab.held()]).toEqual([[], {}]);
    lab.configure({});
    lab.order(smoldering(A, 300));
    expect(lab.sent()).toEqual([]);
  });

  test('what waited in shadow keeps no later result from its turn', () => {
    const release = { withoutSil2r: 'wait', waitHours: 1, afterWait: 'preliminary' };
    const lab = createLaboratory({ release: { ...release, mode: 'shadow' } });
    for (let index = 0; index < 101; index += 1) {
      const accession = `S24-${String(index).padStart(6, '0')}`;
      lab.order(smoldering(accession, null));
      lab.score(accession);
    }
    lab.configure({ release });
    lab.order(smoldering(A, null));
    lab.score(A);
    lab.pass(2 * HOUR);
    lab.tick();
    expect(lab.sent().map(({ accession }) => accession)).toEqual([A]);
  });
});
