import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema, type Cutoffs } from '../../src/config/schema.ts';
import { CATEGORIES, type Category, type Sil2r } from '../../src/context/context.ts';
import { REASON_CODES, type ReasonCode } from '../../src/reason.ts';
import { classify } from '../../src/risk/classify.ts';
import { comments, type Said } from '../../src/risk/comment.ts';
import type { Language } from '../../src/risk/texts.ts';
import { en, ja } from '../texts.ts';

const { cutoffs } = configSchema.parse({ dataDir: '/var/lib/raisingd' });
const TEXTS = { en, ja };
const SIL2R: Sil2r = { value: 1520, unit: 'U/mL', method: 'CLEIA', date: '2025-11-19' };

interface Case {
  readonly cv?: number;
  readonly interval?: readonly [number, number];
  readonly category?: Category;
  readonly sil2r?: Sil2r | null;
  readonly cutoffs?: Cutoffs;
  readonly reasons?: readonly ReasonCode[];
  readonly corrects?: Said['corrects'];
}

function said(about: Case, language: Language = 'en'): string[] {
  const { cv = 0.73, category = 'smoldering', sil2r = SIL2R, reasons = [], corrects = null } = about;
  const interval = about.interval ?? ([cv, cv] as const);
  const context = { category, sil2r };
  const own = about.cutoffs ?? cutoffs;
  const risk = classify(cv, interval, context, own);
  const extraReasons = reasons.map((code) => ({ code, detail: 'S25-1_A01.ab1' }));
  return comments({ risk, interval, context, cutoffs: own, extraReasons, corrects }, TEXTS[language]);
}

const BASIS =
  'Open clonality estimate, research use only until validated; published cut-offs transferred from Saito et al., Haematologica 2025; equivalence to CLOVA not established.';

describe('smoldering ATL', () => {
  test('in R4: values, cut-offs, the published group and that it is no forecast', () => {
    expect(said({})).toEqual([
      'R4: Cv 0.73 (cut-off 0.50); sIL-2R 1520 U/mL (cut-off 1000; LIS result 2025-11-19, CLEIA). Applies to smoldering ATL.',
      "Published high-risk group: mean time to progression to aggressive ATL 25.0 months. A cohort's mean is not a forecast for one patient.",
      BASIS,
    ]);
    expect(said({}, 'ja')).toEqual([
      'R4：Cv 0.73（カットオフ値 0.50）、sIL-2R 1520 U/mL（カットオフ値 1000、LISの結果 2025-11-19、CLEIA）。くすぶり型ATLに適用。',
      '公表された高リスク群：アグレッシブATLへの平均進行期間 25.0か月。集団の平均値であり、個々の患者の経過を予測するものではありません。',
      '公開手法によるクロナリティ推定値です。施設での妥当性確認が済むまでは研究用です。カットオフ値は Saito et al., Haematologica 2025 の公表値を転用したもので、CLOVAとの同等性は確立されていません。',
    ]);
  });

  test.each([
    [
      0.3,
      500,
      'R1',
      /^Published low-risk group: .* not reached, none progressed \(follow-up 0-167 months, mean 56\.4\)\. A cohort/,
    ],
    [
      0.6,
      500,
      'R2',
      /^Published intermediate-risk group \(R2 and R3 together\): .* 156\.0 months\. A cohort/,
    ],
    [
      0.3,
      2000,
      'R3',
      /^Published intermediate-risk group \(R2 and R3 together\): .* 156\.0 months\. A cohort/,
    ],
    [0.6, 2000, 'R4', /^Published high-risk group: .* 25\.0 months\. A cohort/],
  ])('with Cv %f and sIL-2R %d quotes the figures of %s', (cv, value, region, published) => {
    const [first, second] = said({ cv, sil2r: { ...SIL2R, value } });
    expect(first).toMatch(new RegExp(`^${region}: `));
    expect(second).toMatch(published);
  });

  test("quotes no cohort's figure where the cut-offs are not the published ones", () => {
    const own: Cutoffs = {
      ...cutoffs,
      sil2r: { high: 1200, unit: 'U/mL' },
      source: 'our validation of 2026',
    };
    const lines = said({ cutoffs: own });
    expect(lines[1]).toBe('The published cohort figures do not apply to the cut-offs of this laboratory.');
    expect(lines.join()).not.toMatch(/months|Saito/);
    expect(lines.at(-1)).toContain('cut-offs: our validation of 2026;');
  });

  test('without sIL-2R has a tier and no region', () => {
    expect(said({ sil2r: null })).toEqual([
      'Cv 0.73: high tier (cut-offs 0.25 and 0.50).',
      'No risk region: sIL-2R is not known.',
      BASIS,
    ]);
    expect(said({ sil2r: null }, 'ja')[1]).toBe('リスク領域なし：sIL-2Rの結果がありません。');
  });

  test.each([
    ['pg/mL', 'sIL-2R 1520 pg/mL (LIS result 2025-11-19, CLEIA)'],
    ['', 'sIL-2R 1520 [no unit] (LIS result 2025-11-19, CLEIA)'],
  ])('with sIL-2R in %j names what was given, and that nothing converts it', (unit, quoted) => {
    expect(said({ sil2r: { ...SIL2R, unit } })[1]).toBe(
      `No risk region: ${quoted}; the cut-off is published in U/mL only, and no conversion exists.`,
    );
  });

  test('says when date or method of sIL-2R are not known', () => {
    expect(said({ sil2r: { ...SIL2R, date: null, method: null } })[0]).toContain(
      'sIL-2R 1520 U/mL (cut-off 1000; LIS result of unknown date, unknown method)',
    );
  });

  test.each([
    [809, false],
    [810, true],
    [999.5, true],
    [1000, true],
    [1190, true],
    [1191, false],
  ])('with sIL-2R %f warns of a neighbouring region: %s', (value, warned) => {
    const lines = said({ sil2r: { ...SIL2R, value } });
    expect(lines.some((line) => line.startsWith('sIL-2R lies within 19 % of its cut-off.'))).toBe(warned);
  });
});

