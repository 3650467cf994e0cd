import type { Cutoffs } from '../config/schema.ts';
import type { Context, Sil2r } from '../context/context.ts';
import type { Reason, ReasonCode } from '../reason.ts';
import {
  cutoffText,
  isNearCutoff,
  reportedCv,
  tierOf,
  type Region,
  type Risk,
  type Tier,
} from './classify.ts';
import { line, type Texts } from './texts.ts';

/** What was reported before, for a result that corrects it. */
export interface Correction {
  /** MSH-10 of the message that carried it. */
  readonly controlId: string;
  /** Null where it said that there is no result. */
  readonly risk: Risk | null;
  /** Why it changed, in the words of whoever changed it. */
  readonly why: string;
}

export interface Said {
  /** Null where there is no result. */
  readonly risk: Risk | null;
  /** 90 % interval of the unrounded Cv; null with `risk`. */
  readonly interval: readonly [number, number] | null;
  readonly context: Pick<Context, 'category' | 'sil2r'>;
  readonly cutoffs: Cutoffs;
  /** Remarks of the analysis, or why there is no result. Their details stay here: they may name files. */
  readonly extraReasons: readonly Reason[];
  readonly corrects?: Correction | null;
  /** Percent of the cut-off within which sIL-2R is called near it; null: never. Default 19. */
  readonly nearPercent?: number | null;
}

/** The cut-offs to which the published cohort figures belong (Saito et al., Haematologica 2025). */
const PUBLISHED = { intermediate: 0.25, high: 0.5, sil2r: 1000 };

/** Two assays of one hospital gave sIL-2R up to this much apart (CLEIA = 0.812 x EIA + 3.9). */
const ASSAY_SPREAD_PERCENT = 19;

/** The comment of one result, a line each. */
export function comments(said: Said, texts: Texts): string[] {
  const { risk, interval, cutoffs } = said;
  const corrected = said.corrects ? [correctionLine(said.corrects, texts)] : [];
  if (risk === null || interval === null) {
    return [...corrected, whyNothing(said.extraReasons, texts), ...remarks(said.extraReasons, texts)];
  }
  return [
    ...corrected,
    ...verdict(risk, said, texts),
    ...nearCutoff(said, risk, texts),
    ...borderline(risk, interval, cutoffs, texts),
    ...remarks(said.extraReasons, texts),
    isPublished(cutoffs) ? texts.lines.basis : line(texts, 'basisOfOtherCutoffs', { source: cutoffs.source }),
  ];
}

/** What tier and region mean for this category, and on what sIL-2R they stand. */
function verdict(risk: Risk, { context, cutoffs }: Said, texts: Texts): readonly string[] {
  const { category, sil2r } = context;
  const values = {
    cv: risk.cv.toFixed(2),
    tier: texts.tiers[risk.tier],
    intermediate: cutoffText(cutoffs.cv.intermediate),
    high: cutoffText(cutoffs.cv.high),
  };
  const quoted = sil2r === null ? '' : sil2rQuote(sil2r, texts);
  if (risk.region !== null && sil2r !== null) {
    const judged = sil2rQuote(sil2r, texts, cutoffs.sil2r.high);
    return [
      line(texts, 'region', { ...values, region: risk.region, sil2r: judged }),
      ...cohort(risk.region, cutoffs, texts),
    ];
  }
  const sil2rLine = quoted === '' ? [] : [line(texts, 'sil2rLine', { sil2r: quoted })];
  switch (category) {
    case 'carrier':
    case 'ham':
      return [line(texts, 'onset', values), ...sil2rLine];
    case 'smoldering': {
      const why =
        sil2r === null
          ? texts.lines.noRegionSil2rMissing
          : line(texts, 'noRegionSil2rUnit', { sil2r: quoted, unit: cutoffs.sil2r.unit });
      return [line(texts, 'tierOnly', values), why];
    }
    case 'chronic':
    case 'acute':
    case 'lymphoma': {
      const why = line(texts, 'noRegionCategory', { category: texts.categories[category] });
      return [line(texts, 'tierOnly', values), why, ...sil2rLine];
    }
    case 'unknown':
      return [line(texts, 'tierOnly', values), texts.lines.noRegionUnknown, ...sil2rLine];
  }
}

function cohort(region: Region, cutoffs: Cutoffs, texts: Texts): readonly string[] {
  if (!isPublished(cutoffs)) return [texts.lines.cohortOfOtherCutoffs];
  return [line(texts, 'cohort', { group: texts.cohorts[region] })];
}

