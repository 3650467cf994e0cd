import type { Cutoffs } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import type { Reason } from '../reason.ts';
import type { Decision } from '../release/decide.ts';
import type { Sent } from '../release/lifecycle.ts';
import type { Risk } from '../risk/classify.ts';
import type { StoredAnalysis } from '../store/analyses.ts';
import type { Result } from '../store/results.ts';

/** One decision about one result, with all that it stands on. */
export interface Verdict {
  readonly stored: StoredAnalysis;
  readonly result: Result;
  readonly decision: Decision;
  readonly context: Context | null;
  readonly risk: Risk | null;
  readonly cutoffs: Cutoffs;
  readonly cutoffsVersion: string;
  readonly sent: Sent | null;
  /** AUTO, or the person who decided. */
  readonly by: string;
  /** The person's reason; null where the program decided. */
  readonly why: string | null;
  /** What a person released it in spite of. */
  readonly accepted?: readonly Reason[];
  readonly now: Date;
}
