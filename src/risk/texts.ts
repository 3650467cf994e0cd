import type { Category } from '../context/context.ts';
import type { ReasonCode } from '../reason.ts';
import type { Region, Tier } from './classify.ts';

export type Language = 'en' | 'ja';

/** Every line or part of one, with the marks `{name}` that comment.ts fills in: the same in every language. */
export const LINES = {
  /** The region of a smoldering ATL. */
  region: ['region', 'cv', 'high', 'sil2r'],
  /** The published figures belong to the published cut-offs and are quoted with no others. */
  cohortOfOtherCutoffs: [],
  /** What was published of a region's group, and that it is no forecast: never one without the other. */
  cohort: ['group'],
  /** Carriers and HAM/TSP. */
  onset: ['cv', 'tier', 'intermediate', 'high'],
  /** All others: no forecast was published for their tier. */
  tierOnly: ['cv', 'tier', 'intermediate', 'high'],
  noRegionSil2rMissing: [],
  noRegionSil2rUnit: ['sil2r', 'unit'],
  noRegionCategory: ['category'],
  noRegionUnknown: [],
  sil2r: ['value', 'unit', 'date', 'method'],
  sil2rJudged: ['value', 'unit', 'cutoff', 'date', 'method'],
  /** A line of its own where no region was judged by it. */
  sil2rLine: ['sil2r'],
  sil2rNear: ['percent'],
  borderline: ['low', 'high', 'cutoffs', 'tiers'],
  borderlineRegion: ['regions'],
  remark: ['code', 'text'],
  /** The trace itself is too poor. */
  noResult: [],
  /** A person decided against its value. */
  noValue: [],
  /** To the patient to whom it should not have gone. */
  wrongPatient: [],
  corrected: ['old', 'message', 'why'],
  oldRegion: ['cv', 'tier', 'region'],
  oldTier: ['cv', 'tier'],
  oldNothing: [],
  basis: [],
  basisOfOtherCutoffs: ['source'],
  noUnit: [],
  noDate: [],
  noMethod: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type LineId = keyof typeof LINES;

/** Why a report was corrected, where no person gave a reason of their own. */
export const CAUSES = [
  'patient',
  'order',
  'category',
  'sil2r',
  'collected',
  'analysis',
  'cutoffs',
  'replaced',
] as const;
export type Cause = (typeof CAUSES)[number];

/** The words of one language: config/comments, or a site's own. */
export interface Texts {
  readonly language: Language;
  readonly lines: Readonly<Record<LineId, string>>;
  /** What was published of each region's group (Saito et al., Haematologica 2025). */
  readonly cohorts: Readonly<Record<Region, string>>;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly categories: Readonly<Record<Category, string>>;
  readonly causes: Readonly<Record<Cause, string>>;
  readonly reasons: Readonly<Record<ReasonCode, string>>;
}

/** What is wrong with the marks of a line; null where it has exactly its own. */
export function marksFault(id: LineId, text: string): string | null {
  const wanted: readonly string[] = LINES[id];
  const found = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const missing = wanted.filter((name) => !found.includes(name));
  const unknown = found.filter((name) => !wanted.includes(name));
  const listed = (names: readonly string[]): string => names.map((name) => `{${name}}`).join(', ');
  if (missing.length > 0) return `lacks ${listed(missing)}`;
  return unknown.length > 0 ? `has ${listed(unknown)}, which nothing fills in` : null;
}

/** One line with its marks filled in. */
export function line(texts: Texts, id: LineId, values: Readonly<Record<string, string>>): string {
  return texts.lines[id].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`comment line ${id}: nothing is known for {${name}}`);
    return value;
  });
}
