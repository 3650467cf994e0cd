import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis.ts';
import { figure, type Caption } from '../../src/report/figure.ts';
import { toSvg } from '../../src/report/svg.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { method, recipe } from '../simulate/recipes.ts';

const quality = { anchorScore: null, anchorShare: null, hostBases: null, hostToAnchor: null };
const caption: Caption = { title: 'a trace', verdict: 'Cv 0.73', reasons: [], quality };

describe('the picture of a scored trace', () => {
  const { trace, evidence } = analyse(simulate(recipe({ clones: [{ share: 0.7 }], dust: 20 })).bytes, method);
  const svg = figure(trace, evidence, caption);

  test('marks the LTR and the window, and draws four signals in four colours', () => {
    expect(svg).toContain('end of the LTR');
    expect(svg).toMatch(/window, \d+ bases/);
    const strokes = [...svg.matchAll(/<polyline [^>]*stroke="([^"]+)"/g)].map(([, stroke]) => stroke);
    expect(new Set(strokes).size).toBe(4);
  });

  test('shows the shares of each host position as one bar whose parts fill it', () => {
    const heights = [...svg.matchAll(/height="([\d.]+)"[^>]*fill-opacity/g)].map(([, height]) =>
      Number(height),
    );
    const bars = heights.length / 4;
    const total = heights.reduce((sum, height) => sum + height, 0);
    expect(total / bars).toBeCloseTo(96, 0);
  });

  test('says the reasons in words', () => {
    const reasons = [{ code: 'LOW_SIGNAL', detail: 'mean S/N 68, review below 100' }] as const;
    expect(figure(trace, evidence, { ...caption, reasons })).toContain(
      'LOW_SIGNAL: The signal is too weak against its noise (mean S/N 68, review below 100)',
    );
  });
});

test('a read without a junction is shown whole, and a file without signal says so', () => {
  const { trace, evidence } = analyse(simulate(recipe({ front: 'unrelated' })).bytes, method);
  expect(evidence).toBeNull();
  expect(figure(trace, evidence, caption)).toContain('the end of the LTR was not found');
  expect(figure(null, null, caption)).toContain('no signal could be read');
});

test('no name can break out of its place in the picture', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const svg = toSvg({ width: 1, height: 1, title: name, shapes: [] });
      const escaped = svg.slice(svg.indexOf('<title>') + 7, svg.lastIndexOf('</title>'));
      expect(escaped).not.toMatch(/[<>"]/);
      expect(escaped).not.toMatch(/&(?!(amp|lt|gt|quot);)/);
      expect(escaped.isWellFormed()).toBe(true);
    }),
  );
});
