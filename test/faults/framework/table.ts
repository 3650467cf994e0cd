import { totalsLine } from './promised.ts';
import type { Row } from './run.ts';

/** The row as five figures in words; `-` where there is none. */
function figures(row: Row): readonly string[] {
  if (row.outcome === 'skipped') return ['-', '-', '-', '-'];
  const recovered = row.recoveredSeconds ?? null;
  return [
    String(row.injections ?? '-'),
    String(row.lost ?? '-'),
    String(row.duplicated ?? '-'),
    recovered === null ? '-' : recovered.toFixed(1),
  ];
}

const sum = (rows: readonly Row[], of: (row: Row) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

function totals(rows: readonly Row[]): readonly string[] {
  const figure = (name: 'injections' | 'lost' | 'duplicated'): string =>
    String(sum(rows, (row) => (row.outcome === 'skipped' ? 0 : (row[name] ?? 0))));
  return [figure('injections'), figure('lost'), figure('duplicated'), ''];
}

export function closingLine(rows: readonly Row[]): string {
  const count = (outcome: Row['outcome']): number => rows.filter((row) => row.outcome === outcome).length;
  const outcomes = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  return `${outcomes}; ${totalsLine(rows)}`;
}

export function toText(rows: readonly Row[]): string {
  const name = Math.max(4, ...rows.map((row) => row.name.length));
  const line = (
    outcome: string,
    what: string,
    cells: readonly string[],
    seconds: string,
    note: string,
  ): string => {
    const [injections = '', lost = '', duplicated = '', recovered = ''] = cells;
    const numbers = [
      injections.padStart(10),
      lost.padStart(5),
      duplicated.padStart(10),
      recovered.padStart(12),
    ];
    return [outcome.padEnd(7), what.padEnd(name), ...numbers, seconds.padStart(7), note].join('  ').trimEnd();
  };
  return [
    line('', 'case', ['injections', 'lost', 'duplicated', 'recovered s'], 'took s', ''),
    ...rows.map((row) => line(row.outcome, row.name, figures(row), row.seconds.toFixed(1), row.note)),
    line('', 'all', totals(rows), sum(rows, ({ seconds }) => seconds).toFixed(1), ''),
    '',
    closingLine(rows),
  ].join('\n');
}

/** A Markdown table with what was expected of each case. */
export function toMarkdown(rows: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const lines = rows.map((row) => {
    const [injections = '', lost = '', duplicated = '', recovered = ''] = figures(row);
    const numbers = [injections, lost, duplicated, recovered].join(' | ');
    return `| ${cell(row.name)} | ${cell(row.expected)} | ${row.outcome} | ${numbers} | ${cell(row.note)} |`;
  });
  return [
    '| case | expected | outcome | injections | lost | duplicated | recovered in s | what was done and seen |',
    '| --- | --- | --- | --: | --: | --: | --: | --- |',
    ...lines,
    `| all | | | ${totals(rows).join(' | ')} | |`,
    '',
    `${closingLine(rows)}.`,
  ].join('\n');
}
