import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import { createRecipe } from '../../src/simulate/recipe.ts';
import type { Recipe } from '../../src/simulate/recipe.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import type { Truth } from '../../src/simulate/simulate.ts';
import { readTrace } from '../../src/trace/read.ts';
import type { Trace } from '../../src/trace/trace.ts';

const loaded = loadAssay(BUNDLED_ASSAY_FILE);
if (!loaded.ok) throw new Error('the bundled assay is at fault');
export const method = loaded.method;
export const assay = loaded.method.assay;

/** One clone, a clean read, and what the test wants otherwise. */
export function recipe(differing: Partial<Recipe> = {}): Recipe {
  return createRecipe({ seed: 1, anchor: assay.anchor, clones: [{ share: 1 }], ...differing });
}

/** A simulated trace as a reader sees it. */
export function traceOf(differing: Partial<Recipe> = {}): { readonly trace: Trace; readonly truth: Truth } {
  const { bytes, truth } = simulate(recipe(differing));
  const read = readTrace(bytes);
  if (!read.ok) throw new Error(`${read.reason.code}: ${read.reason.detail}`);
  return { trace: read.trace, truth };
}
