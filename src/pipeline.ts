import type { Analysis } from './analysis.ts';
import type { Config } from './config/schema.ts';
import { cutoffsVersion } from './config/version.ts';
import type { Context } from './context/context.ts';
import { accessionPatterns, matchAccession } from './context/match.ts';
import { composeMessages, type Composed } from './hl7/compose.ts';
import type { Envelope, Report } from './hl7/report.ts';
import type { Clock } from './platform/clock.ts';
import { decide, type Decision, type Earlier } from './release/decide.ts';
import { classify, type Risk } from './risk/classify.ts';
import { comments } from './risk/comment.ts';
import type { StoredAnalysis } from './store/analyses.ts';
import type { Result } from './store/results.ts';
import type { Store } from './store/store.ts';
import { injectionKey } from './trace/trace.ts';
import type { Finding, SeenFile } from './watch/finding.ts';

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
}

export interface PipelineDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  /** What is known of an accession; null where a source of orders is configured and knows none. */
  readonly findContext: (accession: string) => Context | null;
  readonly software: Envelope['software'];
}

export interface Pipeline {
  /** Records a batch of findings in one transaction; returns what is new. */
  record(findings: readonly Finding[]): readonly Recorded[];
  /** Looks again at the results of an accession whose context has come or changed. */
  reconsider(accession: string): readonly Recorded[];
}

