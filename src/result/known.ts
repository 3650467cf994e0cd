import type { Config, Cutoffs } from '../config/schema.ts';
import { cutoffsVersion } from '../config/version.ts';
import type { Context } from '../context/context.ts';
import type { Match } from '../context/match.ts';
import { runGroup, runState, type RunState } from '../release/controls.ts';
import type { Facts } from '../release/decide.ts';
import type { Sent } from '../release/lifecycle.ts';
import { madeWhen, type Made, type OtherTrace, type Relation } from '../release/repeats.ts';
import { ACCEPTED_ONCE, doubtOf, type EarlierReport } from '../release/rules.ts';
import { classify, type Risk } from '../risk/classify.ts';
import type { StoredAnalysis } from '../store/analyses.ts';
import type { Result, ResultVersion } from '../store/results.ts';
import type { CutoffsVersion } from '../store/cutoffs.ts';
import type { Restore } from '../store/restores.ts';
import type { Store } from '../store/store.ts';

/** A trace as it is judged now. */
export interface Subject {
  readonly stored: StoredAnalysis;
  /** Null where none was made for it yet. */
  readonly result: Result | null;
  readonly match: Match;
  readonly context: Context | null;
  readonly worklistReadAt: Date | null;
  readonly now: Date;
}

/** What is known of a subject, and the cut-offs that judge it. */
export interface Known {
  readonly facts: Facts;
  readonly cutoffs: Cutoffs;
  readonly cutoffsVersion: string;
}

type KnownConfig = Pick<Config, 'release' | 'controls' | 'cutoffs'>;

const DAY_MS = 24 * 3_600_000;
/** By how much the clock of a share may be ahead of ours, at most. */
const CLOCKS_MS = 3_600_000;

/** Gathers from the database all that the release rules look at. */
export function known(store: Store, config: KnownConfig, subject: Subject): Known {
  const { stored, result, match, context, worklistReadAt, now } = subject;
  const versions = result === null ? [] : store.results.versions(result.id);
  const reported = lastReported(versions, config.release.mode === 'shadow');
  const { cutoffs, hash } = cutoffsFor(store, config, reported);
  const facts: Facts = {
    analysis: stored.analysis,
    match,
    context,
    risk: riskOf(stored, context, cutoffs),
    run: runOf(store, config, stored),
    history: historyOf(store, config, context, result, now),
    sent: reported === null ? null : asSent(reported),
    worklistReadAt,
    forgottenBy: forgottenBy(store, stored),
    now,
    scoredAt: stored.scoredAt,
    others: othersOf(store, stored, result, versions),
    accepted: acceptedOf(versions, stored.id),
  };
  return { facts, cutoffs, cutoffsVersion: hash };
}

export function riskOf({ analysis }: StoredAnalysis, context: Context | null, cutoffs: Cutoffs): Risk | null {
  if (analysis.cvRaw === null || analysis.cvInterval === null) return null;
  const about = context ?? { category: 'unknown' as const, sil2r: null };
  return classify(analysis.cvRaw, analysis.cvInterval, about, cutoffs);
}

/** A set of cut-offs, and the hash by which results name it. */
export type HashedCutoffs = Pick<CutoffsVersion, 'cutoffs' | 'hash'>;

/** The cut-offs in force for results that are new. */
export function cutoffsInForce(store: Store, config: Pick<Config, 'cutoffs'>): HashedCutoffs {
  const { cutoffs } = config;
  return store.cutoffs.active() ?? { cutoffs, hash: cutoffsVersion(cutoffs) };
}

/** The report that the LIS has; in shadow mode that which it would have. */
export function lastReported(versions: readonly ResultVersion[], inShadow: boolean): ResultVersion | null {
  return (
    versions.findLast(({ reportStatus, shadow }) => reportStatus !== null && (inShadow || !shadow)) ?? null
  );
}

/** The version that a result stands on: the last one, or what the LIS has where another trace was rejected. */
export function standing(versions: readonly ResultVersion[], inShadow: boolean): ResultVersion | null {
  const latest = versions.at(-1) ?? null;
  if (latest?.disposition !== 'rejected' || latest.reportStatus !== null) return latest;
  const reported = lastReported(versions, inShadow);
  const isOther = reported !== null && reported.analysisId !== latest.analysisId;
  return isOther ? reported : latest;
}

export function asSent({ reportStatus, risk, context, cutoffsVersion: hash }: ResultVersion): Sent | null {
  return reportStatus === null ? null : { status: reportStatus, risk, context, cutoffsVersion: hash };
}

/** What was reported by one set of cut-offs stays with it, until a person has it judged again. */
function cutoffsFor(
  store: Store,
  config: Pick<Config, 'cutoffs'>,
  reported: ResultVersion | null,
): HashedCutoffs {
  const own = reported === null ? null : store.cutoffs.byHash(reported.cutoffsVersion);
  return own ?? cutoffsInForce(store, config);
}

