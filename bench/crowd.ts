import { readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { PlainScript } from './plain-script.ts';
import { usageOf } from './processes.ts';
import { createTraces, writeTraces } from './traces.ts';
import { QUIET_SECONDS, until, type Watched } from './watched.ts';

export interface Crowd {
  readonly traces: number;
  readonly times: number;
  /** Folder on the same file system as the watched one, where traces are finished. */
  readonly workshop: string;
}

/**
 * So many traces at once, several times, and before each time what the plain script does with some of the same files:
 * cores that are shared with other machines change their speed within minutes. Of both the fastest run counts, which was
 * disturbed least; all are named.
 */
export async function measureCrowds(
  pid: number,
  { inbox, received }: Watched,
  { traces, times, workshop }: Crowd,
  plainScript: PlainScript | null,
): Promise<Figure[]> {
  const make = createTraces('B');
  const seconds: number[] = [];
  const plain: { readonly rate: number; readonly memory: number }[] = [];
  let cpu = 0;
  const machine = { all: 0, stolen: 0 };
  for (let time = 0; time < times; time += 1) {
    const ready = join(workshop, `crowd-${time}`);
    writeTraces(make, ready, traces, time * traces);
    if (plainScript !== null) plain.push(await plainScript(ready));
    const known = received().length;
    const before = { ...usageOf(pid), ...machineTime() };
    const dropped = performance.now();
    await rename(ready, join(inbox, `crowd-${time}`));
    await until(() => received().length >= known + traces);
    seconds.push((performance.now() - dropped) / 1000);
    const after = { ...usageOf(pid), ...machineTime() };
    cpu += after.cpu - before.cpu;
    machine.all += after.all - before.all;
    machine.stolen += after.stolen - before.stolen;
    await rm(join(inbox, `crowd-${time}`), { recursive: true });
  }
  const rates = seconds.map((one) => traces / (one - QUIET_SECONDS));
  const { memory, peak } = usageOf(pid);
  const on = `${traces} traces at once, receiver with fsync, fastest of ${times}`;
  const both = 'both processes';
  return [
    {
      ...{ what: 'folder to acknowledgement', value: Math.min(...seconds), unit: 's' },
      on: `${on}, quiet time of ${QUIET_SECONDS} s included`,
    },
    {
      ...{ what: 'folder to acknowledgement, rate', value: Math.max(...rates), unit: 'traces/s' },
      on: `${on}: ${listed(rates)}, beyond the quiet time`,
      wanted: { least: 600 },
    },
    ...(plainScript === null ? [] : plainFigures(plain)),
    { what: 'processor time a trace', value: (1000 * cpu) / (times * traces), unit: 'ms', on: both },
    {
      ...{ what: 'stolen from this machine', value: (100 * machine.stolen) / machine.all, unit: '%' },
      on: 'of the time of all cores meanwhile, by others on the same host',
    },
    { what: 'memory after that (PSS)', value: memory, unit: 'MiB', on: both },
    { what: 'peak memory (RSS)', value: peak, unit: 'MiB', on: both },
  ];
}

function plainFigures(runs: readonly { readonly rate: number; readonly memory: number }[]): Figure[] {
  const rates = runs.map(({ rate }) => rate);
  const on = 'Biopython, no scoring, no queue, no state; some of the same files, same kind of receiver';
  return [
    {
      ...{ what: 'plain script: folder to acknowledgement', value: Math.max(...rates), unit: 'traces/s' },
      on: `${on}, before each of these: ${listed(rates)}`,
    },
    { what: 'plain script: memory', value: Math.max(...runs.map(({ memory }) => memory)), unit: 'MiB', on },
  ];
}

const listed = (rates: readonly number[]): string => rates.map((rate) => rate.toFixed(0)).join(', ');

/** Time of all cores since the start of the machine, and how much of it the host gave to others. */
function machineTime(): { readonly all: number; readonly stolen: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  // cpu user nice system idle iowait irq softirq steal ...
  const times = line.split(/ +/).slice(1, 9).map(Number);
  return { all: times.reduce((a, b) => a + b, 0), stolen: times[7] ?? 0 };
}
