import { readCategory, type CategoryCodes } from '../context/codes.ts';
import { NOTHING_SAID, type Said } from '../context/statement.ts';
import { COLUMNS, readRow, type Cells, type Column } from '../context/worklist-row.ts';

/** What a server knows of an accession; `problem` says what kind of thing is wrong, and quotes nothing. */
export type Found =
  | { readonly kind: 'order' | 'cancelled'; readonly said: Said }
  | { readonly kind: 'absent' }
  /** It names the accession without saying clearly what of it. */
  | { readonly kind: 'doubtful'; readonly problem: string };

/** Where each thing is in the document: keys and list positions with dots between. */
export type DocumentPaths = Readonly<Record<Exclude<Column, 'accession'>, string>>;

/** Reads a plain JSON document by the same rules as a row of a worklist. A document without any of it is no order. */
export function readDocument(
  document: unknown,
  accession: string,
  paths: DocumentPaths,
  categories: CategoryCodes,
): Found {
  const code = cellAt(document, paths.category);
  const { category, unknownCodes } = readCategory([code], categories);
  const cell = (column: Column): string => {
    if (column === 'accession') return accession;
    // The words of the worklist are not those of the site's own codes.
    return column === 'category' ? (category ?? '') : cellAt(document, paths[column]);
  };
  const cells = Object.fromEntries(COLUMNS.map((column) => [column, cell(column)])) as Record<Column, string>;
  const empty = COLUMNS.every((column) => column === 'accession' || cells[column].trim() === '');
  if (empty && code.trim() === '') return { kind: 'absent' };
  const row = readRow(cells satisfies Cells, '');
  if (!row.ok) {
    return {
      kind: 'doubtful',
      problem: row.faults.map(({ column, problem }) => `${column} ${problem}`).join('; '),
    };
  }
  const { order, patient, sil2r, collected } = row.context;
  return {
    kind: 'order',
    said: { ...NOTHING_SAID, order, patient, category, unknownCodes, sil2r, collected },
  };
}

/** A text or number as text; empty for anything else. */
function cellAt(document: unknown, path: string): string {
  let here: unknown = document;
  for (const step of path.split('.')) {
    // Own keys only: `constructor` is in no document.
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return '';
    here = (here as Readonly<Record<string, unknown>>)[step];
  }
  if (typeof here === 'number') return String(here);
  return typeof here === 'string' ? here : '';
}
