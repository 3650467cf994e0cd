import type { Context } from './context/context.ts';
import { accessionPatterns, matchAccession, plainAccession, type Match } from './context/match.ts';
import type { Clock } from './platform/clock.ts';
import { controlKind, failuresBetween, judgeControl, runGroup, runState } from './release/controls.ts';
import type { ControlKind, RunControl, RunState } from './release/controls.ts';
import { decide } from './release/decide.ts';
import { countsInstead } from './release/repeats.ts';
import { createAgain } from './result/again.ts';
import { createIssue, type IssueDeps, type Recorded } from './result/issue.ts';
import { cutoffsInForce, known, riskOf, type Known } from './result/known.ts';
import { resultKey } from './result/result-key.ts';
import type { StoredAnalysis } from './store/analyses.ts';
import type { Result } from './store/results.ts';
import { injectionKey, type Origin } from './trace/trace.ts';
import type { Finding, Scored, SeenFile } from './watch/finding.ts';

export type { Recorded } from './result/issue.ts';

export interface PipelineDeps extends IssueDeps {
  readonly clock: Clock;
  /** What is known of an accession; null where a source of orders is configured and knows none. */
  readonly findContext: (accession: string) => Context | null;
  /** When the worklists were read last; null where none are configured. */
  readonly worklistReadAt: () => Date | null;
}

export interface Pipeline {
  /** Records a batch of findings in one transaction; returns what is new. */
  record(findings: readonly Finding[]): readonly Recorded[];
  /** Looks again at the results of an accession whose context has come or changed. */
  reconsider(accession: string): readonly Recorded[];
  /** Whether the time of waiting is over for any result. */
  isDue(): boolean;
  /** Looks again at the results whose time of waiting is over. */
  tick(): readonly Recorded[];
}

/** How many results whose time is over are looked at in one transaction. */
const DUE_AT_ONCE = 100;

