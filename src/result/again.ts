import type { Config } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import { matchAccession, type AccessionPatterns, type Match } from '../context/match.ts';
import { decide } from '../release/decide.ts';
import { nextStep } from '../release/lifecycle.ts';
import { doubtOf } from '../release/rules.ts';
import type { StoredAnalysis } from '../store/analyses.ts';
import type { Result, ResultVersion } from '../store/results.ts';
import type { Store } from '../store/store.ts';
import type { Recorded } from './issue.ts';
import { lastReported, standing, type Known } from './known.ts';

export interface AgainDeps {
  readonly store: Store;
  readonly config: Config;
  readonly patterns: AccessionPatterns;
  readonly findContext: (accession: string) => Context | null;
  /** What is known of a trace now. */
  readonly look: (
    stored: StoredAnalysis,
    result: Result | null,
    match: Match,
    context: Context | null,
    now: Date,
  ) => Known;
  /** Decides, and writes the decision down. */
  readonly judge: (stored: StoredAnalysis, result: Result, about: Known, now: Date) => Recorded;
}

/**
 * Judges a result once more, as things are now: its order or sIL-2R has come or changed, its run's control has come,
 * or its time of waiting is over. What a person rejected stays so, and what changes nothing makes no version.
 */
export function createAgain(deps: AgainDeps): (result: Result, now: Date) => readonly Recorded[] {
  const { store, config, patterns, findContext, look, judge } = deps;
  const inShadow = config.release.mode === 'shadow';

  const again = (result: Result, now: Date): readonly Recorded[] => {
    const latest = standing(store.results.versions(result.id), inShadow);
    const stored = latest === null ? null : store.analyses.byId(latest.analysisId);
    if (latest === null || stored === null || (latest.shadow && !inShadow)) return [];
    const { accession } = result;
    const match: Match =
      accession === null
        ? matchAccession({ sample: stored.analysis.origin?.sample ?? null, file: stored.file }, patterns)
        : { kind: 'found', accession };
    // A row that has left the worklist takes nothing back: what was known stays known.
    const context = (accession === null ? null : findContext(accession)) ?? latest.context;
    const about = look(stored, result, match, context, now);
    switch (latest.disposition) {
      case 'control':
      case 'rejected':
        return [];
      case 'released':
        return says(about, latest) ? [judge(stored, result, about, now)] : [];
      case 'held': {
        const corrected = correctBeneath(result, latest, match, context, now);
        if (corrected.length === 0)
          return isSameHold(about, latest) ? [] : [judge(stored, result, about, now)];
        return [...corrected, judge(stored, result, look(stored, result, match, context, now), now)];
      }
    }
  };

  /** What was sent of another trace is corrected all the same while a second one waits for a person. */
  const correctBeneath = (
    result: Result,
    held: ResultVersion,
    match: Match,
    context: Context | null,
    now: Date,
  ): readonly Recorded[] => {
    const sent = lastReported(store.results.versions(result.id), inShadow);
    const stored = sent === null ? null : store.analyses.byId(sent.analysisId);
    if (sent === null || stored === null || sent.reportStatus === 'X' || stored.id === held.analysisId)
      return [];
    const about = look(stored, result, match, context, now);
    const passes = decide(about.facts, config).kind === 'release';
    return passes && says(about, sent) ? [judge(stored, result, about, now)] : [];
  };

  /** Whether there is anything new to say of a result that was sent, or a new doubt about its run. */
  const says = ({ facts, cutoffsVersion: hash }: Known, latest: ResultVersion): boolean => {
    const { sent, risk, context } = facts;
    const decision = decide(facts, config);
    if (decision.kind === 'hold' && decision.reasons.some(({ code }) => code === 'CONTROL_FAILED'))
      return true;
    if (risk === null || context === null || sent === null) return false;
    const wanted = decision.kind === 'release' && decision.status === 'P' ? 'P' : 'F';
    const status = latest.reportStatus === 'P' && risk.noRegion?.why === 'sil2r-missing' ? 'P' : wanted;
    return nextStep(status, sent, { risk, context, cutoffsVersion: hash }).kind === 'send';
  };

  const isSameHold = ({ facts }: Known, latest: ResultVersion): boolean => {
    const decision = decide(facts, config);
    if (decision.kind !== 'hold') return false;
    const { reasons, waitsUntil = null } = decision;
    return outlineOf({ ...facts, reasons, waitsUntil }) === outlineOf(latest);
  };

  return again;
}

/** What makes a held version differ from the one before: not who said it, nor when. */
function outlineOf(held: Pick<ResultVersion, 'reasons' | 'waitsUntil' | 'risk' | 'context'>): string {
  const { reasons, waitsUntil, risk, context } = held;
  const { order, patient, category, sil2r, collected, doubts, sil2rIgnored } = context ?? {};
  const known = [order, patient, category, sil2r, collected, doubts, sil2rIgnored];
  return JSON.stringify([reasons.map(doubtOf), waitsUntil, risk, known]);
}
