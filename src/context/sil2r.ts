import type { Reason } from '../reason.ts';
import type { Patient, Sil2r, Sil2rIgnored } from './context.ts';
import { contradictionOf, plainPatientId } from './patient.ts';
import type { Statement } from './statement.ts';

export interface Sil2rQuestion {
  readonly accession: string;
  readonly patient: Patient | null;
  /** When the specimen was taken, and when it was first heard of; both begin with YYYY-MM-DD. */
  readonly collected: string | null;
  readonly firstHeard: string;
  /** Smaller is believed first. */
  readonly rank: (one: Statement) => number;
  readonly maxDays: number;
}

export interface Sil2rChoice {
  /** Null where there is none, and where what there is may not be used. */
  readonly sil2r: Sil2r | null;
  readonly from: Statement | null;
  readonly ignored: Sil2rIgnored | null;
  readonly doubts: readonly Reason[];
}

interface Candidate {
  readonly sil2r: Sil2r;
  readonly from: Statement;
}

const DAY_MS = 86_400_000;

/**
 * The newest sIL-2R of a specimen or its patient, by the value's own date; one without a date only where there is
 * none with one. Of one day the source with precedence counts, and in one source what came last.
 *
 * A value that was said of the specimen itself may lack a date, or the specimen its time of collection. One that is
 * known by the patient alone may be of any age: it needs a date, and where nobody says when the specimen was taken, the
 * day on which it was first heard of stands for that.
 */
export function chooseSil2r(heard: readonly Statement[], question: Sil2rQuestion): Sil2rChoice {
  const { accession, patient, rank } = question;
  const mine = heard.filter((one) => one.accession === accession || isOfPatient(one, patient));
  const strangers = mine.filter(
    (one) => one.kind === 'sil2r' && contradictionOf(one.said.patient, patient) !== null,
  );
  const doubts = strangers.slice(0, 1).map((one) => ({
    code: 'CONTRADICTING_SOURCES' as const,
    detail: `${contradictionOf(one.said.patient, patient) ?? ''} of sIL-2R (${one.origin}) is not that of the order`,
  }));
  const candidates = mine
    .filter((one) => (one.kind === 'order' || one.kind === 'sil2r') && !strangers.includes(one))
    .flatMap((from): Candidate[] => (from.said.sil2r === null ? [] : [{ sil2r: from.said.sil2r, from }]))
    .sort((a, b) => byDate(b, a) || rank(a.from) - rank(b.from) || b.from.id - a.from.id);

  const usable = candidates.filter(({ sil2r, from }) => sil2r.date !== null || from.accession === accession);
  const [best, second] = usable;
  if (best === undefined) {
    const undated = candidates[0]?.sil2r;
    const ignored = undated === undefined ? null : ({ why: 'undated', sil2r: undated } as const);
    return { sil2r: null, from: null, ignored, doubts };
  }
  const taken = question.collected ?? (best.from.accession === accession ? null : question.firstHeard);
  const { date } = best.sil2r;
  const days = date === null || taken === null ? 0 : daysBetween(date, taken);
  if (days > question.maxDays) {
    const ignored = { why: 'too-old', sil2r: best.sil2r, days, maxDays: question.maxDays } as const;
    return { sil2r: null, from: null, ignored, doubts };
  }
  return {
    sil2r: best.sil2r,
    from: best.from,
    ignored: null,
    doubts: [...doubts, ...disagreement(best, second)],
  };
}

function isOfPatient(one: Statement, patient: Patient | null): boolean {
  if (patient?.id == null || one.patientId === null || one.kind !== 'sil2r') return false;
  return plainPatientId(one.patientId) === plainPatientId(patient.id);
}

/** Two sources that give different values for one day: which of them counts can decide the region. */
function disagreement(best: Candidate, second: Candidate | undefined): readonly Reason[] {
  if (second === undefined || second.from.source === best.from.source) return [];
  const sameDay = second.sil2r.date === best.sil2r.date;
  const same = second.sil2r.value === best.sil2r.value && second.sil2r.unit === best.sil2r.unit;
  if (!sameDay || same) return [];
  const detail = `sIL-2R of one day differs between ${best.from.origin} and ${second.from.origin}`;
  return [{ code: 'CONTRADICTING_SOURCES', detail }];
}

function byDate(a: Candidate, b: Candidate): number {
  return (a.sil2r.date ?? '') < (b.sil2r.date ?? '')
    ? -1
    : (a.sil2r.date ?? '') > (b.sil2r.date ?? '')
      ? 1
      : 0;
}

/** Whole days between two texts that begin with YYYY-MM-DD, whichever is earlier. */
function daysBetween(one: string, other: string): number {
  return Math.abs(Date.parse(one.slice(0, 10)) - Date.parse(other.slice(0, 10))) / DAY_MS;
}
