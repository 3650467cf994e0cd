import { parse } from 'csv-parse/sync';
import type { Context } from './context.ts';
import { plainAccession } from './match.ts';
import { COLUMNS, readRow } from './worklist-row.ts';
import type { Cells, Column } from './worklist-row.ts';

/** Something in a worklist that was not taken. Never holds a cell's content: it could be a patient's name. */
export interface WorklistFault {
  readonly file: string;
  /** 1 is the header; null where it concerns the file as a whole. */
  readonly line: number | null;
  readonly column: string | null;
  readonly problem: string;
}

/** What one file says. */
export interface Worklist {
  readonly rows: readonly Context[];
  /** Accessions that the file mentions without saying clearly what they are: an older file must not answer for them. */
  readonly doubtful: readonly string[];
  readonly faults: readonly WorklistFault[];
}

/**
 * Reads a worklist: UTF-8 with or without BOM, any line ends, a header, quoted cells. Each line stands for itself
 * (a cell holds no line end), so that a stray quote costs one row and not the rest of the file.
 * @param file name for faults and for each row's source
 */
export function parseWorklist(bytes: Uint8Array, file: string): Worklist {
  const faults: WorklistFault[] = [];
  const complain = (line: number | null, column: string | null, problem: string): void => {
    faults.push({ file, line, column, problem });
  };
  const lines = linesOf(bytes);
  if (lines.length > MOST_LINES) {
    complain(null, null, `has more than ${String(MOST_LINES)} lines and is not read; split it`);
    return { rows: [], doubtful: [], faults };
  }
  const header = lines[0] === undefined ? null : readHeader(lines[0], complain);
  if (header === null) return { rows: [], doubtful: [], faults };

  const rows = new Map<string, { readonly context: Context; readonly line: number }>();
  const doubtful = new Set<string>();
  for (const [index, bytesOfLine] of lines.entries()) {
    const line = index + 1;
    if (line === 1) continue;
    const split = splitLine(bytesOfLine);
    if ('problem' in split) {
      complain(line, null, split.problem);
      continue;
    }
    const { cells } = split;
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (cells.length !== header.length) {
      const counts = `has ${String(cells.length)} cells where the header has ${String(header.length)}`;
      complain(line, null, `${counts}; quote cells that hold a comma`);
      const at = header.indexOf('accession');
      doubtful.add(plainAccession(cells[at] ?? ''));
      continue;
    }
    const row = readRow(named(header, cells), `worklist ${file} line ${String(line)}`);
    if (!row.ok) {
      for (const { column, problem } of row.faults) complain(line, column, problem);
      doubtful.add(row.accession);
      continue;
    }
    const { accession } = row.context;
    const earlier = rows.get(accession);
    if (earlier === undefined) {
      rows.set(accession, { context: row.context, line });
    } else if (!sameContext(earlier.context, row.context)) {
      doubtful.add(accession);
      complain(
        earlier.line,
        'accession',
        `is also on line ${String(line)} with other content; neither is taken`,
      );
      complain(
        line,
        'accession',
        `is also on line ${String(earlier.line)} with other content; neither is taken`,
      );
    }
  }
  doubtful.delete('');
  const clear = [...rows.values()].filter(({ context }) => !doubtful.has(context.accession));
  return { rows: clear.map(({ context }) => context), doubtful: [...doubtful], faults };
}

/** Far more than a laboratory has open orders; reading them all takes less than a second. */
const MOST_LINES = 50_000;
/** Bytes. All cells at their longest are a quarter of it. */
const LONGEST_LINE = 20_000;

type Complain = (line: number | null, column: string | null, problem: string) => void;

/** The known column at each place, null for one that is not known; null for a header that cannot be used. */
function readHeader(line: Buffer, complain: Complain): readonly (Column | null)[] | null {
  const split = splitLine(line);
  if ('problem' in split) {
    complain(1, null, split.problem);
    return null;
  }
  const names = split.cells.map((name) => name.trim());
  if (!names.includes('accession')) {
    complain(1, null, 'the header has no column accession; it needs comma-separated column names');
    return null;
  }
  const header = names.map((name) => COLUMNS.find((column) => column === name) ?? null);
  for (const [at, column] of header.entries()) {
    if (column === null) {
      // The name may be a patient's where the header is missing: its place says enough.
      complain(
        1,
        null,
        `column ${String(at + 1)} is not known and is not read; known are ${COLUMNS.join(', ')}`,
      );
    } else if (header.indexOf(column) !== at) {
      complain(1, column, 'is there twice; keep one');
      return null;
    }
  }
  return header;
}

/** Lines end with LF, CRLF or CR. Of a file with too many, one more than are allowed. */
function linesOf(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = 0; at <= all.length && lines.length <= MOST_LINES; at += 1) {
    const byte = all[at];
    if (byte !== undefined && byte !== LF && byte !== CR) continue;
    if (byte === LF && all[at - 1] === CR) from = at + 1;
    else if (byte !== undefined || from < all.length) {
      lines.push(all.subarray(from, at));
      from = at + 1;
    }
  }
  return lines;
}

const LF = 0x0a;
const CR = 0x0d;

/** `fatal`: a name in another encoding must not become a wrong name. The BOM is dropped. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

function splitLine(line: Buffer): { readonly cells: readonly string[] } | { readonly problem: string } {
  if (line.length > LONGEST_LINE) {
    return { problem: `is longer than ${String(LONGEST_LINE)} bytes; its line end may be missing` };
  }
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return { problem: 'is not UTF-8; save the file as "CSV UTF-8"' };
  }
  if (text.trim() === '') return { cells: [] };
  if (!text.includes('"')) return { cells: text.split(',') };
  try {
    return { cells: parse(text, { relax_column_count: true })[0] ?? [] };
  } catch {
    return { problem: 'its quotes do not pair; write " inside a quoted cell as ""' };
  }
}

function named(header: readonly (Column | null)[], cells: readonly string[]): Cells {
  const cell = (column: Column): string => cells[header.indexOf(column)] ?? '';
  return Object.fromEntries(COLUMNS.map((column) => [column, cell(column)])) as Record<Column, string>;
}

function sameContext(a: Context, b: Context): boolean {
  return JSON.stringify({ ...a, source: '' }) === JSON.stringify({ ...b, source: '' });
}
