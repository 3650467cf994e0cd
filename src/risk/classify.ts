import type { Cutoffs } from '../config/schema.ts';
import type { Category, Sil2r } from '../context/context.ts';

export type Tier = 'low' | 'intermediate' | 'high';
export type Region = 'R1' | 'R2' | 'R3' | 'R4';

/** Why a result has no region, for the comment and the log. */
export type NoRegion =
  | { readonly why: 'category'; readonly category: Category }
  | { readonly why: 'sil2r-missing' }
  | { readonly why: 'sil2r-unit'; readonly unit: string };

export interface Risk {
  /** Cv as reported: two decimals, rounded half up. */
  readonly cv: number;
  readonly tier: Tier;
  readonly region: Region | null;
  /** Present exactly when `region` is null. */
  readonly noRegion: NoRegion | null;
  /** The cut-offs in the 90 % interval of Cv; the result is reported with both tiers named. */
  readonly crossed: readonly number[];
}

/**
 * Rounds half up to two decimals, on the decimal value that a person would write for `value`.
 * 0.245 is stored as 0.24499999999999999556 and still has to become 0.25.
 */
export function reportedCv(value: number): number {
  return Math.round(Number((value * 100).toFixed(9))) / 100;
}

/** Tier of a reported Cv; a cut-off belongs to the tier above it. Source: product.md, Saito et al. 2025. */
export function tierOf(cv: number, cutoffs: Cutoffs['cv']): Tier {
  if (cv >= cutoffs.high) return 'high';
  return cv >= cutoffs.intermediate ? 'intermediate' : 'low';
}

/**
 * Whether sIL-2R was given in the unit of its cut-off. Laboratories also write `U/ml`; nothing else is the same unit,
 * and no conversion from pg/mL exists.
 */
export function isComparable(sil2r: Sil2r, unit: string): boolean {
  return sil2r.unit.trim().toLowerCase() === unit.toLowerCase();
}

/** Whether sIL-2R lies so near its cut-off that another assay may put it on the other side. */
export function isNearCutoff(sil2r: Sil2r, cutoff: Cutoffs['sil2r'], percent: number): boolean {
  return (
    isComparable(sil2r, cutoff.unit) && Math.abs(sil2r.value - cutoff.high) <= (cutoff.high * percent) / 100
  );
}

/** A cut-off of Cv as people read it, with two decimals or more. */
export function cutoffText(cutoff: number): string {
  return reportedCv(cutoff) === cutoff ? cutoff.toFixed(2) : String(cutoff);
}

/**
 * Tier and region of one value.
 *
 * Regions exist for smoldering ATL with sIL-2R in U/mL only; there is no conversion from another unit.
 * @param cvRaw unrounded Cv, 0-1
 * @param interval 90 % interval of cvRaw
 */
export function classify(
  cvRaw: number,
  interval: readonly [number, number],
  about: { readonly category: Category; readonly sil2r: Sil2r | null },
  cutoffs: Cutoffs,
): Risk {
  const cv = reportedCv(cvRaw);
  const tier = tierOf(cv, cutoffs.cv);
  const tiersInside = new Set([
    tierOf(reportedCv(interval[0]), cutoffs.cv),
    tierOf(reportedCv(interval[1]), cutoffs.cv),
  ]);
  const crossed =
    tiersInside.size === 1
      ? []
      : [cutoffs.cv.intermediate, cutoffs.cv.high].filter(
          (cutoff) => reportedCv(interval[0]) < cutoff && reportedCv(interval[1]) >= cutoff,
        );
  const place = regionOf(cv, about, cutoffs);
  return 'why' in place
    ? { cv, tier, region: null, noRegion: place, crossed }
    : { cv, tier, region: place.region, noRegion: null, crossed };
}

function regionOf(
  cv: number,
  { category, sil2r }: { readonly category: Category; readonly sil2r: Sil2r | null },
  cutoffs: Cutoffs,
): { readonly region: Region } | NoRegion {
  if (category !== 'smoldering') return { why: 'category', category };
  if (sil2r === null) return { why: 'sil2r-missing' };
  if (!isComparable(sil2r, cutoffs.sil2r.unit)) return { why: 'sil2r-unit', unit: sil2r.unit };
  const highCv = cv >= cutoffs.cv.high;
  if (sil2r.value >= cutoffs.sil2r.high) return { region: highCv ? 'R4' : 'R3' };
  return { region: highCv ? 'R2' : 'R1' };
}
