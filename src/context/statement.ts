import type { Category, Patient, Sil2r } from './context.ts';
import { plainPatientId } from './patient.ts';

/** orders: HL7 messages. worklist: CSV files. lookup: HTTP. */
export const SOURCES = ['orders', 'worklist', 'lookup'] as const;
export type Source = (typeof SOURCES)[number];

/**
 * order: what the source says of a specimen from now on. cancelled: nobody waits for a result any more.
 * doubtful: the source names the specimen without saying clearly what of it, so it counts as silent.
 * sil2r: a measured value, of the specimen or of another one of the patient. sil2r-withdrawn: it was wrong.
 */
export const STATEMENT_KINDS = ['order', 'cancelled', 'doubtful', 'sil2r', 'sil2r-withdrawn'] as const;
export type StatementKind = (typeof STATEMENT_KINDS)[number];

/** The content of a statement; null and empty where the source says nothing. */
export interface Said {
  readonly order: string | null;
  readonly patient: Patient | null;
  /** Null also where the source gave codes that no map knows; those are kept beside it. */
  readonly category: Category | null;
  readonly unknownCodes: readonly string[];
  readonly sil2r: Sil2r | null;
  /** As in Context. */
  readonly collected: string | null;
}

export const NOTHING_SAID: Said = {
  order: null,
  patient: null,
  category: null,
  unknownCodes: [],
  sil2r: null,
  collected: null,
};

/** What one source said once of a specimen, or of a patient. Kept for ever: a later one is put beside it. */
export interface NewStatement {
  readonly source: Source;
  readonly kind: StatementKind;
  /** Null where only the patient is named. */
  readonly accession: string | null;
  readonly patientId: string | null;
  /**
   * Which statement of the same source, topic and accession (or patient) this one takes the place of: the order
   * number, the number of the measurement, or empty for a source that says one thing of each specimen.
   */
  readonly key: string;
  readonly said: Said;
  /** Where it was said: `worklist orders.csv line 3`, `message 4711 from LIS`. Never a patient's name. */
  readonly origin: string;
  /** Age of what was said, where the source has one (ISO): an older file must not answer for a newer one. */
  readonly asOf: string | null;
}

export interface Statement extends NewStatement {
  readonly id: number;
  /** When it came. */
  readonly at: Date;
}

export type Topic = 'order' | 'sil2r';

export function topicOf(kind: StatementKind): Topic {
  return kind === 'sil2r' || kind === 'sil2r-withdrawn' ? 'sil2r' : 'order';
}

/** Whether two statements say the same; where and when they said it does not count. */
export function saysTheSame(a: NewStatement, b: NewStatement): boolean {
  const [id, otherId] = [a, b].map(({ patientId }) => patientId && plainPatientId(patientId));
  return a.kind === b.kind && id === otherId && JSON.stringify(a.said) === JSON.stringify(b.said);
}

/** The last statement of each source, topic and key, oldest first. */
export function currentOf(statements: readonly Statement[]): readonly Statement[] {
  const last = new Map<string, Statement>();
  for (const one of [...statements].sort((a, b) => a.id - b.id)) {
    const about = one.accession ?? `patient ${one.patientId ?? ''}`;
    last.set(JSON.stringify([one.source, topicOf(one.kind), about, one.key]), one);
  }
  return [...last.values()].sort((a, b) => a.id - b.id);
}
