import { describe, expect, test } from 'vitest';
import { createLaboratory, smoldering, START, type TraceAbout } from './laboratory.ts';

const A = 'S25-000001';
const B = 'S25-000002';
const RULES = { DELTA: 'off' };

const JANUARY = { content: 'january', injection: '1', startedAt: '2025-01-06T08:00:00', cv: 1 };
const MARCH = { content: 'march', injection: '2', startedAt: '2025-03-06T08:00:00', cv: 0.34 };

const values = (lab: ReturnType<typeof createLaboratory>) => lab.sent().map(({ values }) => values['CV']);
const cameInOrder = (release: object, traces: readonly TraceAbout[]) => {
  const lab = createLaboratory({ release: { rules: RULES, ...release } });
  // The specimen is older than all of them.
  lab.order(smoldering(A, 300, { collected: '2025-01-05T09:00' }));
  for (const trace of traces) lab.score(A, trace);
  return lab;
};

describe('of several injections of one specimen', () => {
  test.each([
    ['newest', 'found in order', [JANUARY, MARCH], ['1.00/F', '0.34/C']],
    ['newest', 'the older one copied in later', [MARCH, JANUARY], ['0.34/F']],
    ['first', 'found in order', [JANUARY, MARCH], ['1.00/F']],
    ['first', 'the older one copied in later', [MARCH, JANUARY], ['0.34/F', '1.00/C']],
  ])('the %s counts by when it was injected, not by when it was found: %s', (policy, _, traces, sent) => {
    const lab = cameInOrder({ repeatInjection: policy }, traces);
    expect([lab.held(), values(lab)]).toEqual([{}, sent]);
  });

  test.each(['newest', 'first'])('a person chooses where they began at one time: %s', (policy) => {
    const lab = cameInOrder({ repeatInjection: policy }, [
      MARCH,
      { ...JANUARY, well: 'B01', startedAt: MARCH.startedAt },
    ]);
    expect([lab.held(), values(lab)]).toEqual([{ [A]: ['REPEAT_INJECTION'] }, ['0.34/F']]);
  });

  test.each(['newest', 'first'])('a person chooses where one does not say when it began: %s', (policy) => {
    const lab = cameInOrder({ repeatInjection: policy }, [MARCH, { ...JANUARY, startedAt: null }]);
    expect([lab.held(), values(lab)]).toEqual([{ [A]: ['REPEAT_INJECTION'] }, ['0.34/F']]);
  });

  test('one whose clock is off is not set aside as older: a person is asked', () => {
    const reset = { ...JANUARY, startedAt: '2000-01-01T00:01:00', endedAt: '2000-01-01T00:46:00' };
    const lab = cameInOrder({ repeatInjection: 'newest' }, [MARCH, reset]);
    expect([lab.held(), values(lab)]).toEqual([{ [A]: ['CLOCK_OFF'] }, ['0.34/F']]);
  });

  test('what was set aside is told in the story of the sample, with the policy', () => {
    const lab = cameInOrder({ repeatInjection: 'newest' }, [MARCH, JANUARY]);
    const asides = lab.store.audit
      .about([lab.keyOf(A)])
      .filter(({ action }) => action === 'analysis.set-aside');
    expect(asides.map(({ detail }) => detail['policy'])).toEqual(['newest']);
  });
});

