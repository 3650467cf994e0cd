import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCeilings } from './ceilings.ts';
import { measureDelivery } from './delivery.ts';
import { ratioOf, type Figure } from './figure.ts';
import { measureJourney } from './journey.ts';
import { findPlainScript } from './plain-script.ts';
import { measureReading } from './reading.ts';
import { measureScoring } from './scoring.ts';
import { createTraces, writeTraces } from './traces.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    traces: { type: 'string', default: '10000' },
    /** A fifth of the traces, once, and no TLS: for a look while working. */
    quick: { type: 'boolean', default: false },
  },
});

const traces = Number(values.traces) / (values.quick ? 5 : 1);
const times = values.quick ? 1 : 3;
/** Files that the plain script takes and the ceilings are measured on. */
const SOME = Math.min(2000, traces);
const root = mkdtempSync(join(tmpdir(), 'raisingd-bench-'));
const some = join(root, 'some');
const loadBefore = loadavg()[0] ?? NaN;

const figures: Figure[] = [];
try {
  for (const measure of [
    measureReading,
    measureScoring,
    () => measureDelivery(values.quick),
    () => {
      writeTraces(createTraces('C'), some, SOME);
      return measureCeilings(some, root);
    },
    () => measureJourney(root, { traces, times, workshop: root }, findPlainScript(join(root, 'plain'), SOME)),
  ]) {
    for (const figure of await measure()) {
      figures.push(figure);
      print(figure);
    }
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  /** Processes that others kept running when it began. */
  loadBefore,
};
printComparison(figures);
process.stdout.write(
  `\n${machine.cores} cores, ${machine.cpu}, load before ${loadBefore.toFixed(1)}, Node ${process.version}\n`,
);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, machine, figures }, null, 2)}\n`);
}

function print(figure: Figure): void {
  const { what, value, unit, on, wanted } = figure;
  const ratio = ratioOf(figure);
  const goal =
    wanted === undefined || ratio === null
      ? ''
      : `${'least' in wanted ? `>= ${wanted.least}` : `<= ${wanted.most}`} (x${ratio.toFixed(2)})`;
  process.stdout.write(
    `${what.padEnd(42)} ${shown(value).padStart(8)} ${unit.padEnd(11)} ${goal.padEnd(16)} ${on}\n`,
  );
}

/** The journey beside what a user would otherwise have, and beside what no program could do better. */
function printComparison(all: readonly Figure[]): void {
  const valueOf = (what: string): number | undefined => all.find((one) => one.what === what)?.value;
  const ours = valueOf('folder to acknowledgement, rate');
  if (ours === undefined) return;
  process.stdout.write('\nfolder to acknowledgement, scoring included, every commit durable, against\n');
  for (const what of [
    'plain script: folder to acknowledgement',
    'traces hashed, parsed and scored',
    'ceiling: read and SHA-256',
    'ceiling: fsync',
    'ceiling: durable commits',
    'MLLP with fsync at the receiver, one at a time',
  ]) {
    const other = valueOf(what);
    const ratio = other === undefined ? 'absent' : `x${(ours / other).toFixed(2)}`;
    process.stdout.write(
      `  ${what.padEnd(52)} ${(other === undefined ? '' : shown(other)).padStart(8)}  ${ratio}\n`,
    );
  }
}

function shown(value: number): string {
  return value.toFixed(Math.abs(value) < 100 ? 2 : 0);
}
