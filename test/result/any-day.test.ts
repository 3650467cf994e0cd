import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CATEGORIES } from '../../src/context/context.ts';
import { createLaboratory, HOUR, smoldering, START, type Sent } from './laboratory.ts';

type Laboratory = ReturnType<typeof createLaboratory>;
type Step = (laboratory: Laboratory, round: number) => unknown;

const PERSON = { by: 'Sato', reason: 'seen' };
// One far more often than the other, so that lives get long.
const accession = fc.constantFrom('S25-000001', 'S25-000001', 'S25-000001', 'S25-000002');

const order = fc
  .record({
    name: accession,
    sil2r: fc.constantFrom(null, 400, 990, 1480),
    category: fc.constantFrom('smoldering', 'smoldering', 'smoldering', ...CATEGORIES),
    patient: fc.constantFrom('P-1', 'P-1', 'P-1', 'P-2'),
    order: fc.constantFrom('O-1', 'O-2'),
  })
  .map(({ name, sil2r, category, patient, order: number }): Step => {
    const person = { id: patient, name: null, nameKana: null, birthDate: null, sex: null };
    return (lab) => lab.order(smoldering(name, sil2r, { category, patient: person, order: number }));
  });

const trace = fc
  .record({
    name: accession,
    cv: fc.double({ min: 0, max: 1, noNaN: true }),
    status: fc.constantFrom('pass', 'pass', 'pass', 'review', 'fail'),
    injection: fc.constantFrom('1', '2'),
    began: fc.constantFrom('2025-11-22T07:00:00', '2025-11-22T08:00:00'),
    written: fc.constantFrom(1, 2),
  })
  .map(({ name, cv, status, injection, began, written }): Step => {
    const doubt = [{ code: 'NOISY_ANCHOR', detail: '' }] as const;
    return (lab, round) =>
      lab.score(name, {
        ...{ cv, status, injection, content: String(round) },
        ...{ startedAt: began, writtenAt: new Date(START.getTime() - written * HOUR) },
        ...(status === 'review' ? { reasons: doubt } : {}),
      });
  });

const control = fc.boolean().map((passes): Step => {
  return (lab, round) =>
    lab.score('POS-TLOM1', { cv: passes ? 0.97 : 0.3, content: String(round), well: 'H12' });
});

const decision = fc
  .record({ name: accession, wish: fc.constantFrom('release', 'reject', 'withdraw', 'wrong-patient') })
  .map(({ name, wish }): Step => {
    return (lab) => {
      const [result] = lab.store.results.byAccession(name);
      if (result === undefined) return;
      const review = lab.review();
      if (wish === 'release') review.release(result.key, PERSON, null);
      else if (wish === 'reject') review.reject(result.key, PERSON);
      else review.withdraw(result.key, PERSON, wish === 'wrong-patient');
    };
  });

const time = fc.constantFrom(-HOUR / 4, HOUR, 30 * HOUR).map((ms): Step => {
  return (lab) => {
    lab.pass(ms);
    lab.tick();
  };
});

const step = fc.oneof(order, order, order, trace, trace, control, decision, decision, time);

const settings = fc.record({
  release: fc.record({
    withoutSil2r: fc.constantFrom('preliminary', 'wait', 'final-without-region'),
    reanalysed: fc.constantFrom('hold', 'newest', 'first'),
    repeatInjection: fc.constantFrom('hold', 'newest', 'first'),
    rejected: fc.constantFrom('nothing', 'no-result'),
  }),
  controls: fc.record({ required: fc.constantFrom([], ['positive']) }),
});

const isWrongPatient = ({ values }: Sent): boolean => values['CV'] === '/W';

test('whatever happens on a day, each result lives by the rules', () => {
  fc.assert(
    fc.property(settings, fc.array(step, { minLength: 10, maxLength: 40 }), (chosen, steps) => {
      const lab = createLaboratory(chosen);
      steps.forEach((step, round) => step(lab, round));
      const sent = lab.sent();
      expect(new Set(sent.map(({ controlId }) => controlId)).size).toBe(sent.length);
      expect(sent.filter(({ accession: name }) => name.startsWith('POS'))).toEqual([]);
      for (const life of Map.groupBy(sent, ({ key }) => key).values()) livesByTheRules(life);
      expect(lab.store.audit.verify().ok).toBe(true);
      // Looked at once more, nothing is new; but a report that DELTA compared with may have been withdrawn since.
      const before = sent.length;
      for (const name of ['S25-000001', 'S25-000002']) if (!heldByDelta(lab, name)) lab.again(name);
      expect(lab.sent()).toHaveLength(before);
    }),
    { numRuns: 25 },
  );
});

function heldByDelta({ store }: Laboratory, name: string): boolean {
  const versions = store.results.byAccession(name).map(({ id }) => store.results.latest(id));
  return versions.some((version) => version?.reasons.some(({ code }) => code === 'DELTA') === true);
}

function livesByTheRules(life: readonly Sent[]): void {
  life.forEach((message, index) => {
    const before = life[index - 1];
    const { status, values, notes, reportedAt } = message;
    const corrections = notes.filter((note) => note.startsWith('CORRECTED'));
    // A value exactly where the status says so.
    expect(status === 'X').toBe(values['CV']?.startsWith('/'));
    if (before === undefined) {
      expect(['P', 'F', 'X']).toContain(status);
      expect(corrections).toEqual([]);
      return;
    }
    expect(reportedAt > before.reportedAt).toBe(true);
    if (status === 'P' || status === 'F') expect(before.status).toBe('P');
    if (status === 'C') {
      expect(['F', 'C', 'X']).toContain(before.status);
      expect(corrections[0]).toContain(before.controlId);
    }
    // Nobody gets another patient's result without the first one being told.
    if (message.patient !== before.patient && before.patient !== '') expect(before.status).toBe('X');
    if (isWrongPatient(message)) expect(message.patient).toBe(before.patient);
  });
}
