import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Figure } from './figure.ts';
import { createTraces } from './traces.ts';
import { QUIET_SECONDS, until, type Watched } from './watched.ts';

/** A capillary instrument finishes so many traces at once; a plate of 96 is four such injections. */
const CAPILLARIES = 24;

/**
 * What instruments do in an hour, with the idle time between left out: the service has nothing to do then, so the
 * files would not wait a moment less. `instruments` finish at the same moment, which is the worst they can do.
 */
const LOADS = [
  { what: 'one trace, idle', files: 1, times: 15, wanted: 1 },
  { what: 'one plate an hour', files: CAPILLARIES, times: 4, wanted: 5 },
  { what: 'ten plates an hour', files: 10 * CAPILLARIES, times: 2, wanted: 5 },
] as const;

/** From the last byte of a trace to its arrival at the LIS, beyond the quiet time. */
export async function measureLatency({ inbox, received }: Watched): Promise<Figure[]> {
  const make = createTraces('L');
  const figures: Figure[] = [];
  let made = 0;
  for (const { what, files, times, wanted } of LOADS) {
    const finished = new Map<string, number>();
    for (let time = 0; time < times; time += 1) {
      const known = received().length;
      const folder = join(inbox, `${files}-${time}`);
      await mkdir(folder);
      const traces = Array.from({ length: files }, () => make(made++));
      for (const { name, sample, bytes } of traces) {
        await writeFile(join(folder, name), bytes);
        finished.set(sample, Date.now());
      }
      await until(() => received().length >= known + files);
      // Not in step with anything that the service does in turns.
      await wait(50 + ((137 * time) % 400));
    }
    const seconds = received()
      .flatMap(({ at, specimen }) => [(at - (finished.get(specimen) ?? NaN)) / 1000 - QUIET_SECONDS])
      .filter((one) => !Number.isNaN(one))
      .sort((a, b) => a - b);
    const on = `received beyond the quiet time; ${times} times ${files} at once, idle time left out`;
    for (const percent of [50, 95, 99]) {
      const value =
        seconds[Math.min(seconds.length - 1, Math.ceil((percent / 100) * seconds.length) - 1)] ?? NaN;
      const limit = percent === 95 ? { wanted: { most: wanted } } : {};
      figures.push({ what: `${what}, p${percent}`, value, unit: 's', on, ...limit });
    }
  }
  return figures;
}
