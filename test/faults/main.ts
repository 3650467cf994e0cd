import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES } from './cases/index.ts';
import { tooFew } from './framework/promised.ts';
import { earlierRows, originOf } from './framework/resume.ts';
import { runCase, type Row } from './framework/run.ts';
import { closingLine, toMarkdown, toText } from './framework/table.ts';
import { words } from './framework/wait.ts';

// npm run test:faults -- [NAME…] [--list] [--json FILE] [--resume FILE] [--markdown FILE] [--seed N] [--no-skips]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    /** Written after each case, so that an interrupted run can be resumed. */
    json: { type: 'string' },
    /** Leaves out the cases that passed in an earlier run's --json file of the same sources, seed and numbers. */
    resume: { type: 'string' },
    /** Replaces what stands between the markers in this file. */
    markdown: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** The full number of traces and messages, where a case is shortened otherwise; takes a quarter of an hour more. */
    long: { type: 'boolean', default: false },
    /** Fails where a case was skipped: for a machine that is known to have everything. */
    'no-skips': { type: 'boolean', default: false },
  },
});

const BEGIN = '<!-- table: begin -->';
const END = '<!-- table: end -->';

const isWhole = positionals.length === 0;
const chosen = CASES.filter(({ name }) => isWhole || positionals.some((part) => name.includes(part)));
if (values.list) {
  for (const { name, expected } of chosen) process.stdout.write(`${name}: ${expected}\n`);
  process.exit(chosen.length === 0 ? 1 : 0);
}

const extent = { seed: Number(values.seed), long: values.long };
const origin = originOf(extent);
const earlier = values.resume === undefined ? [] : readEarlier(values.resume);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}
// What is thrown where nobody waits for it, in a stream or a timer: the case is undone like any other, and the run is over.
const thrown: unknown[] = [];
process.on('uncaughtException', (error: unknown) => {
  thrown.push(error);
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  stop.abort(new Error(`thrown where nobody waits for it: ${words(error)}`, { cause: error }));
});

const rows: Row[] = [];
for (const one of chosen) {
  if (stop.signal.aborted) break;
  const done = earlier.find((row) => row.name === one.name && row.outcome === 'passed');
  if (done === undefined) process.stderr.write(`${one.name}\n`);
  const row = done ?? (await runCase(one, extent, stop.signal));
  rows.push(row);
  process.stderr.write(`  ${row.outcome}, ${row.seconds.toFixed(1)} s: ${row.note}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report(), null, 2)}\n`);
}

process.stdout.write(`\n${toText(rows)}\n`);
if (values.markdown !== undefined) writeTable(values.markdown);
const complaints = complaintsAbout(rows);
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
const failed = rows.some(({ outcome }) => outcome === 'failed');
if (thrown.length > 0) process.exit(1);
process.exit(stop.signal.aborted ? 130 : failed || complaints.length > 0 ? 1 : 0);

/** What a run without a failed case may lack all the same. */
function complaintsAbout(all: readonly Row[]): readonly string[] {
  const count = (outcome: Row['outcome']): number => all.filter((row) => row.outcome === outcome).length;
  return [
    ...(count('passed') === 0 ? ['no case has passed: nothing is shown by this run'] : []),
    ...(values['no-skips'] && count('skipped') > 0 ? [`${count('skipped')} skipped, with --no-skips`] : []),
    ...(isWhole ? tooFew(all) : []),
  ];
}

function report(): object {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  return { ...origin, machine, summary: closingLine(rows), rows };
}

function readEarlier(path: string): readonly Row[] {
  try {
    return earlierRows(path, origin);
  } catch (error) {
    process.stderr.write(`--resume: ${words(error)}\n`);
    process.exit(1);
  }
}

function writeTable(path: string): void {
  const page = readFileSync(path, 'utf8');
  const [before, rest] = [page.split(BEGIN)[0], page.split(END)[1]];
  if (before === undefined || rest === undefined) throw new Error(`${path} has no ${BEGIN} and ${END}`);
  writeFileSync(path, `${before}${BEGIN}\n\n${toMarkdown(rows)}\n\n${END}${rest}`);
}