describe('other categories', () => {
  test.each<Category>(['carrier', 'ham'])('%s: the tier of onset, no region, sIL-2R quoted', (category) => {
    expect(said({ category })).toEqual([
      'Cv 0.73: high tier of ATL-onset risk (cut-offs 0.25 and 0.50). Applies to asymptomatic carriers and HAM/TSP.',
      'sIL-2R 1520 U/mL (LIS result 2025-11-19, CLEIA).',
      BASIS,
    ]);
    expect(said({ category, sil2r: null, cv: 0.3 }, 'ja')[0]).toBe(
      'Cv 0.30：ATL発症リスク区分「中」（カットオフ値 0.25、0.50）。無症候性キャリアおよびHAM/TSPに適用。',
    );
  });

  test.each<[Category, string, string]>([
    ['chronic', 'chronic ATL', '慢性型ATL'],
    ['acute', 'acute ATL', '急性型ATL'],
    ['lymphoma', 'lymphoma-type ATL', 'リンパ腫型ATL'],
  ])('%s: Cv and tier as values, and why there is no region', (category, words, kanji) => {
    expect(said({ category, sil2r: null })).toEqual([
      'Cv 0.73: high tier (cut-offs 0.25 and 0.50).',
      `No risk region: regions apply to smoldering ATL only (category: ${words}).`,
      BASIS,
    ]);
    expect(said({ category }, 'ja').slice(0, 3)).toEqual([
      'Cv 0.73：区分「高」（カットオフ値 0.25、0.50）。',
      `リスク領域なし：領域はくすぶり型ATLにのみ適用されます（病型：${kanji}）。`,
      'sIL-2R 1520 U/mL（LISの結果 2025-11-19、CLEIA）。',
    ]);
  });

  test('unknown: Cv and tier as values', () => {
    expect(said({ category: 'unknown', sil2r: null })[1]).toBe(
      'No risk region: the diagnosis category is not known.',
    );
  });
});

describe('a borderline value', () => {
  test('names both tiers and both regions', () => {
    const lines = said({ cv: 0.5, interval: [0.47, 0.55] });
    expect(lines[2]).toBe(
      'BORDERLINE: the 90 % interval of Cv, 0.47-0.55, crosses a cut-off (0.50); the tier may be intermediate or high.',
    );
    expect(lines[3]).toBe('The region may be R3 or R4.');
    expect(said({ cv: 0.5, interval: [0.47, 0.55] }, 'ja').slice(2, 4)).toEqual([
      '境界域 (BORDERLINE)：Cvの90 %区間 0.47-0.55 がカットオフ値（0.50）をまたぐため、区分は中または高の可能性があります。',
      '領域はR3またはR4の可能性があります。',
    ]);
  });

  test('names all three tiers where both cut-offs are crossed', () => {
    expect(said({ cv: 0.4, interval: [0.2, 0.6], category: 'carrier', sil2r: null })[1]).toContain(
      'crosses a cut-off (0.25 and 0.50); the tier may be low, intermediate, or high.',
    );
  });

  test('has the same region on both sides of the lower cut-off', () => {
    const lines = said({ cv: 0.25, interval: [0.22, 0.28] }).join('\n');
    expect(lines).toContain('the tier may be low or intermediate.');
    expect(lines).not.toContain('The region may be');
  });

  test('is said once, also when it comes as a remark', () => {
    const lines = said({ cv: 0.5, interval: [0.47, 0.55], reasons: ['BORDERLINE'] });
    expect(lines.filter((line) => line.includes('BORDERLINE'))).toHaveLength(1);
  });
});