function isPublished({ cv, sil2r }: Cutoffs): boolean {
  return (
    cv.intermediate === PUBLISHED.intermediate && cv.high === PUBLISHED.high && sil2r.high === PUBLISHED.sil2r
  );
}

function sil2rQuote(sil2r: Sil2r, texts: Texts, cutoff?: number): string {
  const values = {
    value: String(sil2r.value),
    unit: sil2r.unit.trim() === '' ? texts.lines.noUnit : sil2r.unit.trim(),
    date: sil2r.date ?? texts.lines.noDate,
    method: sil2r.method ?? texts.lines.noMethod,
  };
  if (cutoff === undefined) return line(texts, 'sil2r', values);
  return line(texts, 'sil2rJudged', { ...values, cutoff: String(cutoff) });
}

function nearCutoff(
  { context: { sil2r }, cutoffs, nearPercent = ASSAY_SPREAD_PERCENT }: Said,
  risk: Risk,
  texts: Texts,
): readonly string[] {
  if (nearPercent === null || sil2r === null || risk.region === null) return [];
  if (!isNearCutoff(sil2r, cutoffs.sil2r, nearPercent)) return [];
  return [line(texts, 'sil2rNear', { percent: String(nearPercent) })];
}

const TIERS: readonly Tier[] = ['low', 'intermediate', 'high'];

/** The region with the same sIL-2R on the other side of the high cut-off of Cv. */
const NEIGHBOURS: Readonly<Record<Region, readonly [Region, Region]>> = {
  R1: ['R1', 'R2'],
  R2: ['R1', 'R2'],
  R3: ['R3', 'R4'],
  R4: ['R3', 'R4'],
};

interface Lists {
  readonly or: Intl.ListFormat;
  readonly and: Intl.ListFormat;
}

/** Made once: making them takes longer than all else in a comment. */
const LISTS: Readonly<Record<Texts['language'], Lists>> = { en: listsOf('en'), ja: listsOf('ja') };

function listsOf(language: Texts['language']): Lists {
  return {
    or: new Intl.ListFormat(language, { type: 'disjunction' }),
    and: new Intl.ListFormat(language, { type: 'conjunction' }),
  };
}

/** Names every tier and region that the interval leaves possible. */
function borderline(
  risk: Risk,
  interval: readonly [number, number],
  cutoffs: Cutoffs,
  texts: Texts,
): readonly string[] {
  if (risk.crossed.length === 0) return [];
  const [low, high] = [reportedCv(interval[0]), reportedCv(interval[1])];
  const possible = TIERS.slice(
    TIERS.indexOf(tierOf(low, cutoffs.cv)),
    TIERS.indexOf(tierOf(high, cutoffs.cv)) + 1,
  );
  const { or, and } = LISTS[texts.language];
  const tiers = line(texts, 'borderline', {
    low: low.toFixed(2),
    high: high.toFixed(2),
    cutoffs: and.format(risk.crossed.map(cutoffText)),
    tiers: or.format(possible.map((tier) => texts.tiers[tier])),
  });
  if (risk.region === null || !risk.crossed.includes(cutoffs.cv.high)) return [tiers];
  return [tiers, line(texts, 'borderlineRegion', { regions: or.format(NEIGHBOURS[risk.region]) })];
}

function whyNothing(reasons: readonly Reason[], { lines }: Texts): string {
  const codes = new Set(reasons.map(({ code }) => code));
  if (codes.has('WRONG_PATIENT')) return lines.wrongPatient;
  return codes.has('REJECTED') ? lines.noValue : lines.noResult;
}

/** What has a line of its own already. */
const SAID_ELSEWHERE: ReadonlySet<ReasonCode> = new Set([
  'BORDERLINE',
  'SIL2R_NEAR_CUTOFF',
  'WRONG_PATIENT',
  'REJECTED',
]);

/** Each remark in words, once. */
function remarks(reasons: readonly Reason[], texts: Texts): readonly string[] {
  const codes = new Set(reasons.map(({ code }) => code));
  return [...codes]
    .filter((code) => !SAID_ELSEWHERE.has(code))
    .map((code) => line(texts, 'remark', { code, text: texts.reasons[code] }));
}

function correctionLine({ controlId, risk, why }: Correction, texts: Texts): string {
  return line(texts, 'corrected', { old: oldResult(risk, texts), message: controlId, why });
}

function oldResult(risk: Risk | null, texts: Texts): string {
  if (risk === null) return texts.lines.oldNothing;
  const values = { cv: risk.cv.toFixed(2), tier: texts.tiers[risk.tier] };
  if (risk.region === null) return line(texts, 'oldTier', values);
  return line(texts, 'oldRegion', { ...values, region: risk.region });
}