/** The stations of one trace behind its analysis, in order. Nothing else calls one of them after another. */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const { store, config, clock, findContext } = deps;
  const version = cutoffsVersion(config.cutoffs);
  const controlName = new RegExp(config.controls.pattern, 'iu');
  const patterns = accessionPatterns(config.accession);

  const recordOne = (finding: Finding, now: Date): Recorded | null => {
    const { file } = finding;
    switch (finding.kind) {
      case 'sighting':
        store.sightings.record({ ...file, sha256: finding.sha256 }, now);
        return null;
      case 'unusable':
        store.sightings.record({ ...file, sha256: null }, now);
        store.audit.append({
          at: now,
          actor: 'raisingd',
          action: 'file.rejected',
          subject: file.name,
          detail: { code: finding.reason.code, detail: finding.reason.detail },
        });
        return null;
      case 'analysed':
        store.sightings.record({ ...file, sha256: finding.analysis.sha256 }, now);
        return store.analyses.bySha256(finding.analysis.sha256).length > 0
          ? null
          : recordAnalysis(finding.analysis, file, now);
    }
  };

  const recordAnalysis = (analysis: Analysis, file: SeenFile, now: Date): Recorded => {
    const { origin } = analysis;
    const control = controlName.test(origin?.sample ?? file.name);
    const match = matchAccession({ sample: origin?.sample ?? null, file: file.name }, patterns);
    const accession = match.kind === 'found' ? match.accession : null;
    const context = accession === null ? null : findContext(accession);
    const risk = riskOf(analysis, context);
    const injection = origin === null ? null : injectionKey(origin);
    const earlier = earlierOf(injection, accession);
    const decision = decide({ analysis, match, control, context, earlier }, risk);

    const facts = { file: file.name, scoredAt: now, injectionKey: injection, accession };
    const { id } = store.analyses.insert(analysis, facts);
    const stored = { ...facts, id, analysis };
    return issue(stored, resultFor(accession, analysis.assay, now), decision, context, risk, now);
  };

  const riskOf = (analysis: Analysis, context: Context | null): Risk | null => {
    if (analysis.cvRaw === null || analysis.cvInterval === null) return null;
    const about = context ?? { category: 'unknown' as const, sil2r: null };
    return classify(analysis.cvRaw, analysis.cvInterval, about, config.cutoffs);
  };

  const earlierOf = (injection: string | null, accession: string | null): Earlier => {
    const withValue = (others: readonly StoredAnalysis[]): string | null =>
      others.find((other) => other.analysis.status !== 'fail')?.file ?? null;
    const sameInjection = injection === null ? [] : store.analyses.byInjection(injection);
    const sameAccession = accession === null ? [] : store.analyses.byAccession(accession, 0);
    return {
      sameInjection: withValue(sameInjection),
      sameAccession: withValue(sameAccession.filter((other) => other.injectionKey !== injection)),
    };
  };

  const resultFor = (accession: string | null, assay: string, now: Date): Result => {
    const known = accession === null ? [] : store.results.byAccession(accession);
    return (
      known.find((result) => result.assay === assay) ??
      store.results.create({ key: store.sequence.nextResultKey(now), accession, assay, createdAt: now })
    );
  };

  /** Result version, messages, outbox and audit of one decision. */
  const issue = (
    stored: StoredAnalysis,
    result: Result,
    wanted: Decision,
    context: Context | null,
    risk: Risk | null,
    now: Date,
  ): Recorded => {
    const reportedAt = store.results.nextReportedAt(result.id, now);
    const built = build(stored, result, wanted, risk, reportedAt, now);
    const decision: Decision = built.ok ? wanted : { kind: 'hold', reasons: [built.reason] };
    const released = decision.kind === 'release';
    const added = store.results.addVersion({
      resultId: result.id,
      analysisId: stored.id,
      disposition: released ? 'released' : decision.kind === 'hold' ? 'held' : 'control',
      reportStatus: released ? decision.status : null,
      reasons: decision.kind === 'hold' ? decision.reasons : stored.analysis.reasons,
      context,
      risk,
      cutoffsVersion: version,
      reportedAt: released ? reportedAt : null,
      decidedAt: now,
      decidedBy: 'AUTO',
    });
    const messages = built.ok ? built.messages : [];
    for (const { controlId, destination, bytes } of messages) {
      const about = { resultKey: result.key, resultVersionId: added.id, createdAt: now };
      store.outbox.enqueue({ controlId, destination, bytes, ...about });
    }
    store.audit.append({
      at: now,
      actor: 'raisingd',
      action: `result.${released ? 'released' : decision.kind === 'hold' ? 'held' : 'control'}`,
      subject: result.key,
      detail: {
        version: added.version,
        sha256: stored.analysis.sha256,
        status: stored.analysis.status,
        cv: risk?.cv ?? null,
        tier: risk?.tier ?? null,
        region: risk?.region ?? null,
        report: released ? decision.status : null,
        reasons: decision.kind === 'hold' ? decision.reasons.map(({ code }) => code) : [],
        messages: messages.map(({ controlId }) => controlId),
        estimator: stored.analysis.estimator,
        parameters: stored.analysis.parameters,
        cutoffs: version,
      },
    });
    return {
      trace: stored.analysis.sha256.slice(0, 12),
      file: stored.file,
      analysis: stored.analysis,
      risk,
      decision,
      resultKey: result.key,
      messages: messages.map(({ controlId, destination }) => ({ controlId, destination })),
    };
  };

  /** The messages of a release; none of any other decision. */
  const build = (
    stored: StoredAnalysis,
    result: Result,
    decision: Decision,
    risk: Risk | null,
    reportedAt: Date,
    now: Date,
  ): Composed => {
    if (decision.kind !== 'release') return { ok: true, messages: [] };
    const { analysis } = stored;
    const { context } = decision;
    const about = { risk, interval: analysis.cvInterval, context, cutoffs: config.cutoffs };
    const report: Report = {
      ...about,
      status: decision.status,
      resultKey: result.key,
      reasons: analysis.reasons,
      corrects: null,
      cutoffsVersion: version,
      estimator: analysis.estimator,
      parameters: analysis.parameters.slice(0, 12),
      origin: analysis.origin,
      analysedAt: stored.scoredAt,
      reportedAt,
      responsible: 'AUTO',
      notes: comments({ ...about, extraReasons: analysis.reasons }, config.site.language),
    };
    return composeMessages(report, config, () => ({
      controlId: store.sequence.nextControlId(now),
      createdAt: now,
      software: deps.software,
    }));
  };

  const reconsiderOne = (result: Result, context: Context, now: Date): Recorded | null => {
    const latest = store.results.latest(result.id);
    const stored = latest === null ? null : store.analyses.byId(latest.analysisId);
    if (latest === null || stored === null) return null;
    const waitsForOrder =
      latest.disposition === 'held' && latest.reasons.every(({ code }) => code === 'NO_ORDER');
    if (!waitsForOrder && latest.reportStatus !== 'P') return null;
    const risk = riskOf(stored.analysis, context);
    const match = { kind: 'found', accession: context.accession } as const;
    const earlier = { sameInjection: null, sameAccession: null };
    const decision = decide({ analysis: stored.analysis, match, control: false, context, earlier }, risk);
    const stillPreliminary = decision.kind === 'release' && decision.status === latest.reportStatus;
    if (decision.kind !== 'release' || stillPreliminary) return null;
    return issue(stored, result, decision, context, risk, now);
  };

  return {
    record: (findings) =>
      store.transaction(() => {
        const now = clock.now();
        return findings.map((finding) => recordOne(finding, now)).filter((one) => one !== null);
      }),
    reconsider: (accession) => {
      const context = findContext(accession);
      if (context === null) return [];
      return store.transaction(() => {
        const now = clock.now();
        const results = store.results.byAccession(accession);
        return results.map((result) => reconsiderOne(result, context, now)).filter((one) => one !== null);
      });
    },
  };
}
