import type { Analysis } from '../analysis.ts';
import type { AllTexts } from '../config/comments.ts';
import { namesOf } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import { composeMessages, type Message } from '../hl7/compose.ts';
import type { Envelope, Report, ReportStatus } from '../hl7/report.ts';
import { isWanted } from '../outbox/filter.ts';
import type { Reason } from '../reason.ts';
import type { Decision } from '../release/decide.ts';
import { isWrongPatient, nextStep, statusFor } from '../release/lifecycle.ts';
import type { Risk } from '../risk/classify.ts';
import { comments, type Correction } from '../risk/comment.ts';
import type { Cause } from '../risk/texts.ts';
import type { LastSent, NewVersion } from '../store/results.ts';
import type { Store } from '../store/store.ts';
import { detailOf } from './detail.ts';
import type { Verdict } from './verdict.ts';

/** What one trace became. */
export interface Recorded {
  /** First 12 digits of the file's SHA-256: the id that every log line of this trace carries. */
  readonly trace: string;
  /** Name of the file, for people. */
  readonly file: string;
  readonly analysis: Analysis;
  readonly risk: Risk | null;
  readonly decision: Decision;
  /** OBR-3. */
  readonly resultKey: string;
  readonly messages: readonly { readonly controlId: string; readonly destination: string }[];
  /** Names of destinations that have the result and were not told what has changed: they are not configured any more. */
  readonly untold: readonly string[];
  /** True where nothing was sent because of release.mode. */
  readonly shadow: boolean;
}

export interface IssueDeps {
  readonly store: Store;
  readonly config: Config;
  readonly texts: AllTexts;
  readonly software: Envelope['software'];
}

type Written =
  | { readonly ok: true; readonly messages: readonly Message[] }
  | { readonly ok: false; readonly reason: Reason };

export type Withdrawn =
  { readonly ok: true; readonly recorded: Recorded } | { readonly ok: false; readonly reason: Reason };

