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

/** What a trace says of its run beside the name, which comes again: next year, or on another instrument. */
export type RunMark = Pick<Origin, 'startedAt' | 'serial'>;

/** A control of a run as far as its patients' results depend on it. */
export interface RunControl extends Pick<JudgedControl, 'kind' | 'verdict' | 'detail'>, RunMark {
  /** First 12 digits of the file's SHA-256. */
  readonly trace: string;
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

const HOUR_MS = 3_600_000;
const NO_MARK: RunMark = { startedAt: null, serial: null };
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

/** Whether two traces of one name of run or plate are of one run; null where the files do not say. */
function isOneRun(one: RunMark, other: RunMark, { windowHours }: Config['controls']): boolean | null {
  if (one.serial !== null && other.serial !== null && one.serial !== other.serial) return false;
  if (one.startedAt === null || other.startedAt === null) return null;
  const apartMs = Math.abs(Date.parse(`${one.startedAt}Z`) - Date.parse(`${other.startedAt}Z`));
  return Number.isNaN(apartMs) ? null : apartMs <= windowHours * HOUR_MS;
}

/**
 * What the controls say about one trace. Where a file does not say when it began, a control that failed is taken for
 * one of the run, and one that is required is not.
 * @param controls those of the trace's name of run, in the order in which they were found
 */
export function runState(
  origin: Origin | null,
  controls: readonly RunControl[],
  config: Config['controls'],
): RunState {
  const own = origin ?? NO_MARK;
  const near = inOrder(controls.filter((control) => isOneRun(own, control, config) !== false));
  const last = new Map(near.map((control) => [JSON.stringify([control.sample, control.well]), control]));
  const current = [...last.values()];
  const sure = current.filter((control) => isOneRun(own, control, config) === true);
  return {
    failed: current.filter(({ verdict }) => verdict === 'failed'),
    missing: config.required.filter((kind) => !sure.some((control) => control.kind === kind)),
  };
}

/** Traces of the controls that stand failed since another one came, and of those that did until then. */
export interface Failures {
  readonly began: readonly string[];
  readonly ended: readonly string[];
}

export function failuresBetween(before: RunState, after: RunState): Failures {
  const [old, now] = [before, after].map(({ failed }) => failed.map(({ trace }) => trace));
  const without = (all: readonly string[] = [], some: readonly string[] = []): readonly string[] =>
    all.filter((trace) => !some.includes(trace));
  return { began: without(now, old), ended: without(old, now) };
}

/** As they were injected: of two injections of one sample the later counts. As found where one does not say when. */
function inOrder(controls: readonly RunControl[]): readonly RunControl[] {
  const startOf = ({ startedAt }: RunControl): string => startedAt ?? '';
  if (controls.some((control) => startOf(control) === '')) return controls;
  return controls.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : Number(startOf(a) > startOf(b))));
}
