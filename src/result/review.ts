import type { Clock } from '../platform/clock.ts';
import { decide } from '../release/decide.ts';
import { countsInstead } from '../release/repeats.ts';
import { doubtOf } from '../release/rules.ts';
import { acceptedIn, unseenIn } from './against.ts';
import { hasValue, isJudged, setAsideOf, undecided } from './undecided.ts';
import { createIssue, type IssueDeps, type Recorded } from './issue.ts';
import type { Refusal } from './refusal.ts';
import type { Verdict } from './verdict.ts';
import { asSent, cutoffsInForce, known, lastReported, riskOf, type Known } from './known.ts';
import type { StoredAnalysis } from '../store/analyses.ts';
import type { Result, ResultVersion } from '../store/results.ts';
import type { Store } from '../store/store.ts';

/** Who decides, and why: both are kept, and the reason of a correction is told to the LIS. */
export interface Person {
  readonly by: string;
  readonly reason: string;
}

export interface Done {
  readonly kind: 'done';
  readonly recorded: Recorded;
  /** The version that the decision made. */
  readonly became: ResultVersion;
  /** The value that the LIS keeps, where the decision was against the result. */
  readonly kept: ResultVersion | null;
  /** What became of another trace that waited above. */
  readonly also: readonly Recorded[];
}

export type ReviewOutcome = Done | { readonly kind: 'refused'; readonly why: Refusal };

export interface Review {
  /**
   * Releases a held result in spite of its reasons; what no person can wave through is refused, and so is a release
   * where there are reasons by now that nobody was shown: they are, and the person looks again.
   * @param key OBR-3
   * @param analysis the first digits of the SHA-256 of the trace that counts; null: the one that is held
   */
  release(key: string, person: Person, analysis: string | null): ReviewOutcome;
  /** Decides against what is held. What the LIS has already of another trace stays. */
  reject(key: string, person: Person): ReviewOutcome;
  /**
   * Withdraws what was sent: the LIS is told that there is no result, or that it was not this patient's.
   * Another trace that was held is judged again, now that the first counts no more.
   */
  withdraw(key: string, person: Person, wrongPatient: boolean): ReviewOutcome;
  /** Judges reported results by the cut-offs in force and corrects those that change, but for those on hold. */
  rescore(keys: readonly string[], person: Person): Rescored;
}

export interface Rescored {
  readonly corrected: readonly Recorded[];
  /** Keys of results that were left alone: what stands against them is decided first. */
  readonly held: readonly string[];
}

interface Seen {
  readonly result: Result;
  readonly latest: ResultVersion;
  readonly stored: StoredAnalysis;
  readonly about: Known;
}

/** Who decides where nobody does. */
const PROGRAM = { by: 'AUTO', reason: null } as const;

