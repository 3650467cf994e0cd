import { readFileSync } from 'node:fs';
import { analyse } from '../src/analysis.ts';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../src/config/load.ts';
import { tracesOf } from './files.ts';
import type { Figure } from './figure.ts';
import { roundsPerSecond } from './timing.ts';

/** From bytes in memory: hash, read, parse and score, one core, in this process. */
export function measureScoring(): Figure[] {
  const assay = loadAssay(BUNDLED_ASSAY_FILE);
  if (!assay.ok) throw new Error('the bundled assay is at fault');
  const { method } = assay;
  const { paths, on } = tracesOf('mixtures');
  const contents = paths.map((path) => readFileSync(path));
  const rounds = roundsPerSecond(() => {
    for (const bytes of contents) analyse(bytes, method);
  });
  return [{ what: 'traces hashed, parsed and scored', value: rounds * paths.length, unit: 'traces/s', on }];
}