describe('remarks, failures and corrections', () => {
  test('a remark is given in words; its detail, which may name a file, stays here', () => {
    expect(said({ reasons: ['POSSIBLE_TWO_CLONES'] })).toContain(
      'POSSIBLE_TWO_CLONES: Two near-equal components: Cv may understate clonality.',
    );
    expect(said({ reasons: ['POSSIBLE_TWO_CLONES'] }).join()).not.toContain('.ab1');
  });

  test('no result has no tier, no group and no cut-off, but its reason', () => {
    const nothing: Said = {
      risk: null,
      interval: null,
      context: { category: 'smoldering', sil2r: SIL2R },
      cutoffs,
      extraReasons: [{ code: 'LOW_SIGNAL', detail: '' }],
    };
    expect(comments(nothing, en)).toEqual([
      'No result: the trace gives no clonality value.',
      'LOW_SIGNAL: The signal is too weak against its noise.',
    ]);
    expect(comments(nothing, ja)).toEqual([
      '結果なし：波形からクロナリティ値を求められませんでした。',
      'LOW_SIGNAL：信号がノイズに対して弱すぎます。',
    ]);
  });

  test.each([
    [0.6, SIL2R, 'Cv 0.60, high tier, region R4'],
    [0.3, null, 'Cv 0.30, intermediate tier, no region'],
  ])('a correction begins with the old value, its message and the reason', (cv, sil2r, old) => {
    const risk = classify(cv, [cv, cv], { category: 'smoldering', sil2r }, cutoffs);
    const corrects = { controlId: 'RD1', risk, why: 'order re-linked' };
    expect(said({ corrects })[0]).toBe(`CORRECTED: replaces ${old} (message RD1). Reason: order re-linked.`);
  });

  test('a correction of a report without a result says so', () => {
    const corrects = { controlId: 'RD1', risk: null, why: '再検査' };
    expect(said({ corrects }, 'ja')[0]).toBe(
      '訂正：メッセージ RD1 の報告（結果なし）を差し替えます。理由：再検査。',
    );
  });
});

describe('in every language', () => {
  const names = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

  test('a line has the same blanks to fill', () => {
    for (const id of Object.keys(en.lines) as (keyof typeof en.lines)[]) {
      expect([id, names(ja.lines[id])]).toEqual([id, names(en.lines[id])]);
    }
  });

  test('each reason has words', () => {
    for (const code of Object.keys(REASON_CODES) as ReasonCode[]) {
      expect(en.reasons[code]).not.toBe('');
      expect(ja.reasons[code]).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
  });

  test('a comment has no blank left, no line break, and claims neither CLOVA nor a region that is not there', () => {
    const any = fc.record({
      cv: fc.double({ min: 0, max: 1, noNaN: true }),
      width: fc.double({ min: 0, max: 0.3, noNaN: true }),
      category: fc.constantFrom(...CATEGORIES),
      sil2r: fc.option(
        fc.record({
          value: fc.integer({ min: 0, max: 50_000 }),
          unit: fc.constantFrom('U/mL', 'U/ml', 'pg/mL', ''),
          method: fc.option(fc.constantFrom('CLEIA', 'EIA')),
          date: fc.option(fc.constant('2025-11-19')),
        }),
      ),
      language: fc.constantFrom('en' as const, 'ja' as const),
    });
    fc.assert(
      fc.property(any, ({ cv, width, category, sil2r, language }) => {
        const interval = [Math.max(0, cv - width), Math.min(1, cv + width)] as const;
        const context = { category, sil2r };
        const risk = classify(cv, interval, context, cutoffs);
        const lines = comments({ risk, interval, context, cutoffs, extraReasons: [] }, TEXTS[language]);
        const text = lines.join('\n');
        expect(text).not.toMatch(/[{}]|undefined|NaN|\n\n/);
        expect(text.match(/CLOVA/g)).toHaveLength(1);
        expect(/\bR[1-4]\b/.test(text)).toBe(risk.region !== null);
        expect(text).toContain(risk.cv.toFixed(2));
        if (sil2r !== null) expect(text).toContain(`sIL-2R ${sil2r.value} `);
      }),
      { numRuns: 300 },
    );
  });

  test('Japanese keeps to JIS X 0208 and ASCII', () => {
    // The signs in which the usual tables for ISO-2022-JP and cp932 differ, and what neither has.
    const unsafe =
      /[\uFF5E\u301C\u2014\u2015\u2225\u2016\uFF0D\u2212\uFFE0-\uFFE2\u00A0-\u00BF\u2460-\u24FF\uFF61-\uFF9F]/u;
    for (const text of [JSON.stringify(ja)]) expect(text).not.toMatch(unsafe);
  });
});
