import type { Config } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import { accessionOnly } from '../context/source.ts';
import type { Reason, ReasonCode } from '../reason.ts';
import type { Failures, JudgedControl } from './controls.ts';
import { repeats, type OtherTrace } from './repeats.ts';
import { applyRules, doubtOf, type RuleFacts } from './rules.ts';

export interface Facts extends RuleFacts {
  readonly others: readonly OtherTrace[];
  /** When the trace was scored: waiting begins then. */
  readonly scoredAt: Date;
  /** Doubts (doubtOf) that a person has already looked at for this very trace, and released in spite of them. */
  readonly accepted: ReadonlySet<string>;
}

/**
 * control: kept for the charts, never sent. hold: a person decides, or, before `waitsUntil`, something that is
 * awaited. release: may be sent as preliminary (P), when the one thing missing is sIL-2R for a region, or as final (F).
 */
export type Decision =
  | {
      readonly kind: 'control';
      readonly control: JudgedControl;
      readonly failures: Failures;
    }
  | { readonly kind: 'hold'; readonly reasons: readonly Reason[]; readonly waitsUntil?: Date | null }
  | {
      readonly kind: 'release';
      readonly status: 'P' | 'F' | 'C';
      readonly accession: string;
      readonly context: Context;
      /** Said with the result, without holding it. */
      readonly remarks?: readonly Reason[];
    };

type DecideConfig = Pick<Config, 'release' | 'cutoffs' | 'site' | 'controls'>;

const HOUR_MS = 3_600_000;

/**
 * Passes or holds one scored trace of a patient.
 *
 * A trace without a value is always held, and so is one that could be another patient's: a doubt about whose
 * result it is must never be resolved by guessing.
 */
export function decide(facts: Facts, config: DecideConfig): Exclude<Decision, { kind: 'control' }> {
  const { match, context, risk, accepted } = facts;
  const rules = applyRules(facts, config);
  const asked = [
    ...rules.hold,
    ...repeats(facts.others, config.release),
    ...missing(facts, config),
    ...everything(config),
  ];
  const firm = unswitchable(facts);
  const holds = [...firm, ...asked.filter((reason) => !accepted.has(doubtOf(reason)))];
  if (holds.length > 0 || risk === null || match.kind !== 'found') {
    return { kind: 'hold', reasons: holds, waitsUntil: waitsUntil(holds, facts, config) };
  }
  return {
    kind: 'release',
    status: missesSil2r(facts) ? statusWithoutSil2r(facts, config) : 'F',
    accession: match.accession,
    // Where a rule says so, what no source knows is sent under its accession alone.
    context: context ?? accessionOnly(match.accession),
    remarks: [
      ...(facts.analysis.status === 'pass' ? facts.analysis.reasons.filter(isNoRule) : []),
      ...rules.report,
      ...asked.filter((reason) => accepted.has(doubtOf(reason)) && !SILENT.has(reason.code)),
    ],
  };
}

/** Reasons that say why something waited, and nothing about the value. */
const SILENT: ReadonlySet<ReasonCode> = new Set([
  'AWAITING_SIL2R',
  'HOLD_ALL',
  'NO_ORDER',
  'REANALYSED',
  'REPEAT_INJECTION',
  'RESTORED',
]);

/** A remark on the trace that has no rule of its own. */
function isNoRule({ code }: Reason): boolean {
  return code !== 'POSSIBLE_TWO_CLONES';
}

/** What no configuration and no person can wave through: there is no value, or nobody whose value it is. */
function unswitchable({ analysis, match }: Facts): readonly Reason[] {
  const reasons: Reason[] = analysis.status === 'fail' ? [...analysis.reasons] : [];
  if (match.kind === 'none') {
    reasons.push({ code: 'NO_ACCESSION', detail: 'see accession.fromSample and accession.fromFile' });
  }
  if (match.kind === 'mismatch') {
    const detail = `sample name says ${match.sample}, file name says ${match.file}`;
    reasons.push({ code: 'ACCESSION_MISMATCH', detail });
  }
  return reasons;
}

function missesSil2r({ risk }: Facts): boolean {
  return risk?.noRegion?.why === 'sil2r-missing';
}

function missing(facts: Facts, { release }: DecideConfig): readonly Reason[] {
  const waits = missesSil2r(facts) && release.withoutSil2r === 'wait' && facts.sent === null;
  const until = after(facts.scoredAt, release.waitHours);
  return waits && facts.now < until
    ? [{ code: 'AWAITING_SIL2R', detail: `until ${until.toISOString()}` }]
    : [];
}

function statusWithoutSil2r({ sent }: Facts, { release }: DecideConfig): 'P' | 'F' {
  const policy = release.withoutSil2r === 'wait' ? release.afterWait : release.withoutSil2r;
  // A report that was final is corrected, not made preliminary again (lifecycle.ts).
  return policy === 'final-without-region' || (sent !== null && sent.status !== 'P') ? 'F' : 'P';
}

function everything({ release }: DecideConfig): readonly Reason[] {
  return release.mode === 'hold-all' ? [{ code: 'HOLD_ALL', detail: 'release.mode' }] : [];
}

/** The end of waiting where all reasons end by themselves; null where a person is wanted now. */
function waitsUntil(reasons: readonly Reason[], facts: Facts, config: DecideConfig): Date | null {
  const ends = reasons.map(({ code }) => {
    if (code === 'AWAITING_SIL2R') return after(facts.scoredAt, config.release.waitHours);
    return code === 'CONTROL_MISSING' ? after(facts.scoredAt, config.controls.waitHours) : null;
  });
  const times = ends.filter((end) => end !== null).map((end) => end.getTime());
  if (times.length === 0 || times.length < ends.length) return null;
  const first = Math.min(...times);
  return first > facts.now.getTime() ? new Date(first) : null;
}

function after(time: Date, hours: number): Date {
  return new Date(time.getTime() + hours * HOUR_MS);
}
