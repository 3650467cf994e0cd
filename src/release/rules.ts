import type { Analysis } from '../analysis.ts';
import type { RuleCode } from '../config/release.ts';
import type { Config } from '../config/schema.ts';
import { contradictionOf } from '../context/patient.ts';
import type { Context } from '../context/context.ts';
import type { Match } from '../context/match.ts';
import type { Reason, ReasonCode } from '../reason.ts';
import { isNearCutoff, type Risk } from '../risk/classify.ts';
import type { RunControl, RunState } from './controls.ts';
import type { Sent } from './lifecycle.ts';
import { wallTime } from './clock.ts';

/** An earlier report of the same patient about another specimen. */
export interface EarlierReport {
  readonly accession: string | null;
  readonly risk: Risk | null;
  readonly reportedAt: Date;
}

/** All that a rule may look at. */
export interface RuleFacts {
  readonly analysis: Analysis;
  readonly match: Match;
  /** Null where a source of orders is configured and knows none for the accession. */
  readonly context: Context | null;
  /** Null without a value. */
  readonly risk: Risk | null;
  readonly run: RunState;
  /** Reports of the same patient, latest first. */
  readonly history: readonly EarlierReport[];
  /** What the LIS has of this result; null where nothing was sent. */
  readonly sent: Sent | null;
  /** When the worklists were read last; null where none are configured. */
  readonly worklistReadAt: Date | null;
  /** The restore that has forgotten what was done with the trace; null where the trace is younger. */
  readonly forgottenBy: { readonly at: Date; readonly madeAt: Date } | null;
  readonly now: Date;
}

type RuleConfig = Pick<Config, 'release' | 'cutoffs' | 'site'>;
type Rule = (facts: RuleFacts, config: RuleConfig) => readonly Reason[];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Every rule that can be switched, by its code. docs/release.md explains each and its default. What is not here cannot
 * be switched off: no value, no accession, two accessions.
 */
const RULES: Readonly<Record<RuleCode, Rule>> = {
  QUALITY_REVIEW: ({ analysis }) => (analysis.status === 'review' ? analysis.reasons.filter(isDoubt) : []),

  BORDERLINE: ({ analysis, risk }) =>
    risk === null ? [] : remarks(analysis, risk).filter(({ code }) => code === 'BORDERLINE'),

  POSSIBLE_TWO_CLONES: ({ analysis }) =>
    analysis.reasons.filter(({ code }) => code === 'POSSIBLE_TWO_CLONES'),

  NO_ORDER: ({ match, context }) =>
    match.kind === 'found' && context === null
      ? one('NO_ORDER', `nothing is known of ${match.accession}`)
      : [],

  AMBIGUOUS_ORDER: doubt('AMBIGUOUS_ORDER'),
  ORDER_CANCELLED: doubt('ORDER_CANCELLED'),
  CONTRADICTING_SOURCES: doubt('CONTRADICTING_SOURCES'),

  CONTROL_FAILED: ({ run }) =>
    run.failed.map((control) => ({ code: 'CONTROL_FAILED', detail: inFull(control) })),

  CONTROL_MISSING: ({ run }) =>
    run.missing.length === 0
      ? []
      : one('CONTROL_MISSING', `no ${run.missing.join(' and no ')} control has been seen`),

  FIRST_R4: ({ risk, history, sent }) =>
    risk?.region === 'R4' &&
    sent?.risk?.region !== 'R4' &&
    history.every((earlier) => earlier.risk?.region !== 'R4')
      ? one('FIRST_R4', `${history.length} earlier reports`)
      : [],

  DELTA: ({ risk, history, now }, { release: { delta } }) => {
    const last = history.find(
      ({ reportedAt }) => now.getTime() - reportedAt.getTime() <= delta.windowDays * DAY_MS,
    );
    if (risk === null || last?.risk == null) return [];
    const before = last.risk;
    const tierMoved = before.tier !== risk.tier && Math.abs(before.cv - risk.cv) >= delta.minCvChange;
    const sil2rMoved =
      sideOfSil2r(before) !== null && sideOfSil2r(risk) !== null && sideOfSil2r(before) !== sideOfSil2r(risk);
    if (!tierMoved && !sil2rMoved) return [];
    const about = `${last.accession ?? 'an earlier specimen'} of ${last.reportedAt.toISOString().slice(0, 10)}`;
    return one('DELTA', `${inWords(before)} in ${about}, now ${inWords(risk)}`);
  },

  PATIENT_CHANGED: ({ sent, context }) => {
    if (sent === null || context === null) return [];
    const differs = contradictionOf(sent.context?.patient ?? null, context.patient);
    return differs === null ? [] : one('PATIENT_CHANGED', `another ${differs}`);
  },

  SIL2R_NEAR_CUTOFF: ({ risk, context }, { release, cutoffs }) => {
    const sil2r = context?.sil2r ?? null;
    if (sil2r === null || risk?.region == null) return [];
    const { high, unit } = cutoffs.sil2r;
    if (!isNearCutoff(sil2r, cutoffs.sil2r, release.sil2r.nearPercent)) return [];
    return one('SIL2R_NEAR_CUTOFF', `${sil2r.value} ${unit}, cut-off ${high}`);
  },

  SIL2R_TOO_OLD: ({ context }) => {
    const ignored = context?.sil2rIgnored;
    if (ignored === undefined) return [];
    return one(
      'SIL2R_TOO_OLD',
      ignored.why === 'undated'
        ? 'it has no date'
        : `${ignored.days} days from the collection, at most ${ignored.maxDays}`,
    );
  },

  SIL2R_WITHDRAWN: ({ sent, context }) =>
    sent?.context?.sil2r != null && context !== null && context.sil2r === null
      ? one('SIL2R_WITHDRAWN', `reported with ${sent.context.sil2r.value} ${sent.context.sil2r.unit}`)
      : [],

  CLOCK_OFF: ({ analysis: { origin }, context, now }, { release, site }) => {
    const latest = wallTime(new Date(now.getTime() + release.clockToleranceMinutes * 60_000), site.timeZone);
    const ended = origin?.endedAt ?? origin?.startedAt ?? null;
    if (ended !== null && ended > latest)
      return one('CLOCK_OFF', `the run ended at ${ended}, which is to come`);
    const collected = context?.collected ?? null;
    // Compared as far as both are precise: a day against a day.
    return ended !== null && collected !== null && ended.slice(0, collected.length) < collected
      ? one('CLOCK_OFF', `the run ended at ${ended}, before the specimen was taken at ${collected}`)
      : [];
  },

  STALE_WORKLIST: ({ worklistReadAt, now }, { release }) =>
    worklistReadAt !== null && now.getTime() - worklistReadAt.getTime() > release.staleWorklistHours * HOUR_MS
      ? one('STALE_WORKLIST', `read last at ${worklistReadAt.toISOString()}`)
      : [],

  RESTORED: ({ forgottenBy }) =>
    forgottenBy === null
      ? []
      : one(
          'RESTORED',
          `restored at ${forgottenBy.at.toISOString()}, as it was at ${forgottenBy.madeAt.toISOString()}`,
        ),
};

