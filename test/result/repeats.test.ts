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
