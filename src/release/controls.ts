import type { Analysis } from '../analysis.ts';
import type { Config } from '../config/schema.ts';
import type { Origin } from '../trace/trace.ts';
import { reportedCv } from '../risk/classify.ts';

/** other: a control that has no limits here, kept for the charts alone. */
export type ControlKind = 'positive' | 'negative' | 'other';
export type ControlVerdict = 'passed' | 'failed' | 'not-judged';

export interface JudgedControl {
  readonly kind: ControlKind;
  readonly verdict: ControlVerdict;
  /** Why, in words. */
  readonly detail: string;
  /** As reported; null without a value. */
  readonly cv: number | null;
}

/** A control of a run as far as its patients' results depend on it. */
export interface RunControl extends Pick<JudgedControl, 'kind' | 'verdict' | 'detail'> {
  readonly sample: string;
  readonly well: string | null;
}

/** What the controls of a run say about its patients' results. */
export interface RunState {
  /** Controls that failed and were not replaced by a later injection of the same sample. */
  readonly failed: readonly RunControl[];
  /** Kinds that are required and of which none has been seen yet. */
  readonly missing: readonly ('positive' | 'negative')[];
}

/** An NTC passes with these only: the trace could be read, and no LTR was in it. */
const NOTHING_AMPLIFIED = new Set(['ANCHOR_NOT_FOUND', 'NO_BASE_CALLS']);

/** Which control a sample is by its name; null for a patient's. */
export function controlKind(
  sample: string,
  { pattern, positive, negative }: Config['controls'],
): ControlKind | null {
  const matches = (text: string): boolean => new RegExp(text, 'iu').test(sample);
  if (matches(positive.pattern)) return 'positive';
  if (matches(negative.pattern)) return 'negative';
  return matches(pattern) ? 'other' : null;
}

/**
 * Judges one control by the limits of the config.
 *
 * A negative control passes by showing no LTR; a value in it is contamination, whatever the value, unless the site
 * runs a polyclonal one and says up to where.
 */
export function judgeControl(
  kind: ControlKind,
  analysis: Analysis,
  limits: Config['controls'],
): JudgedControl {
  const cv = analysis.cvRaw === null ? null : reportedCv(analysis.cvRaw);
  const judged = (passed: boolean, detail: string): JudgedControl => ({
    kind,
    cv,
    verdict: passed ? 'passed' : 'failed',
    detail,
  });
  const codes = analysis.reasons.map(({ code }) => code);
  switch (kind) {
    case 'other':
      return { kind, cv, verdict: 'not-judged', detail: 'no limits are configured for it' };
    case 'positive': {
      const limit = limits.positive.minCv.toFixed(2);
      if (cv === null) return judged(false, `no value (${codes.join(', ')}), at least ${limit} is wanted`);
      if (analysis.status !== 'pass') return judged(false, `Cv ${cv.toFixed(2)}, but ${codes.join(', ')}`);
      return judged(cv >= limits.positive.minCv, `Cv ${cv.toFixed(2)}, at least ${limit} is wanted`);
    }
    case 'negative': {
      const { maxCv } = limits.negative;
      if (cv === null) {
        return judged(
          codes.some((code) => NOTHING_AMPLIFIED.has(code)),
          `no value: ${codes.join(', ')}`,
        );
      }
      if (maxCv === undefined) return judged(false, `Cv ${cv.toFixed(2)}, and no LTR is wanted in it`);
      return judged(cv <= maxCv, `Cv ${cv.toFixed(2)}, at most ${maxCv.toFixed(2)} is wanted`);
    }
  }
}

/** The name by which the samples of one run find each other; null where the file has none. */
export function runGroup(origin: Origin | null, by: Config['controls']['group']): string | null {
  return (by === 'run' ? origin?.run : origin?.plate) ?? null;
}

/** @param controls those of the run, oldest first: of two injections of one sample the later counts */
export function runState(
  controls: readonly RunControl[],
  required: Config['controls']['required'],
): RunState {
  const last = new Map(controls.map((control) => [JSON.stringify([control.sample, control.well]), control]));
  const current = [...last.values()];
  return {
    failed: current.filter(({ verdict }) => verdict === 'failed'),
    missing: required.filter((kind) => !current.some((control) => control.kind === kind)),
  };
}
