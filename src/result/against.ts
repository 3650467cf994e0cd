import type { Config } from '../config/schema.ts';
import type { Reason, ReasonCode } from '../reason.ts';
import { decide } from '../release/decide.ts';
import { doubtOf } from '../release/rules.ts';
import type { ResultVersion } from '../store/results.ts';
import type { Known } from './known.ts';

/** Everything that stands against the release now, as far as a person can wave it through. */
export function acceptedIn(about: Known, config: Config, latest: ResultVersion): readonly Reason[] {
  const decision = decide({ ...about.facts, accepted: new Set() }, config);
  const now = decision.kind === 'hold' ? decision.reasons : [];
  const codes = new Set<ReasonCode>(now.map(({ code }) => code));
  return [...now, ...latest.reasons.filter(({ code }) => !codes.has(code))];
}

/** What holds the trace now, and was not among its reasons when it was held last: nobody was shown it. */
export function unseenIn(
  about: Known,
  config: Config,
  versions: readonly ResultVersion[],
  analysisId: number,
): readonly ReasonCode[] {
  const decision = decide(about.facts, config);
  const shown = versions.findLast((one) => one.disposition === 'held' && one.analysisId === analysisId);
  const doubts = new Set(shown?.reasons.map(doubtOf));
  return decision.kind === 'hold'
    ? decision.reasons.filter((reason) => !doubts.has(doubtOf(reason))).map(({ code }) => code)
    : [];
}
