import type { Row } from './run.ts';

/** What docs/faults.md promises of a whole run. */
const KILLS = 500;
const POWER_CUTS = 100;

const sum = (rows: readonly Row[], of: 'kills' | 'powerCuts'): number =>
  rows.reduce((total, row) => total + (row.outcome === 'skipped' ? 0 : (row[of] ?? 0)), 0);

/** Both totals in words. */
export function totalsLine(rows: readonly Row[]): string {
  return `${sum(rows, 'kills')} times kill -9 at a system call, ${sum(rows, 'powerCuts')} power cuts`;
}

/** Nothing where the rows of a whole run come to what is promised; else what they come to, and what they had to. */
export function tooFew(rows: readonly Row[]): readonly string[] {
  if (sum(rows, 'kills') >= KILLS && sum(rows, 'powerCuts') >= POWER_CUTS) return [];
  const promised = `${KILLS} times kill -9 at a system call, ${POWER_CUTS} power cuts`;
  return [`too few: ${totalsLine(rows)}; a whole run has to come to ${promised}`];
}
