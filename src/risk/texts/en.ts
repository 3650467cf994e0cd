import { REASON_CODES } from '../../reason.ts';
import type { Texts } from './texts.ts';

export const en: Texts = {
  lines: {
    region: '{region}: Cv {cv} (cut-off {high}); {sil2r}. Applies to smoldering ATL.',
    cohortOfOtherCutoffs: 'The published cohort figures do not apply to the cut-offs of this laboratory.',
    cohort: "{group} A cohort's mean is not a forecast for one patient.",
    onset:
      'Cv {cv}: {tier} tier of ATL-onset risk (cut-offs {intermediate} and {high}). Applies to asymptomatic carriers and HAM/TSP.',
    tierOnly: 'Cv {cv}: {tier} tier (cut-offs {intermediate} and {high}).',
    noRegionSil2rMissing: 'No risk region: sIL-2R is not known.',
    noRegionSil2rUnit:
      'No risk region: {sil2r}; the cut-off is published in {unit} only, and no conversion exists.',
    noRegionCategory: 'No risk region: regions apply to smoldering ATL only (category: {category}).',
    noRegionUnknown: 'No risk region: the diagnosis category is not known.',
    sil2r: 'sIL-2R {value} {unit} (LIS result {date}, {method})',
    sil2rJudged: 'sIL-2R {value} {unit} (cut-off {cutoff}; LIS result {date}, {method})',
    sil2rLine: '{sil2r}.',
    sil2rNear:
      'sIL-2R lies within {percent} % of its cut-off. Assays differ by as much: another assay may give another region.',
    borderline:
      'BORDERLINE: the 90 % interval of Cv, {low}-{high}, crosses a cut-off ({cutoffs}); the tier may be {tiers}.',
    borderlineRegion: 'The region may be {regions}.',
    remark: '{code}: {text}.',
    noResult: 'No result: the trace gives no clonality value.',
    corrected: 'CORRECTED: replaces {old} (message {message}). Reason: {why}.',
    oldRegion: 'Cv {cv}, {tier} tier, region {region}',
    oldTier: 'Cv {cv}, {tier} tier, no region',
    oldNothing: 'a report without a result',
    basis:
      'Open clonality estimate, research use only until validated; published cut-offs transferred from Saito et al., Haematologica 2025; equivalence to CLOVA not established.',
    basisOfOtherCutoffs:
      'Open clonality estimate, research use only until validated; cut-offs: {source}; equivalence to CLOVA not established.',
    noUnit: '[no unit]',
    noDate: 'of unknown date',
    noMethod: 'unknown method',
  },
  cohorts: {
    R1: 'Published low-risk group: mean time to progression to aggressive ATL not reached, none progressed (follow-up 0-167 months, mean 56.4).',
    R2: 'Published intermediate-risk group (R2 and R3 together): mean time to progression to aggressive ATL 156.0 months.',
    R3: 'Published intermediate-risk group (R2 and R3 together): mean time to progression to aggressive ATL 156.0 months.',
    R4: 'Published high-risk group: mean time to progression to aggressive ATL 25.0 months.',
  },
  tiers: { low: 'low', intermediate: 'intermediate', high: 'high' },
  categories: {
    carrier: 'asymptomatic carrier',
    ham: 'HAM/TSP',
    smoldering: 'smoldering ATL',
    chronic: 'chronic ATL',
    acute: 'acute ATL',
    lymphoma: 'lymphoma-type ATL',
    unknown: 'unknown',
  },
  reasons: REASON_CODES,
};
