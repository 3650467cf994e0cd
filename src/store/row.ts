import type { SQLOutputValue } from 'node:sqlite';

/** A row as node:sqlite gives it; the functions below turn its columns into what the schema says they hold. */
export type Row = Record<string, SQLOutputValue>;

function wrong(column: string, wanted: string, value: SQLOutputValue | undefined): TypeError {
  return new TypeError(
    `column ${column} should be ${wanted} but is ${value === null ? 'null' : typeof value}`,
  );
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrong(column, 'text', value);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrong(column, 'a number', value);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(column, 'a blob', value);
  return value;
}

export function date(row: Row, column: string): Date {
  const value = new Date(text(row, column));
  if (Number.isNaN(value.getTime())) throw wrong(column, 'a time', row[column]);
  return value;
}

export function dateOrNull(row: Row, column: string): Date | null {
  return row[column] === null ? null : date(row, column);
}

/** A JSON column; the reader knows from which type this program wrote it. */
export function json(row: Row, column: string): unknown {
  return JSON.parse(text(row, column));
}

/** One of the words that the column's CHECK allows. */
export function word<const T extends string>(row: Row, column: string, words: readonly T[]): T {
  const value = text(row, column);
  const found = words.find((candidate) => candidate === value);
  if (found === undefined)
    throw new TypeError(`column ${column} should be one of ${words.join(', ')}: ${value}`);
  return found;
}

export function wordOrNull<const T extends string>(row: Row, column: string, words: readonly T[]): T | null {
  return row[column] === null ? null : word(row, column, words);
}

/** The one row that an aggregate, an INSERT … RETURNING or a look-up of what must be there gives. */
export function only(row: Row | undefined): Row {
  if (row === undefined) throw new Error('the statement gave no row where it always gives one');
  return row;
}
