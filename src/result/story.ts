import { statementsAbout } from '../orders/known.ts';
import type { AuditEvent } from '../store/audit.ts';
import type { StoredAnalysis } from '../store/analyses.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import type { Result, ResultVersion } from '../store/results.ts';
import type { Store } from '../store/store.ts';
import type { Risk } from '../risk/classify.ts';
import { ofStatement } from './said.ts';

/** One sentence of a sample's story. */
export interface Told {
  readonly at: Date;
  readonly text: string;
}

/**
 * All that happened to one sample, in order: its traces, every decision, every message and what the LIS answered.
 * @param name accession, or key of the result (OBR-3)
 */
export function storyOf(store: Store, name: string): readonly Told[] {
  const byKey = store.results.byKey(name);
  const results = byKey === null ? store.results.byAccession(name) : [byKey];
  const accession = byKey?.accession ?? name;
  const told = [
    ...statementsAbout(store.orders, accession).map(ofStatement),
    ...store.analyses.byAccession(accession, 0).map(ofTrace),
    ...results.flatMap((result) => ofResult(store, result)),
  ];
  return told
    .map((one, index) => ({ one, index }))
    .sort((a, b) => a.one.at.getTime() - b.one.at.getTime() || a.index - b.index)
    .map(({ one }) => one);
}

function ofTrace({ file, analysis, scoredAt }: StoredAnalysis): Told {
  const value =
    analysis.cvRaw === null || analysis.cvInterval === null
      ? 'it has no value'
      : `Cv ${analysis.cvRaw.toFixed(3)}, 90 % interval ${analysis.cvInterval.map((end) => end.toFixed(2)).join('-')}`;
  const codes = analysis.reasons.map(({ code }) => code).join(', ');
  const text = `The trace ${file} (sha256 ${analysis.sha256.slice(0, 12)}) was scored ${analysis.status}: ${value}${codes === '' ? '' : ` (${codes})`}.`;
  return { at: scoredAt, text };
}

function ofResult(store: Store, result: Result): Told[] {
  const versions = store.results.versions(result.id);
  const messages = versions.flatMap(({ id }) => store.outbox.ofVersion(id));
  const subjects = [result.key, ...messages.map(({ controlId }) => controlId)];
  const events = store.audit.about(subjects);
  return [
    ...versions.flatMap((version, index) => [
      ofVersion(result, version, versions.slice(0, index), events),
      ...store.outbox.ofVersion(version.id).flatMap(ofMessage),
    ]),
    ...events.filter(({ action }) => !action.startsWith('result.')).map(ofEvent),
  ];
}

function ofVersion(
  { key }: Result,
  version: ResultVersion,
  earlier: readonly ResultVersion[],
  events: readonly AuditEvent[],
): Told {
  const { reportStatus, risk, reasons, decidedBy, waitsUntil, shadow, context } = version;
  const who = decidedBy === 'AUTO' ? 'by itself' : `by ${decidedBy}`;
  const event = events.find(({ detail }) => detail['version'] === version.version);
  const why = typeof event?.detail['why'] === 'string' ? `; reason: ${event.detail['why']}` : '';
  const codes = reasons.map(({ code, detail }) => (detail === '' ? code : `${code}, ${detail}`)).join('; ');
  const before = earlier.findLast((one) => one.reportStatus !== null);
  const from =
    context === null ? '' : `; order ${context.order ?? 'none'}, ${context.category} (${context.source})`;
  const sil2r = context?.sil2r == null ? '' : `, sIL-2R ${context.sil2r.value} ${context.sil2r.unit}`;
  const would = shadow ? 'would have been' : 'was';
  const sentence = (): string => {
    switch (version.disposition) {
      case 'held':
        return waitsUntil === null
          ? `was held for a person: ${codes}`
          : `waits until ${waitsUntil.toISOString()}: ${codes}`;
      case 'rejected':
        return `was ${reportStatus === 'X' ? 'withdrawn' : 'rejected'} ${who}: ${codes}${why}`;
      case 'control':
        return 'is a control and is never sent';
      case 'released': {
        const status = STATUS[reportStatus ?? 'F'];
        const changed =
          before === undefined || reportStatus !== 'C' ? '' : `, replacing ${riskText(before.risk)}`;
        return `${would} released ${who} as ${status}: ${riskText(risk)}${changed}${from}${sil2r}${why}`;
      }
    }
  };
  return { at: version.decidedAt, text: `Result ${key} ${sentence()} (cut-offs ${version.cutoffsVersion}).` };
}

const STATUS = { P: 'preliminary', F: 'final', C: 'corrected', X: 'no result' } as const;

function ofMessage({
  controlId,
  destination,
  createdAt,
  state,
  finishedAt,
  attempts,
  lastOutcome,
}: OutboxItem): Told[] {
  const made = { at: createdAt, text: `Message ${controlId} was queued for ${destination}.` };
  if (finishedAt === null || state !== 'delivered') return [made];
  const tries = attempts === 1 ? 'at the first try' : `after ${attempts} tries`;
  return [
    made,
    { at: finishedAt, text: `${destination} acknowledged ${controlId} ${tries} (${lastOutcome ?? ''}).` },
  ];
}

function ofEvent({ at, actor, action, subject, detail }: AuditEvent): Told {
  const reason = detail['reason'];
  const why = typeof reason === 'string' ? `; reason: ${reason}` : '';
  return { at, text: `${actor}: ${action} ${subject}${why}.` };
}

function riskText(risk: Risk | null): string {
  if (risk === null) return 'no value';
  return `Cv ${risk.cv.toFixed(2)}, ${risk.tier} tier${risk.region === null ? '' : `, region ${risk.region}`}`;
}
