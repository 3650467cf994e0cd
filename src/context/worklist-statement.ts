import { NOTHING_SAID, saysTheSame, type NewStatement } from './statement.ts';
import { isAhead } from './worklist-age.ts';
import type { Silence, WorklistRow } from './worklist-reading.ts';

/** What a row of a worklist says of its specimen. */
export function statementOfRow({ accession, context, origin, asOf }: WorklistRow): NewStatement {
  const about = { source: 'worklist', accession, key: '', origin, asOf } as const;
  if (context === null) return { ...about, kind: 'doubtful', patientId: null, said: NOTHING_SAID };
  const { order, patient, category, sil2r, collected } = context;
  return {
    ...about,
    kind: 'order',
    patientId: patient?.id ?? null,
    said: {
      order,
      patient,
      category: category === 'unknown' ? null : category,
      unknownCodes: [],
      sil2r,
      collected,
    },
  };
}

/**
 * What of a statement is new beside the last one like it; null where nothing is. A worklist of unknown age that
 * contradicts what was said before decides nothing: neither of the two counts.
 */
export function newsIn(one: NewStatement, before: NewStatement | null, now: Date): NewStatement | null {
  // Nothing is withdrawn that was never said.
  if (before === null) return one.kind === 'sil2r-withdrawn' ? null : one;
  if (saysTheSame(before, one)) return null;
  const lastAsOf = before.asOf !== null && isAhead(Date.parse(before.asOf), now) ? null : before.asOf;
  if (one.asOf !== null) return lastAsOf !== null && one.asOf < lastAsOf ? null : one;
  if (one.source !== 'worklist') return one;
  if (before.kind === 'doubtful') return null;
  return { ...one, kind: 'doubtful', patientId: null, said: NOTHING_SAID, asOf: lastAsOf };
}

/** Whether a statement is of a worklist that may not be heard now. */
export function isSilenced({ source, accession, asOf }: NewStatement, silence: Silence | null): boolean {
  if (silence === null || source !== 'worklist') return false;
  const isOlder = asOf === null || asOf < silence.before;
  return isOlder && (accession === null || !silence.butFor.includes(accession));
}