describe('a trace that was set aside', () => {
  const person = { by: 'Sato', reason: 'too weak' };
  const weak = { status: 'review', reasons: [{ code: 'LOW_SIGNAL', detail: 'S/N 12' }] } as const;
  const FIRST = { ...JANUARY, ...weak };
  const shaOf = (lab: ReturnType<typeof createLaboratory>, cv: number) =>
    lab.store.analyses.byAccession(A, 0).find(({ analysis }) => analysis.cvRaw === cv)?.analysis.sha256 ?? '';

  test.each(['nothing', 'no-result'])(
    'takes the place of the first one when that is rejected: %s',
    (rejected) => {
      const lab = cameInOrder({ repeatInjection: 'first', rejected }, [FIRST, MARCH]);
      expect([lab.held(), lab.sent()]).toEqual([{ [A]: ['LOW_SIGNAL'] }, []]);
      expect(lab.review().reject(lab.keyOf(A), person)).toMatchObject({
        kind: 'done',
        also: [{ decision: { kind: 'release' } }],
      });
      expect([lab.held(), values(lab)]).toEqual([{}, ['0.34/F']]);
    },
  );

  test('waits for a person where something stands against it too', () => {
    const lab = cameInOrder({ repeatInjection: 'first' }, [FIRST, { ...MARCH, ...weak }]);
    lab.review().reject(lab.keyOf(A), person);
    expect([lab.held(), lab.sent()]).toEqual([{ [A]: ['LOW_SIGNAL'] }, []]);
    lab.review().reject(lab.keyOf(A), person);
    expect([lab.held(), lab.sent()]).toEqual([{}, []]);
  });

  test('can be named by a person in place of the one that is held', () => {
    const lab = cameInOrder({ repeatInjection: 'first' }, [FIRST, MARCH]);
    expect(lab.review().release(lab.keyOf(A), person, shaOf(lab, 0.34).slice(0, 12)).kind).toBe('done');
    expect([lab.held(), values(lab)]).toEqual([{}, ['0.34/F']]);
  });

  test('stays so where another one counts still', () => {
    const lab = cameInOrder({ repeatInjection: 'first' }, [JANUARY, MARCH]);
    const between = { content: 'between', injection: '3', startedAt: MARCH.startedAt, cv: 0.5 };
    lab.score(A, between);
    expect([lab.held(), values(lab)]).toEqual([{}, ['1.00/F']]);
    lab.review().withdraw(lab.keyOf(A), person, false);
    // Which of the two was first is not known.
    expect([lab.held(), values(lab)]).toEqual([{ [A]: ['REPEAT_INJECTION'] }, ['1.00/F', '/X']]);
  });

  test("is not sent where the one that was sent was another patient's", () => {
    const lab = cameInOrder({ repeatInjection: 'first' }, [JANUARY, MARCH]);
    lab.review().withdraw(lab.keyOf(A), person, true);
    expect(values(lab)).toEqual(['1.00/F', '/W']);
  });

  test('as older is looked at when the newest is rejected', () => {
    const lab = cameInOrder({ repeatInjection: 'newest' }, [{ ...MARCH, ...weak }, JANUARY]);
    expect([lab.held(), lab.sent()]).toEqual([{ [A]: ['LOW_SIGNAL'] }, []]);
    lab.review().reject(lab.keyOf(A), person);
    expect([lab.held(), values(lab)]).toEqual([{}, ['1.00/F']]);
  });

  test('is not needed: a first trace that was held goes on when the second is rejected', () => {
    const lab = cameInOrder({}, [FIRST, MARCH]);
    expect(lab.held()).toEqual({ [A]: ['REPEAT_INJECTION'] });
    lab.review().reject(lab.keyOf(A), person);
    expect([lab.held(), lab.sent()]).toEqual([{ [A]: ['LOW_SIGNAL'] }, []]);
  });
});

describe('of several analyses of one injection', () => {
  const older = { content: 'older', cv: 1, writtenAt: new Date('2025-11-22T09:00:00Z') };
  const newer = { content: 'newer', cv: 0.34, writtenAt: START };

  test.each([
    ['newest', [older, newer], ['1.00/F', '0.34/C']],
    ['newest', [newer, older], ['0.34/F']],
    ['first', [older, newer], ['1.00/F']],
    ['first', [newer, older], ['0.34/F', '1.00/C']],
  ])('the %s counts by when its file was written', (policy, traces, sent) => {
    const lab = cameInOrder({ reanalysed: policy }, traces);
    expect([lab.held(), values(lab)]).toEqual([{}, sent]);
  });

  test.each(['newest', 'first'])(
    'a person chooses where the files were written at one time: %s',
    (policy) => {
      const lab = cameInOrder({ reanalysed: policy }, [newer, { ...older, writtenAt: START }]);
      expect([lab.held(), values(lab)]).toEqual([{ [A]: ['REANALYSED'] }, ['0.34/F']]);
    },
  );

  test.each(['newest', 'first'])(
    'a person says whose it is where it was reported of another: %s',
    (policy) => {
      const lab = createLaboratory({ release: { reanalysed: policy } });
      lab.order(smoldering(A, 300));
      lab.order(smoldering(B, 300));
      const raw = { injection: '1', content: 'first', well: 'A01' };
      lab.score(A, raw);
      // The same raw data, exported under another name.
      lab.score(A, { ...raw, content: 'renamed', sample: B, writtenAt: START });
      expect([lab.held(), lab.sent().map(({ accession }) => accession)]).toEqual([
        { [B]: ['REANALYSED'] },
        [A],
      ]);
    },
  );
});
