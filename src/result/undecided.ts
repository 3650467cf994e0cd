import type { StoredAnalysis } from '../store/analyses.ts';
import type { Result } from '../store/results.ts';
import type { Store } from '../store/store.ts';

/**
 * Traces of a result about which no person has decided, oldest first: set aside, or held.
 * @param decided the one that is being decided about
 */
export function undecided(store: Store, result: Result, decided: number): readonly StoredAnalysis[] {
  return [...heldOf(store, result), ...setAsideOf(store, result)]
    .filter(({ id }) => id !== decided)
    .toSorted((a, b) => a.id - b.id);
}

/** Traces of a result's specimen that have a value, and no version because another one counted. */
export function setAsideOf(store: Store, { accession, assay }: Result): readonly StoredAnalysis[] {
  if (accession === null) return [];
  return store.analyses
    .byAccession(accession, 0)
    .filter((one) => one.analysis.assay === assay && hasValue(one) && !isJudged(store, one.id));
}

/** Held, and never anything else, since a person has decided last. */
function heldOf(store: Store, { id: resultId }: Result): readonly StoredAnalysis[] {
  const versions = store.results.versions(resultId);
  const since = versions.findLastIndex(({ decidedBy }) => decidedBy !== 'AUTO') + 1;
  const ended = new Set(
    versions.filter(({ disposition }) => disposition !== 'held').map(({ analysisId }) => analysisId),
  );
  const held = versions.slice(since).map(({ analysisId }) => analysisId);
  return [...new Set(held)]
    .filter((id) => !ended.has(id))
    .map((id) => store.analyses.byId(id))
    .filter((one) => one !== null);
}

export function hasValue({ analysis }: StoredAnalysis): boolean {
  return analysis.status !== 'fail';
}

/** Whether a trace was ever judged; one that was set aside was not. */
export function isJudged(store: Store, analysisId: number): boolean {
  return store.results.byAnalysis(analysisId) !== null;
}
