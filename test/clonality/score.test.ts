import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scoreTrace } from '../../src/clonality/score-trace.ts';
import { assaySchema } from '../../src/config/assay.ts';
import { assay, codesOf, scoreOf, traceOf } from './traces.ts';

/** Names of the shares say what the sample is; truths are known exactly, so the margins are those of the method. */
describe('a value close to the largest share', () => {
  test.each([
    { what: 'one clone alone', shares: [1], dust: 0, off: 0.03 },
    { what: 'a large clone among many small ones', shares: [0.73], dust: 25, off: 0.06 },
    { what: 'a clone at the lower cut-off', shares: [0.25], dust: 30, off: 0.06 },
    { what: 'two equal clones', shares: [0.5, 0.5], dust: 0, off: 0.06 },
    { what: 'three equal clones', shares: [1 / 3, 1 / 3, 1 / 3], dust: 0, off: 0.06 },
    { what: 'three clones of different size', shares: [0.5, 0.3, 0.2], dust: 0, off: 0.06 },
    { what: 'nothing but small clones', shares: [0.04], dust: 35, off: 0.09 },
  ])('$what', ({ shares, dust, off }) => {
    for (const seed of [1, 2, 3]) {
      const score = scoreOf({ seed, clones: shares.map((share) => ({ share })), dust });
      expect(score.status).not.toBe('fail');
      expect(Math.abs((score.cvRaw ?? NaN) - Math.max(...shares))).toBeLessThan(off);
      const [low, high] = score.cvInterval ?? [NaN, NaN];
      expect(low).toBeLessThanOrEqual(score.cvRaw ?? NaN);
      expect(high).toBeGreaterThanOrEqual(score.cvRaw ?? NaN);
    }
  });

  test('on average it is right: bias within 0.03 over twenty samples', () => {
    let sum = 0;
    for (let k = 0; k < 20; k++) {
      const share = 0.2 + 0.035 * k;
      sum += (scoreOf({ seed: 100 + k, clones: [{ share }], dust: 20 }).cvRaw ?? NaN) - share;
    }
    expect(Math.abs(sum / 20)).toBeLessThan(0.03);
  });
});

test('two near-equal clones are remarked upon, one clone is not', () => {
  expect(codesOf(scoreOf({ clones: [{ share: 0.5 }, { share: 0.5 }] }))).toContain('POSSIBLE_TWO_CLONES');
  expect(codesOf(scoreOf({ clones: [{ share: 0.7 }], dust: 20 }))).not.toContain('POSSIBLE_TWO_CLONES');
});

describe('what cannot be judged has no value', () => {
  test.each([
    { what: 'a read without LTR', recipe: { front: 'unrelated' }, code: 'ANCHOR_NOT_FOUND' },
    { what: 'a failed reaction', recipe: { failed: true }, code: 'ANCHOR_NOT_FOUND' },
    { what: 'an LTR with nothing behind it', recipe: { hostBases: 0 }, code: 'HOST_TOO_SHORT' },
    { what: 'fifteen host bases', recipe: { hostBases: 15 }, code: 'HOST_TOO_SHORT' },
    { what: 'noise at a third of peak height', recipe: { noise: 0.33 }, code: 'NOISY_ANCHOR' },
  ] as const)('$what: $code', ({ recipe, code }) => {
    const score = scoreOf(recipe);
    expect(score.status).toBe('fail');
    expect(codesOf(score)).toContain(code);
    expect([score.cvRaw, score.cvInterval, score.alternatives]).toEqual([null, null, {}]);
  });

  test('the reason names value and limit', () => {
    expect(scoreOf({ front: 'unrelated' }).reasons[0]?.detail).toMatch(
      /score 0\.\d\d, at least 0\.60 needed/,
    );
    expect(scoreOf({ hostBases: 15 }).reasons[0]?.detail).toMatch(
      /^\d+ usable host bases, at least 20 needed$/,
    );
  });

  test('noise never turns a large clone into a low tier that passes', () => {
    for (const noise of [0.05, 0.1, 0.13, 0.16, 0.2, 0.25]) {
      const score = scoreOf({ noise, clones: [{ share: 0.6 }], dust: 20 });
      expect(score.status === 'pass' && (score.cvRaw ?? 1) < 0.25).toBe(false);
    }
  });
});

describe('known templates', () => {
  const [virus, circle] = assay.knownTemplates;
  test.each([
    { name: virus?.name, sequence: virus?.sequence ?? '', share: 0.25 },
    { name: circle?.name, sequence: circle?.sequence ?? '', share: 0.3 },
  ])('$name at $share is named and does not count as a clone', ({ name, sequence, share }) => {
    for (const clones of [[{ share: 0.6 }], [{ share: 0.05 }]]) {
      const score = scoreOf({ clones, dust: 25, templates: [{ sequence, share }] });
      const reason = score.reasons.find(({ code }) => code === 'KNOWN_TEMPLATE');
      expect(reason?.detail).toContain(name);
      expect(Math.abs((score.quality['templateShare'] ?? 0) - share)).toBeLessThan(0.06);
      expect(Math.abs((score.cvRaw ?? NaN) - (clones[0]?.share ?? NaN))).toBeLessThan(0.1);
    }
  });

  test('a trace without one names none', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(codesOf(scoreOf({ seed, clones: [{ share: 0.5 }], dust: 20 }))).not.toContain('KNOWN_TEMPLATE');
    }
  });
});

