import { NOTHING_SAID, type NewStatement } from './statement.ts';
import type { WorklistRow } from './worklist-reading.ts';

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
