import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../src/config/load.ts';
import { tagsOf } from '../src/simulate/file.ts';
import { createRecipe, type Recipe } from '../src/simulate/recipe.ts';
import { synthesise, type Synthesis } from '../src/simulate/synthesise.ts';
import { writeAbif } from '../src/trace/write-abif.ts';

/** Signals that are simulated; further traces are these again under other names, wells and runs. */
const SIGNALS = 500;
const WELLS = 96;

/** Writes traces `from` and on into a folder, each file with a sample, a well and a content of its own. */
export function writeTraces(
  make: (index: number) => MadeTrace,
  folder: string,
  count: number,
  from = 0,
): void {
  mkdirSync(folder, { recursive: true });
  for (let index = from; index < from + count; index += 1) {
    const { name, bytes } = make(index);
    writeFileSync(join(folder, name), bytes);
  }
}

export interface MadeTrace {
  readonly name: string;
  readonly sample: string;
  readonly bytes: Uint8Array;
}

/** @param prefix what all sample names begin with: traces of another prefix are other specimens of other runs */
export function createTraces(prefix: string): (index: number) => MadeTrace {
  const assay = loadAssay(BUNDLED_ASSAY_FILE);
  if (!assay.ok) throw new Error('the bundled assay is at fault');
  const { anchor } = assay.method.assay;
  const reads = new Map<number, Synthesis>();
  return (index) => {
    const recipe = recipeOf(prefix, index, anchor);
    const read = reads.get(recipe.seed) ?? synthesise(recipe);
    reads.set(recipe.seed, read);
    const name = `${recipe.sample}_${recipe.well}.ab1`;
    return { name, sample: recipe.sample, bytes: writeAbif(tagsOf(read, recipe)) };
  };
}

function recipeOf(prefix: string, index: number, anchor: string): Recipe {
  const seed = index % SIGNALS;
  const plate = Math.floor(index / WELLS);
  const well = index % WELLS;
  const run = `${prefix}${String(plate).padStart(4, '0')}`;
  return createRecipe({
    seed,
    anchor,
    clones: [{ share: 0.2 + 0.7 * ((seed * 0.618) % 1) }],
    dust: 12,
    sample: `${prefix}${String(index).padStart(6, '0')}`,
    run: `Run_${run}`,
    plate: `Plate_${run}`,
    well: `${'ABCDEFGH'[well % 8] ?? 'A'}${String(1 + Math.floor(well / 8)).padStart(2, '0')}`,
    lane: 1 + (well % 24),
    startedAt: new Date(Date.UTC(2025, 0, 6, 9) + 3_600_000 * plate).toISOString().slice(0, 19),
  });
}