/** What a person decides about results; works beside the running service, on the same database. */
export function createReview(deps: IssueDeps & { readonly clock: Clock }): Review {
  const { store, config, clock } = deps;
  const { issue, withdraw, reject } = createIssue(deps);

  const inShadow = config.release.mode === 'shadow';

  const see = (key: string, now: Date, sha256: string | null): Seen | Refusal => {
    const result = store.results.byKey(key);
    const latest = result === null ? null : store.results.latest(result.id);
    if (result === null || latest === null) return { kind: 'no-result', key };
    const judged = store.results
      .versions(result.id)
      .map(({ analysisId }) => store.analyses.byId(analysisId))
      .filter((one) => one !== null);
    const stored =
      sha256 === null
        ? judged.at(-1)
        : [...judged, ...setAsideOf(store, result)].find(({ analysis }) =>
            analysis.sha256.startsWith(sha256.toLowerCase()),
          );
    if (stored === undefined) return { kind: 'no-trace', key, sha256: sha256 ?? '' };
    return look(result, latest, stored, now);
  };

  /** @param latest what is known of the sample is taken from it */
  const look = (result: Result, latest: ResultVersion, stored: StoredAnalysis, now: Date): Seen => {
    const { accession } = result;
    const match = accession === null ? ({ kind: 'none' } as const) : ({ kind: 'found', accession } as const);
    const subject = { stored, result, match, context: latest.context, worklistReadAt: null, now };
    return { result, latest, stored, about: known(store, config, subject) };
  };

  const judge = (seen: Seen, now: Date): Recorded =>
    issue({ ...verdictOf(seen, PROGRAM, now), decision: decide(seen.about.facts, config) });

  /** After a decision against one trace: the last of the others that may count now, which is held beside an equal. */
  const judgeNext = (
    { result, latest }: Seen,
    others: readonly StoredAnalysis[],
    now: Date,
  ): readonly Recorded[] => {
    // What was decided in shadow is never sent later.
    if (latest.shadow && !inShadow) return [];
    const next = others
      .map((stored) => look(result, latest, stored, now))
      .findLast(({ about }) => countsInstead(about.facts, config) === null);
    return next === undefined ? [] : [judge(next, now)];
  };

  const done = (recorded: Recorded): Done => {
    const result = store.results.byKey(recorded.resultKey);
    const became = result === null ? null : store.results.latest(result.id);
    if (result === null || became === null)
      throw new Error(`no version of ${recorded.resultKey} was written`);
    const reported = lastReported(store.results.versions(result.id), inShadow);
    const isKept = became.disposition === 'rejected' && reported !== null && reported.reportStatus !== 'X';
    return { kind: 'done', recorded, became, kept: isKept ? reported : null, also: [] };
  };

  const verdictOf = (
    { result, stored, about }: Seen,
    person: Person | typeof PROGRAM,
    now: Date,
  ): Omit<Verdict, 'decision'> => ({
    ...{ stored, result, cutoffs: about.cutoffs, cutoffsVersion: about.cutoffsVersion },
    ...{ context: about.facts.context, risk: about.facts.risk, sent: about.facts.sent },
    ...{ by: person.by, why: person.reason, now },
  });

  const NOTHING_DECIDED = { kind: 'hold', reasons: [] } as const;

  return {
    release: (key, person, analysis) =>
      store.transaction(() => {
        const now = clock.now();
        const seen = see(key, now, analysis);
        if ('kind' in seen) return refused(seen);
        const { latest, about, stored } = seen;
        const { disposition } = latest;
        if (disposition !== 'held') return refused({ kind: 'not-held', key, disposition, wish: 'release' });
        if (stored.analysis.cvRaw === null) {
          return refused({ kind: 'no-value', key });
        }
        const accepted = acceptedIn(about, config, latest);
        const decision = decide({ ...about.facts, accepted: new Set(accepted.map(doubtOf)) }, config);
        if (decision.kind !== 'release') {
          return refused({ kind: 'whose', key, codes: decision.reasons.map(({ code }) => code) });
        }
        const unseen = unseenIn(about, config, store.results.versions(seen.result.id), stored.id);
        if (unseen.length > 0) {
          judge(seen, now);
          return refused({ kind: 'look-again', key, codes: unseen });
        }
        return done(issue({ ...verdictOf(seen, person, now), decision, accepted }));
      }),

    reject: (key, person) =>
      store.transaction(() => {
        const now = clock.now();
        const seen = see(key, now, null);
        if ('kind' in seen) return refused(seen);
        const { latest, about, result } = seen;
        const { disposition } = latest;
        if (disposition !== 'held') return refused({ kind: 'not-held', key, disposition, wish: 'reject' });
        const verdict: Verdict = { ...verdictOf(seen, person, now), decision: NOTHING_DECIDED };
        const reported = lastReported(store.results.versions(result.id), false);
        // The doubt is about the very trace that the LIS has, or about another that was to take its place.
        const concernsSent = reported === null || reported.analysisId === seen.stored.id;
        const others = undecided(store, result, seen.stored.id).filter(hasValue);
        // That there is no result is not said before the last trace that may give one.
        const isLast = reported !== null || others.length === 0;
        const wanted = config.release.rejected === 'no-result' && concernsSent && isLast;
        const told = wanted && about.facts.context !== null ? withdraw(verdict, 'REJECTED', true) : null;
        const outcome = done(told?.ok === true ? told.recorded : reject(verdict));
        const also = judgeNext(seen, others, now);
        const isReplaced = also.some(({ decision }) => decision.kind === 'release');
        return { ...outcome, kept: isReplaced ? null : outcome.kept, also };
      }),

    withdraw: (key, person, wrongPatient) =>
      store.transaction(() => {
        const now = clock.now();
        const seen = see(key, now, null);
        if ('kind' in seen) return refused(seen);
        const { result, latest } = seen;
        const reported = lastReported(store.results.versions(result.id), inShadow);
        const stored = reported === null ? null : store.analyses.byId(reported.analysisId);
        if (reported === null || stored === null || reported.reportStatus === 'X')
          return refused({ kind: 'nothing-sent', key });
        const verdict: Verdict = {
          ...verdictOf(look(result, latest, stored, now), person, now),
          decision: NOTHING_DECIDED,
        };
        // What was set aside for a specimen of another patient would be that patient's too.
        const others = undecided(store, result, stored.id).filter(
          ({ id }) => !wrongPatient || isJudged(store, id),
        );
        const told = withdraw(verdict, wrongPatient ? 'WRONG_PATIENT' : 'REJECTED');
        if (!told.ok) return refused({ kind: 'unwritable', detail: told.reason.detail });
        const outcome = done(told.recorded);
        return { ...outcome, also: judgeNext(seen, others, now) };
      }),

    rescore: (keys, person) =>
      store.transaction(() => {
        const now = clock.now();
        const { cutoffs, hash } = cutoffsInForce(store, config);
        const held = keys.filter((key) => isHeld(store, key));
        const free = keys.filter((key) => !held.includes(key));
        const corrected = free.flatMap((key) => {
          const seen = see(key, now, null);
          if ('kind' in seen) return [];
          const reported = lastReported(store.results.versions(seen.result.id), false);
          const stored = reported === null ? null : store.analyses.byId(reported.analysisId);
          const sent = reported === null ? null : asSent(reported);
          if (reported?.context == null || stored === null || sent === null) return [];
          // A person decided against this very trace: to withdraw it is the way, not to say it anew.
          if (seen.latest.disposition === 'rejected' && seen.latest.analysisId === stored.id) return [];
          const { accession, category, sil2r } = reported.context;
          const risk = riskOf(stored, { ...reported.context, category, sil2r }, cutoffs);
          if (risk === null || (sent.risk?.tier === risk.tier && sent.risk.region === risk.region)) return [];
          const status = sent.status === 'P' ? 'P' : 'F';
          const decision = { kind: 'release', status, accession, context: reported.context } as const;
          const about = { result: seen.result, stored, context: reported.context, risk, cutoffs, sent, now };
          return [issue({ ...about, decision, cutoffsVersion: hash, by: person.by, why: person.reason })];
        });
        return { corrected, held };
      }),
  };
}

/** Whether something stands against the result as it is. */
export function isHeld(store: Store, key: string): boolean {
  const result = store.results.byKey(key);
  return result !== null && store.results.latest(result.id)?.disposition === 'held';
}

function refused(why: Refusal): ReviewOutcome {
  return { kind: 'refused', why };
}
