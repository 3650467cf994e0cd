import type { Recorded } from './pipeline.ts';
import { wordsOf } from './platform/words-of.ts';
import { sqliteFault, StoreError } from './store/failure.ts';
import type { Finding } from './watch/finding.ts';

export type Unusable = Extract<Finding, { readonly kind: 'unusable' }>;

/**
 * Records a batch, or where the program itself fails on it each finding apart: one that cannot be recorded is set aside,
 * instead of ending the service at each start. What the database fails at is thrown on.
 */
export function recordApart(
  record: (findings: readonly Finding[]) => readonly Recorded[],
  findings: readonly Finding[],
  setAside: (finding: Unusable) => void,
): readonly Recorded[] {
  try {
    return record(findings);
  } catch (error) {
    if (error instanceof StoreError || sqliteFault(error) !== null) throw error;
    const [only, ...others] = findings;
    if (others.length > 0) return findings.flatMap((one) => recordApart(record, [one], setAside));
    if (only === undefined || only.kind === 'unusable') throw error;
    const unusable: Unusable = {
      kind: 'unusable',
      file: only.file,
      reason: { code: 'ANALYSIS_FAILED', detail: wordsOf(error) },
    };
    const recorded = record([unusable]);
    setAside(unusable);
    return recorded;
  }
}