function runOf(store: Store, { controls }: KnownConfig, { analysis: { origin } }: StoredAnalysis): RunState {
  const group = runGroup(origin, controls.group);
  return runState(origin, group === null ? [] : store.controls.ofGroup(group), controls);
}

function historyOf(
  store: Store,
  { release }: KnownConfig,
  context: Context | null,
  result: Result | null,
  now: Date,
): readonly EarlierReport[] {
  const id = context?.patient?.id ?? null;
  if (id === null) return [];
  // The first R4 of a patient is looked for as far back as the database goes.
  const days = release.rules.FIRST_R4 === 'off' ? release.delta.windowDays : 36_500;
  const since = new Date(now.getTime() - days * DAY_MS);
  return store.results
    .reportedOf(id, since)
    .filter(({ version }) => version.resultId !== result?.id)
    .map(({ result: { accession }, version: { risk, decidedAt } }) => ({
      accession,
      risk,
      reportedAt: decidedAt,
    }));
}

/** A trace that a restored database does not know, though it was there before: written, by any clock, before that. */
function forgottenBy(store: Store, { analysis, scoredAt }: StoredAnalysis): Restore | null {
  const restore = store.restores.before(scoredAt);
  if (restore === null) return null;
  const writtenAt = store.sightings.writtenAt(analysis.sha256);
  const isYounger = writtenAt !== null && writtenAt.getTime() > restore.at.getTime() + CLOCKS_MS;
  return isYounger ? null : restore;
}

/** The other traces of the specimen that have a value, but for those that a person rejected. */
function othersOf(
  store: Store,
  stored: StoredAnalysis,
  result: Result | null,
  versions: readonly ResultVersion[],
): readonly OtherTrace[] {
  const { injectionKey: injection, accession } = stored;
  const rejected = new Set(
    versions.filter(({ disposition }) => disposition === 'rejected').map(({ analysisId }) => analysisId),
  );
  const seen = (other: StoredAnalysis, relation: Relation): OtherTrace => ({
    ...{ file: other.file, relation, cameFirst: other.id < stored.id },
    made: whenMade(store, other, stored, relation),
  });
  /** Set aside, it has no result of its own yet; a control of the same name has another one. */
  const isOurs = (other: StoredAnalysis): boolean => {
    const its = store.results.byAnalysis(other.id);
    return other.accession === accession && (accession === null || its === null || its.id === result?.id);
  };
  const counts = ({ id, analysis }: StoredAnalysis): boolean =>
    analysis.assay === stored.analysis.assay && analysis.status !== 'fail' && !rejected.has(id);
  const reanalysed = injection === null ? [] : store.analyses.byInjection(injection, stored.id);
  const repeated = accession === null ? [] : store.analyses.byAccession(accession, stored.id);
  return [
    // Exported again under a corrected name, it was nobody's before, unless it has been reported.
    ...reanalysed
      .filter((other) => counts(other) && (isOurs(other) || isReported(store, other)))
      .map((other) => seen(other, 'reanalysed')),
    ...repeated
      .filter((other) => counts(other) && isOurs(other))
      .filter((other) => injection === null || other.injectionKey !== injection)
      .map((other) => seen(other, 'repeatInjection')),
  ];
}

/** An injection is dated by the instrument; its analysis by the file alone. */
function whenMade(store: Store, other: StoredAnalysis, own: StoredAnalysis, relation: Relation): Made {
  // Under another name it was another patient's: no time decides whose value it is.
  if (other.accession !== own.accession) return 'unknown';
  if (relation === 'repeatInjection')
    return madeWhen(other.analysis.origin?.startedAt ?? null, own.analysis.origin?.startedAt ?? null);
  const writtenAt = ({ analysis }: StoredAnalysis): number | null =>
    store.sightings.writtenAt(analysis.sha256)?.getTime() ?? null;
  const [othersTime, ownTime] = [writtenAt(other), writtenAt(own)];
  // Of one that was written over there is no file any more: what was found in its place is newer.
  if (othersTime === null || ownTime === null) return madeWhen(other.id, own.id);
  return madeWhen(othersTime, ownTime);
}

function isReported(store: Store, { id }: StoredAnalysis): boolean {
  const result = store.results.byAnalysis(id);
  return result !== null && lastReported(store.results.versions(result.id), false) !== null;
}

/** What a person has looked at for this trace already, and does not have to look at again. */
function acceptedOf(versions: readonly ResultVersion[], analysisId: number): ReadonlySet<string> {
  return new Set(
    versions
      .filter(
        (one) => one.decidedBy !== 'AUTO' && one.disposition === 'released' && one.analysisId === analysisId,
      )
      .flatMap(({ reasons }) => reasons)
      .filter(({ code }) => !ACCEPTED_ONCE.has(code))
      .map(doubtOf),
  );
}
