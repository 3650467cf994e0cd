import { readFileSync } from 'node:fs';
import { readTrace } from '../src/trace/read.ts';
import { tracesOf } from './files.ts';
import type { Figure } from './figure.ts';
import { roundsPerSecond } from './timing.ts';

/** From the disk (cached) to a Trace, one core, in this process. */
export function measureReading(): Figure[] {
  const { paths, on } = tracesOf('real');
  const rounds = roundsPerSecond(() => {
    for (const path of paths) readTrace(readFileSync(path));
  });
  return [{ what: 'files read and parsed', value: rounds * paths.length, unit: 'files/s', on }];
}