/** The stations of one trace behind its analysis, in order. Nothing else calls one of them after another. */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const { store, config, clock, findContext } = deps;
  const { issue } = createIssue(deps);
  const patterns = accessionPatterns(config.accession);

  const recordOne = (finding: Finding, now: Date): readonly Recorded[] => {
    const { file } = finding;
    switch (finding.kind) {
      case 'sighting':
        store.sightings.record({ ...file, sha256: finding.sha256 }, now);
        return [];
      case 'unusable': {
        const sighting = { ...file, sha256: null };
        // Each start finds it once more, and the audit log is never pruned.
        if (store.sightings.isKnown(sighting)) return [];
        store.sightings.record(sighting, now);
        const detail = { code: finding.reason.code, detail: finding.reason.detail };
        store.audit.append({
          at: now,
          actor: 'raisingd',
          action: 'file.rejected',
          subject: file.name,
          detail,
        });
        return [];
      }
      case 'analysed':
        store.sightings.record({ ...file, sha256: finding.analysis.sha256 }, now);
        return store.analyses.bySha256(finding.analysis.sha256).length > 0
          ? []
          : recordAnalysis(finding, file, now);
    }
  };

  const recordAnalysis = ({ analysis, picture }: Scored, file: SeenFile, now: Date): readonly Recorded[] => {
    const { origin } = analysis;
    const kind = controlKind(plainAccession(origin?.sample ?? file.name), config.controls);
    const match = matchAccession({ sample: origin?.sample ?? null, file: file.name }, patterns);
    const own = kind === null ? match : ownName(origin?.sample ?? file.name);
    const accession = own.kind === 'found' ? own.accession : null;
    const injection = origin === null ? null : injectionKey(origin);
    const facts = { file: file.name, scoredAt: now, injectionKey: injection, accession };
    const { id } = store.analyses.insert(analysis, facts);
    if (picture !== null) store.pictures.add(id, picture, now);
    const stored: StoredAnalysis = { ...facts, id, analysis };
    return kind === null ? recordPatient(stored, match, now) : recordControl(stored, kind, now);
  };

  /** A control goes by its own name alone: its file may be named after the patients of its run. */
  const ownName = (sample: string): Match => matchAccession({ sample, file: '' }, patterns);

  const recordPatient = (stored: StoredAnalysis, match: Match, now: Date): readonly Recorded[] => {
    const context = match.kind === 'found' ? findContext(match.accession) : null;
    const earlierResult = resultOf(stored, 'patient');
    const about = look(stored, earlierResult, match, context, now);
    // Where another one counts, this one is kept and nothing more.
    const instead = countsInstead(about.facts, config);
    if (earlierResult !== null && instead !== null) {
      const policy = config.release[instead.relation];
      const detail = { file: stored.file, sha256: stored.analysis.sha256, policy };
      const subject = earlierResult.key;
      store.audit.append({ at: now, actor: 'raisingd', action: 'analysis.set-aside', subject, detail });
      return [];
    }
    const result = earlierResult ?? createResult(stored, now);
    return [judge(stored, result, about, now)];
  };

  /** Keeps a control for the charts, and looks again at the patients of its run where that changes something. */
  const recordControl = (stored: StoredAnalysis, kind: ControlKind, now: Date): readonly Recorded[] => {
    const { analysis } = stored;
    const { origin } = analysis;
    const group = runGroup(origin, config.controls.group);
    const control = judgeControl(kind, analysis, config.controls);
    const sample = { sample: origin?.sample ?? stored.file, well: origin?.well ?? null };
    const mark = { startedAt: origin?.startedAt ?? null, serial: origin?.serial ?? null };
    const before = group === null ? [] : store.controls.ofGroup(group);
    const after = [...before, { ...control, ...sample, ...mark, trace: analysis.sha256.slice(0, 12) }];
    store.controls.add({ ...control, ...sample, analysisId: stored.id, group, judgedAt: now });
    const stateOf = (all: readonly RunControl[]): RunState => runState(origin, all, config.controls);
    const failures = failuresBetween(stateOf(before), stateOf(after));
    const { cutoffs, hash } = cutoffsInForce(store, config);
    const recorded = issue({
      ...{
        stored,
        result: controlResult(stored, now),
        context: null,
        sent: null,
        cutoffs,
        now,
      },
      ...{
        cutoffsVersion: hash,
        risk: riskOf(stored, null, cutoffs),
        by: 'AUTO',
        why: null,
      },
      decision: { kind: 'control', control, failures },
    });
    return [recorded, ...(group === null ? [] : reconsiderRun(group, before, after, now))];
  };

  /** Looks again at the results of which the controls say something else than before. */
  const reconsiderRun = (
    group: string,
    before: readonly RunControl[],
    after: readonly RunControl[],
    now: Date,
  ): readonly Recorded[] => {
    const said = (origin: Origin | null, controls: readonly RunControl[]): string =>
      JSON.stringify(runState(origin, controls, config.controls));
    const found = store.analyses
      .byRun(config.controls.group, group)
      .filter(({ analysis: { origin } }) => said(origin, before) !== said(origin, after))
      .map(({ id }) => store.results.byAnalysis(id));
    const results = new Map(found.filter((result) => result !== null).map((result) => [result.id, result]));
    return [...results.values()].flatMap((result) => again(result, now));
  };

  /** A control and a patient never share a result, whatever their names. */
  const resultOf = (stored: StoredAnalysis, of: 'patient' | 'control'): Result | null => {
    const { accession, analysis } = stored;
    const known = accession === null ? [] : store.results.byAccession(accession);
    const isControl = ({ id }: Result): boolean => store.results.latest(id)?.disposition === 'control';
    return known.find((one) => one.assay === analysis.assay && isControl(one) === (of === 'control')) ?? null;
  };

  const controlResult = (stored: StoredAnalysis, now: Date): Result => {
    const isTaken = resultOf(stored, 'patient') !== null;
    return (
      resultOf(stored, 'control') ?? createResult(isTaken ? { ...stored, accession: null } : stored, now)
    );
  };

  const createResult = ({ accession, analysis: { assay } }: StoredAnalysis, now: Date): Result => {
    const own = accession === null ? null : resultKey(config.site.facility, assay, accession);
    const key = own !== null && store.results.byKey(own) === null ? own : store.sequence.nextResultKey(now);
    return store.results.create({ key, accession, assay, createdAt: now });
  };

  const look = (
    stored: StoredAnalysis,
    result: Result | null,
    match: Match,
    context: Context | null,
    now: Date,
  ): Known =>
    known(store, config, { stored, result, match, context, worklistReadAt: deps.worklistReadAt(), now });

  /** The release rules, and what follows from them. */
  const judge = (stored: StoredAnalysis, result: Result, about: Known, now: Date): Recorded => {
    const { facts, cutoffs, cutoffsVersion: hash } = about;
    const { context, risk, sent } = facts;
    const decision = decide(facts, config);
    return issue({
      stored,
      result,
      decision,
      context,
      risk,
      cutoffs,
      cutoffsVersion: hash,
      sent,
      by: 'AUTO',
      why: null,
      now,
    });
  };

  const again = createAgain({ store, config, patterns, findContext, look, judge });

  const due = (now: Date, most: number): readonly Result[] =>
    store.results
      .waiting(most, config.release.mode === 'shadow')
      .filter(({ version: { waitsUntil } }) => waitsUntil !== null && waitsUntil <= now)
      .map(({ result }) => result);

  return {
    record: (findings) =>
      store.transaction(() => {
        const now = clock.now();
        return findings.flatMap((finding) => recordOne(finding, now));
      }),
    reconsider: (accession) => {
      if (findContext(accession) === null) return [];
      return store.transaction(() => {
        const now = clock.now();
        return store.results.byAccession(accession).flatMap((result) => again(result, now));
      });
    },
    isDue: () => due(clock.now(), 1).length > 0,
    tick: () =>
      store.transaction(() => {
        const now = clock.now();
        return due(now, DUE_AT_ONCE).flatMap((result) => again(result, now));
      }),
  };
}