/** Writes decisions down: result version, messages, outbox and audit. Call it inside a transaction. */
export function createIssue({ store, config, texts, software }: IssueDeps) {
  const shadow = config.release.mode === 'shadow';
  const words = texts[config.site.language];

  /** The version that the decision makes, and the messages that it needs. */
  const issue = (verdict: Verdict): Recorded => {
    const { decision, sent } = verdict;
    if (decision.kind !== 'release' || verdict.risk === null) return write(verdict, decision, null, []);
    if (isWrongPatient(sent, decision.context)) {
      const withdrawn = withdraw(verdict, 'WRONG_PATIENT');
      if (!withdrawn.ok) return write(verdict, { kind: 'hold', reasons: [withdrawn.reason] }, null, []);
    }
    const step = nextStep(decision.status === 'P' ? 'P' : 'F', sent, {
      risk: verdict.risk,
      context: decision.context,
      cutoffsVersion: verdict.cutoffsVersion,
    });
    if (step.kind === 'stands') return write(verdict, decision, sent?.status ?? decision.status, []);
    const built = compose(verdict, decision.context, step.status, step.causes, decision.remarks ?? []);
    if (!built.ok) return write(verdict, { kind: 'hold', reasons: [built.reason] }, null, []);
    return write(verdict, { ...decision, status: step.status }, step.status, built.messages);
  };

  /**
   * Tells every destination that has a value of this result that there is none, or that it was not this patient's.
   * Where that cannot be written, nothing is.
   * @param toAll also those that have nothing of it yet
   */
  const withdraw = (verdict: Verdict, code: 'WRONG_PATIENT' | 'REJECTED', toAll = false): Withdrawn => {
    const reasons = [{ code, detail: verdict.why ?? 'the accession belongs to another patient' }];
    const context = verdict.sent?.context ?? verdict.context;
    const none: Verdict = { ...verdict, risk: null, accepted: reasons };
    const built: Written =
      context === null ? { ok: true, messages: [] } : compose(none, context, 'X', [], reasons, toAll);
    if (!built.ok) return built;
    const decision = { kind: 'hold', reasons } as const;
    return { ok: true, recorded: write({ ...none, context }, decision, 'X', built.messages, 'rejected') };
  };

  /** A person decides against a result of which nothing is told to anybody. */
  const reject = (verdict: Verdict): Recorded => {
    const reasons: readonly Reason[] = [{ code: 'REJECTED', detail: verdict.why ?? '' }];
    return write({ ...verdict, accepted: reasons }, { kind: 'hold', reasons }, null, [], 'rejected');
  };

  const compose = (
    verdict: Verdict,
    context: Context,
    status: ReportStatus,
    causes: readonly Cause[],
    remarks: readonly Reason[],
    toAll = true,
  ): Written => {
    if (shadow) return { ok: true, messages: [] };
    const messages: Message[] = [];
    for (const destination of config.lis) {
      const before = store.results.lastSent(verdict.result.id, namesOf(destination));
      const hasValue = before !== null && before.version.reportStatus !== 'X';
      if (status === 'X' && !toAll && !hasValue) continue;
      const { assay } = verdict.stored.analysis;
      const subject = { assay, status: statusFor(status, null), category: context.category };
      if (before === null && !isWanted(destination.only, subject)) continue;
      const report = reportOf(verdict, context, status, causes, remarks, before);
      const written = composeMessages(report, { ...config, lis: [destination] }, () => ({
        controlId: store.sequence.nextControlId(verdict.now),
        createdAt: verdict.now,
        software,
      }));
      if (!written.ok) return written;
      messages.push(...written.messages);
    }
    return { ok: true, messages };
  };

  const reportOf = (
    { stored: { id, analysis, scoredAt }, result, risk, cutoffs, cutoffsVersion, by, why, now }: Verdict,
    context: Context,
    wanted: ReportStatus,
    causes: readonly Cause[],
    remarks: readonly Reason[],
    before: LastSent | null,
  ): Report => {
    const { rules, sil2r } = config.release;
    const status = statusFor(wanted, before?.version.reportStatus ?? null);
    const reason =
      why ?? causes.map((cause) => words.causes[cause]).join(words.language === 'ja' ? '、' : '; ');
    const corrects: Correction | null =
      before !== null && (status === 'C' || status === 'X')
        ? {
            controlId: before.controlId,
            risk: before.version.risk,
            why: reason || (remarks[0]?.detail ?? ''),
          }
        : null;
    const spoken = rules.BORDERLINE === 'off' && risk !== null ? { ...risk, crossed: [] } : risk;
    const about = { interval: risk === null ? null : analysis.cvInterval, context, cutoffs, corrects };
    const nearPercent = rules.SIL2R_NEAR_CUTOFF === 'off' ? null : sil2r.nearPercent;
    return {
      ...about,
      risk,
      status,
      resultKey: result.key,
      reasons: remarks,
      cutoffsVersion,
      estimator: estimatorOf(analysis),
      parameters: analysis.parameters.slice(0, 12),
      origin: analysis.origin,
      picture: store.pictures.of(id),
      analysedAt: scoredAt,
      reportedAt: store.results.nextReportedAt(result.id, now),
      responsible: by,
      notes: comments({ ...about, risk: spoken, extraReasons: remarks, nearPercent }, words),
    };
  };

  const write = (
    verdict: Verdict,
    decision: Decision,
    reportStatus: ReportStatus | null,
    messages: readonly Message[],
    ended?: 'rejected',
  ): Recorded => {
    const { stored, result, context, risk, by, now } = verdict;
    const disposition = ended ?? DISPOSITION[decision.kind];
    const version: NewVersion = {
      resultId: result.id,
      analysisId: stored.id,
      disposition,
      reportStatus,
      reasons: verdict.accepted ?? (decision.kind === 'hold' ? decision.reasons : stored.analysis.reasons),
      context: decision.kind === 'release' ? decision.context : context,
      risk,
      cutoffsVersion: verdict.cutoffsVersion,
      reportedAt: reportStatus === null ? null : store.results.nextReportedAt(result.id, now),
      decidedAt: now,
      decidedBy: by,
      waitsUntil: disposition === 'held' && decision.kind === 'hold' ? (decision.waitsUntil ?? null) : null,
      shadow,
    };
    const added = store.results.addVersion(version);
    for (const { controlId, destination, bytes } of messages) {
      const about = { resultKey: result.key, resultVersionId: added.id, createdAt: now };
      store.outbox.enqueue({ controlId, destination, bytes, ...about });
    }
    store.audit.append({
      at: now,
      actor: by === 'AUTO' ? 'raisingd' : by,
      action: `result.${added.waitsUntil === null ? disposition : 'waiting'}`,
      subject: result.key,
      detail: detailOf(verdict, added, messages),
    });
    return {
      trace: stored.analysis.sha256.slice(0, 12),
      file: stored.file,
      analysis: stored.analysis,
      risk,
      decision,
      resultKey: result.key,
      messages: messages.map(({ controlId, destination }) => ({ controlId, destination })),
      untold: messages.length > 0 || (reportStatus === 'X' && !shadow) ? untold(result.key) : [],
      shadow,
    };
  };

  const configured = new Set(config.lis.flatMap(namesOf));
  const untold = (resultKey: string): readonly string[] =>
    store.outbox.holdersOf(resultKey).filter((name) => !configured.has(name));

  return { issue, withdraw, reject };
}

/** The estimator as a message names it; a site's calibration changes what it says. */
function estimatorOf({ estimator, calibration }: Analysis): string {
  return calibration === null
    ? estimator
    : `${estimator} calibration sha256:${calibration.hash.slice(0, 12)}`;
}

const DISPOSITION = { release: 'released', hold: 'held', control: 'control' } as const;
