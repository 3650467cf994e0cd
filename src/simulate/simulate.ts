import { writeAbif } from '../trace/write-abif.ts';
import { tagsOf } from './file.ts';
import type { Recipe } from './recipe.ts';
import { synthesise } from './synthesise.ts';

/** What a perfect reading of a simulated trace would find. */
export interface Truth {
  /** Share of the largest clone among all clones; null where the trace has none to measure. */
  readonly largestShare: number | null;
  /** Number of clones, dust included. */
  readonly clones: number;
  /** Bases before the junction: the index of the first host base in an ideal read. */
  readonly junction: number;
}

/**
 * A RAISING trace of known truth as the bytes of an `.ab1` file. Pure: equal recipes give equal bytes.
 * The model is described in docs/simulator.md.
 * @throws RangeError that names every fault of the recipe
 */
export function simulate(recipe: Recipe): { readonly bytes: Uint8Array; readonly truth: Truth } {
  const read = synthesise(recipe);
  const { largestShare, clones, frontBases } = read.mixture;
  return {
    bytes: writeAbif(tagsOf(read, recipe)),
    truth: { largestShare, clones, junction: frontBases },
  };
}
