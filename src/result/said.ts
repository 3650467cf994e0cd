import type { Statement, StatementKind } from '../context/statement.ts';

const WORDS: Readonly<Record<StatementKind, string>> = {
  order: 'gave an order',
  cancelled: 'cancelled the order',
  doubtful: 'mentioned the specimen without saying clearly what of it',
  sil2r: 'gave sIL-2R',
  'sil2r-withdrawn': 'withdrew sIL-2R',
};

/** What a source said, as a sentence. Ids and values, no name. */
export function ofStatement({ at, kind, origin, said, patientId }: Statement): {
  readonly at: Date;
  readonly text: string;
} {
  const { order, category, unknownCodes, sil2r, collected } = said;
  const parts = [
    order === null ? '' : `order ${order}`,
    patientId === null ? '' : `patient ${patientId}`,
    category ?? unknownCodes.map((code) => `code ${code}, which means no one category`).join(', '),
    sil2r === null ? '' : `sIL-2R ${sil2r.value} ${sil2r.unit} of ${sil2r.date ?? 'no date'}`,
    collected === null ? '' : `collected ${collected}`,
  ].filter((part) => part !== '');
  const text = `${origin} ${WORDS[kind]}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`;
  return { at, text: text.charAt(0).toUpperCase() + text.slice(1) };
}
