import type { Analysis } from '../analysis.ts';
import type { Context } from '../context/context.ts';
import type { Match } from '../context/match.ts';
import type { Reason } from '../reason.ts';
import type { Risk } from '../risk/classify.ts';

/** What the store already knows about the same injection or accession. */
export interface Earlier {
  /** File name of another analysis of the same injection that has a value. */
  readonly sameInjection: string | null;
  /** File name of another injection of the same accession that has a value. */
  readonly sameAccession: string | null;
}

export interface Facts {
  readonly analysis: Analysis;
  readonly match: Match;
  /** Whether the sample name says that this is a control. */
  readonly control: boolean;
  /** Null where a source of orders is configured and knows none for the accession. */
  readonly context: Context | null;
  readonly earlier: Earlier;
}

/**
 * control: kept for the charts, never sent. hold: a person decides. release: sent as preliminary (P), when the
 * one thing missing is sIL-2R for a region, or as final (F).
 */
export type Decision =
  | { readonly kind: 'control' }
  | { readonly kind: 'hold'; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'release';
      readonly status: 'P' | 'F';
      readonly accession: string;
      readonly context: Context;
    };

/**
 * Passes or holds one scored trace.
 *
 * A trace without a value is always held, and so is one that could be another patient's: a doubt about whose
 * result it is must never be resolved by guessing.
 */
export function decide(facts: Facts, risk: Risk | null): Decision {
  if (facts.control) return { kind: 'control' };
  const { analysis, match, context, earlier } = facts;
  const reasons: Reason[] = [];
  if (analysis.status !== 'pass' || risk === null) reasons.push(...analysis.reasons);
  if (match.kind === 'none')
    reasons.push({ code: 'NO_ACCESSION', detail: 'see accession.fromSample and accession.fromFile' });
  if (match.kind === 'mismatch') {
    reasons.push({
      code: 'ACCESSION_MISMATCH',
      detail: `sample name says ${match.sample}, file name says ${match.file}`,
    });
  }
  if (match.kind === 'found' && context === null) {
    reasons.push({ code: 'NO_ORDER', detail: `no worklist row for ${match.accession}` });
  }
  if (earlier.sameInjection !== null)
    reasons.push({ code: 'REANALYSED', detail: `earlier file ${earlier.sameInjection}` });
  if (earlier.sameAccession !== null) {
    reasons.push({ code: 'REPEAT_INJECTION', detail: `earlier file ${earlier.sameAccession}` });
  }
  if (
    analysis.status !== 'pass' ||
    risk === null ||
    reasons.length > 0 ||
    match.kind !== 'found' ||
    context === null
  ) {
    return { kind: 'hold', reasons };
  }
  return {
    kind: 'release',
    status: risk.noRegion?.why === 'sil2r-missing' ? 'P' : 'F',
    accession: match.accession,
    context,
  };
}

/** Remarks that go with a result without holding it. */
export function remarks(analysis: Analysis, risk: Risk): readonly Reason[] {
  if (risk.crossed.length === 0 || analysis.cvInterval === null) return analysis.reasons;
  const [low, high] = analysis.cvInterval;
  const detail = `90 % interval ${low.toFixed(2)}-${high.toFixed(2)} crosses ${risk.crossed.map((c) => c.toFixed(2)).join(' and ')}`;
  return [...analysis.reasons, { code: 'BORDERLINE', detail }];
}
