import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { measureDelivery } from './delivery.ts';
import type { Figure } from './figure.ts';
import { measureJourney } from './journey.ts';
import { measureReading } from './reading.ts';
import { measureScoring } from './scoring.ts';

const { values } = parseArgs({
  options: { json: { type: 'string' }, traces: { type: 'string', default: '1000' } },
});

const figures: Figure[] = [];
for (const measure of [
  measureReading,
  measureScoring,
  measureDelivery,
  () => measureJourney(Number(values.traces)),
]) {
  for (const figure of await measure()) {
    figures.push(figure);
    const value = figure.value.toFixed(figure.value < 100 ? 2 : 0);
    process.stdout.write(
      `${figure.what.padEnd(44)} ${value.padStart(9)} ${figure.unit.padEnd(10)} ${figure.on}\n`,
    );
  }
}
if (values.json !== undefined) {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
  };
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, machine, figures }, null, 2)}\n`);
}
