import type { Category } from '../../context/context.ts';
import type { ReasonCode } from '../../reason.ts';
import type { Region, Tier } from '../classify.ts';

/** Lines and parts of lines. `{name}` marks what comment.ts fills in, the same names in every language. */
export interface Lines {
  /** The region of a smoldering ATL. */
  readonly region: string;
  /** The published figures belong to the published cut-offs and are quoted with no others. */
  readonly cohortOfOtherCutoffs: string;
  /** What was published of a region's group, and that it is no forecast: never one without the other. */
  readonly cohort: string;
  /** Carriers and HAM/TSP. */
  readonly onset: string;
  /** All others: no forecast was published for their tier. */
  readonly tierOnly: string;
  readonly noRegionSil2rMissing: string;
  readonly noRegionSil2rUnit: string;
  readonly noRegionCategory: string;
  readonly noRegionUnknown: string;
  readonly sil2r: string;
  readonly sil2rJudged: string;
  /** A line of its own where no region was judged by it. */
  readonly sil2rLine: string;
  readonly sil2rNear: string;
  readonly borderline: string;
  readonly borderlineRegion: string;
  readonly remark: string;
  readonly noResult: string;
  readonly corrected: string;
  readonly oldRegion: string;
  readonly oldTier: string;
  readonly oldNothing: string;
  readonly basis: string;
  readonly basisOfOtherCutoffs: string;
  readonly noUnit: string;
  readonly noDate: string;
  readonly noMethod: string;
}

/** The words of one language. */
export interface Texts {
  readonly lines: Lines;
  /** What was published of each region's group (Saito et al., Haematologica 2025). */
  readonly cohorts: Readonly<Record<Region, string>>;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly categories: Readonly<Record<Category, string>>;
  readonly reasons: Readonly<Record<ReasonCode, string>>;
}
