import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES } from './cases/index.ts';
import { runCase, type Row } from './framework/run.ts';
import { closingLine, toMarkdown, toText } from './framework/table.ts';
import { programVersion } from '../../src/platform/version.ts';

// npm run test:faults -- [NAME…] [--list] [--json FILE] [--resume FILE] [--markdown FILE] [--seed N]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    /** Written after each case, so that an interrupted run can be resumed. */
    json: { type: 'string' },
    /** Leaves out the cases that passed in an earlier run's --json file, and takes their rows from it. */
    resume: { type: 'string' },
    /** Replaces what stands between the markers in this file. */
    markdown: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** The full number of traces and messages, where a case is shortened otherwise; takes a quarter of an hour more. */
    long: { type: 'boolean', default: false },
  },
});

const BEGIN = '<!-- table: begin -->';
const END = '<!-- table: end -->';

const chosen = CASES.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (values.list) {
  for (const { name, expected } of chosen) process.stdout.write(`${name}: ${expected}\n`);
  process.exit(chosen.length === 0 ? 1 : 0);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}

const earlier = values.resume === undefined ? [] : readRows(values.resume);
const rows: Row[] = [];
for (const one of chosen) {
  if (stop.signal.aborted) break;
  const done = earlier.find((row) => row.name === one.name && row.outcome === 'passed');
  if (done === undefined) process.stderr.write(`${one.name}\n`);
  const row = done ?? (await runCase(one, { seed: Number(values.seed), long: values.long }, stop.signal));
  rows.push(row);
  process.stderr.write(`  ${row.outcome}, ${row.seconds.toFixed(1)} s: ${row.note}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report(), null, 2)}\n`);
}

process.stdout.write(`\n${toText(rows)}\n`);
if (values.markdown !== undefined) writeTable(values.markdown);
const ran = rows.some(({ outcome }) => outcome === 'passed');
const failed = rows.some(({ outcome }) => outcome === 'failed');
if (!ran) process.stderr.write('no case has passed: nothing is shown by this run\n');
process.exit(stop.signal.aborted ? 130 : ran && !failed ? 0 : 1);

function report(): object {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  return { version: programVersion(), seed: Number(values.seed), machine, summary: closingLine(rows), rows };
}

function readRows(path: string): readonly Row[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly rows: readonly Row[] }).rows;
}

function writeTable(path: string): void {
  const page = readFileSync(path, 'utf8');
  const [before, rest] = [page.split(BEGIN)[0], page.split(END)[1]];
  if (before === undefined || rest === undefined) throw new Error(`${path} has no ${BEGIN} and ${END}`);
  writeFileSync(path, `${before}${BEGIN}\n\n${toMarkdown(rows)}\n\n${END}${rest}`);
}
