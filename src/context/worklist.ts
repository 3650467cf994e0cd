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
  /**
   * Whether it may speak of specimens that cannot be told from it, as where its header cannot be used: then no older
   * file may answer for any.
   */
  readonly isUnclear: boolean;
  readonly faults: readonly WorklistFault[];
}

/** A file that is there and cannot be read at all. */
export const UNREAD_WORKLIST: Worklist = { rows: [], doubtful: [], isUnclear: true, faults: [] };

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
    return { ...UNREAD_WORKLIST, faults };
  }
  const header = lines[0] === undefined ? null : readHeader(lines[0], complain);
  if (header === null) return { ...UNREAD_WORKLIST, isUnclear: lines.some(holdsSomething), faults };

  const rows = new Map<string, { readonly context: Context; readonly line: number }>();
  const doubtful = new Set<string>();
  let isUnclear = false;
  for (const [index, bytesOfLine] of lines.entries()) {
    const line = index + 1;
    if (line === 1) continue;
    const split = splitLine(bytesOfLine);
    const cells = 'problem' in split ? [] : split.cells;
    if (!('problem' in split) && cells.every((cell) => cell.trim() === '')) continue;
    const problem = 'problem' in split ? split.problem : miscounted(cells.length, header.length);
    if (problem !== null) {
      complain(line, null, problem);
      const mentions = accessionsIn(bytesOfLine, header);
      isUnclear ||= mentions === null;
      mentions?.forEach((accession) => doubtful.add(accession));
      continue;
    }
    const row = readRow(named(header, cells), `worklist ${file} line ${String(line)}`);
    if (!row.ok) {
      row.faults.forEach((fault) => complain(line, fault.column, fault.problem));
      doubtful.add(mentioned(cells[header.indexOf('accession')] ?? ''));
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
  return { rows: clear.map(({ context }) => context), doubtful: [...doubtful], isUnclear, faults };
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
/** Of another encoding: commas and what is ASCII stay, the rest becomes U+FFFD. */
const anything = new TextDecoder();

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

function holdsSomething(line: Buffer): boolean {
  return line.toString('latin1').trim() !== '';
}

function miscounted(cells: number, columns: number): string | null {
  if (cells === columns) return null;
  const counts = `has ${String(cells)} cells where the header has ${String(columns)}`;
  return `${counts}; quote cells that hold a comma`;
}

/**
 * What can be the accession of a line that is not taken: its cell, or where there are commas too many or too few all
 * that may have come into its place. Null where it cannot be told.
 */
function accessionsIn(line: Buffer, header: readonly (Column | null)[]): readonly string[] | null {
  if (line.length > LONGEST_LINE) return null;
  const cells = anything.decode(line).replaceAll('"', '').split(',');
  const at = header.indexOf('accession');
  const shift = at === 0 ? 0 : cells.length - header.length;
  const last = at + Math.min(Math.max(shift, 0), COLUMNS.length);
  const possible = cells.slice(Math.max(0, at + Math.min(shift, 0)), last + 1).map(mentioned);
  if (possible.some((accession) => accession.includes('\uFFFD'))) return null;
  // A name that was shifted into its place is no accession.
  return possible.length === 1 ? possible : possible.filter((accession) => /\d/.test(accession));
}

function mentioned(cell: string): string {
  return plainAccession(cell.replaceAll(/\p{Cc}/gu, ''));
}

function named(header: readonly (Column | null)[], cells: readonly string[]): Cells {
  const cell = (column: Column): string => cells[header.indexOf(column)] ?? '';
  return Object.fromEntries(COLUMNS.map((column) => [column, cell(column)])) as Record<Column, string>;
}

/** Where it stands does not count. */
export function sameContext(a: Context, b: Context): boolean {
  return JSON.stringify({ ...a, source: '' }) === JSON.stringify({ ...b, source: '' });
}