/**
 * Reasons about what is said rather than about the trace. A person who released a result in spite of one has not
 * waved through the next change.
 */
export const ACCEPTED_ONCE: ReadonlySet<ReasonCode> = new Set([
  'PATIENT_CHANGED',
  'SIL2R_WITHDRAWN',
  'SIL2R_NEAR_CUTOFF',
  'SIL2R_TOO_OLD',
  'DELTA',
  'FIRST_R4',
  'AMBIGUOUS_ORDER',
  'ORDER_CANCELLED',
  'CONTRADICTING_SOURCES',
  'STALE_WORKLIST',
  'HOLD_ALL',
]);

/**
 * What two reasons share that are one doubt: accepted once, shown once. Each control that failed is a doubt of its own,
 * so that accepting the first accepts no other.
 */
export function doubtOf({ code, detail }: Reason): string {
  return code === 'CONTROL_FAILED' ? `${code} ${detail}` : code;
}

/** What the rules found: what holds the result, and what is only said with it. */
export interface Found {
  readonly hold: readonly Reason[];
  readonly report: readonly Reason[];
}

/** Applies every rule as it is switched. */
export function applyRules(facts: RuleFacts, config: RuleConfig): Found {
  const found = Object.entries(RULES).map(([code, rule]) => ({
    does: config.release.rules[code as RuleCode],
    reasons: rule(facts, config),
  }));
  const of = (does: 'hold' | 'report'): readonly Reason[] =>
    found.flatMap((one) => (one.does === does ? one.reasons : []));
  return { hold: of('hold'), report: of('report') };
}

/** Remarks that go with a result without holding it. */
export function remarks(analysis: Analysis, risk: Risk): readonly Reason[] {
  if (risk.crossed.length === 0 || analysis.cvInterval === null) return analysis.reasons;
  const [low, high] = analysis.cvInterval;
  const detail = `90 % interval ${low.toFixed(2)}-${high.toFixed(2)} crosses ${risk.crossed.map((c) => c.toFixed(2)).join(' and ')}`;
  return [...analysis.reasons, { code: 'BORDERLINE', detail }];
}

function one(code: ReasonCode, detail: string): readonly Reason[] {
  return [{ code, detail }];
}

/** Which injection of which control it was, and why it failed. */
function inFull({ sample, well, startedAt, detail }: RunControl): string {
  const where = well === null ? '' : ` in ${well}`;
  const when = startedAt === null ? '' : ` of ${startedAt}`;
  return `${sample}${where}${when}: ${detail}`;
}

/** What the sources of orders themselves are not sure of. */
function doubt(code: ReasonCode): Rule {
  return ({ context }) => (context?.doubts ?? []).filter((reason) => reason.code === code);
}

/** POSSIBLE_TWO_CLONES stands beside a passing trace too, and has a switch of its own. */
function isDoubt({ code }: Reason): boolean {
  return code !== 'POSSIBLE_TWO_CLONES';
}

function sideOfSil2r({ region }: Risk): 'low' | 'high' | null {
  if (region === null) return null;
  return region === 'R3' || region === 'R4' ? 'high' : 'low';
}

function inWords({ cv, tier, region }: Risk): string {
  return `Cv ${cv.toFixed(2)} ${tier}${region === null ? '' : ` ${region}`}`;
}