describe('the junction', () => {
  test('is the first host base, however short the read before it', () => {
    const score = scoreOf({ clones: [{ share: 0.4 }], dust: 20 });
    expect(score.junction?.base).toBe(120);
  });

  test('is found behind an LTR of which one base in twenty differs', () => {
    const bases = Array.from(assay.anchor);
    for (let i = 7; i < bases.length; i += 20) bases[i] = bases[i] === 'A' ? 'C' : 'A';
    const score = scoreOf({ anchor: bases.join('') });
    expect(score.status).toBe('pass');
    expect(score.junction?.base).toBe(120);
  });
});

test('an assay of id and anchor alone scores a trace', () => {
  const least = assaySchema.parse({ id: 'least', anchor: assay.anchor.slice(-45) });
  const { score } = scoreTrace(traceOf({ clones: [{ share: 0.7 }], dust: 20 }), least);
  expect(score.status).not.toBe('fail');
  expect(Math.abs((score.cvRaw ?? NaN) - 0.7)).toBeLessThan(0.08);
});

test('the same trace has the same score', () => {
  const trace = traceOf({ clones: [{ share: 0.4 }, { share: 0.3 }], dust: 15 });
  const [first, second] = [scoreTrace(trace, assay), scoreTrace(trace, assay)];
  expect(first.score).toEqual(second.score);
  expect(first.evidence?.()).toEqual(second.evidence?.());
});

test('evidence marks what the value was made of', () => {
  const evidence = scoreTrace(traceOf({ clones: [{ share: 0.6 }], dust: 20 }), assay).evidence?.();
  expect(evidence?.anchorPoints.length).toBe(evidence?.anchorBases.length);
  expect(assay.anchor.endsWith(evidence?.anchorBases.slice(-20) ?? '?')).toBe(true);
  expect(evidence?.shares.length).toBe(evidence?.hostPoints.length);
  const [start, end] = evidence?.window ?? [0, 0];
  expect(start).toBe(assay.window.start);
  expect(end).toBeLessThanOrEqual(evidence?.hostPoints.length ?? 0);
  for (const row of evidence?.shares ?? []) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
});

test('raw saturation and a low S/N send a trace to review', () => {
  const trace = traceOf({});
  const reviewed = (changed: object): string[] => codesOf(scoreTrace({ ...trace, ...changed }, assay).score);
  expect(reviewed({ rawMaximum: 32_000 })).toEqual(['SATURATED']);
  expect(reviewed({ rawMaximum: 31_999 })).toEqual([]);
  expect(reviewed({ signalToNoise: [90, 90, 90, 90] })).toEqual(['LOW_SIGNAL']);
});

describe('any trace has a score, and no figure of it is not a number', () => {
  const whole = traceOf({ clones: [{ share: 0.5 }], dust: 15, hostBases: 160 });
  const checked = (trace: typeof whole): void => {
    const { score } = scoreTrace(trace, assay);
    expect(JSON.stringify(score.quality)).not.toContain('NaN');
    const numbers = [score.cvRaw, ...(score.cvInterval ?? []), score.junction?.base, score.junction?.point];
    for (const number of numbers) expect(Number.isNaN(number ?? 0)).toBe(false);
    expect(score.cvRaw === null).toBe(score.status === 'fail');
    expect(score.cvInterval === null).toBe(score.status === 'fail');
  };

  test('cut off at any point', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.points }), (points) => {
        const [a, c, g, t] = whole.channels.map((channel) => channel.slice(0, points)) as [
          Int16Array,
          Int16Array,
          Int16Array,
          Int16Array,
        ];
        const kept = whole.peaks.filter((peak) => peak < points);
        checked({
          ...whole,
          points,
          channels: [a, c, g, t],
          peaks: kept,
          calls: whole.calls.slice(0, kept.length),
        });
      }),
      { numRuns: 60 },
    );
  });

  test('with channels silenced, clipped or turned upside down', () => {
    const changes: ((value: number) => number)[] = [
      () => 0,
      (v) => Math.min(v, 100),
      (v) => -v,
      () => 32_767,
    ];
    for (const change of changes) {
      for (const changed of [0, 1, 2, 3]) {
        const [a, c, g, t] = whole.channels.map((channel, b) =>
          b === changed ? channel.map(change) : channel,
        ) as [Int16Array, Int16Array, Int16Array, Int16Array];
        checked({ ...whole, channels: [a, c, g, t] });
      }
      const [a, c, g, t] = whole.channels.map((channel) => channel.map(change)) as [
        Int16Array,
        Int16Array,
        Int16Array,
        Int16Array,
      ];
      checked({ ...whole, channels: [a, c, g, t] });
    }
  });
});
