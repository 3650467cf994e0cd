import { existsSync, readFileSync } from 'node:fs';
import { scoreTrace } from '../../src/clonality/score-trace.ts';
import type { ClonalityScore } from '../../src/clonality/score.ts';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import { createRecipe } from '../../src/simulate/recipe.ts';
import type { Recipe } from '../../src/simulate/recipe.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { readTrace } from '../../src/trace/read.ts';
import type { Trace } from '../../src/trace/trace.ts';

const loaded = loadAssay(BUNDLED_ASSAY_FILE);
if (!loaded.ok) throw new Error('the bundled assay is at fault');
export const assay = loaded.method.assay;

/** A simulated read of one clean clone but for what the test wants otherwise. */
export function traceOf(differing: Partial<Recipe>): Trace {
  const recipe = createRecipe({ seed: 7, anchor: assay.anchor, clones: [{ share: 1 }], ...differing });
  const read = readTrace(simulate(recipe).bytes);
  if (!read.ok) throw new Error(`${read.reason.code}: ${read.reason.detail}`);
  return read.trace;
}

export function scoreOf(differing: Partial<Recipe>): ClonalityScore {
  return scoreTrace(traceOf(differing), assay).score;
}

export const codesOf = (score: ClonalityScore): string[] => score.reasons.map(({ code }) => code);

/** Traces beside the project; tests that need them are skipped where they are absent. */
export const shared = new URL('../../../shared/traces/', import.meta.url);
export const hasShared = existsSync(shared);

export function sharedTrace(path: string): Trace {
  const read = readTrace(readFileSync(new URL(path, shared)));
  if (!read.ok) throw new Error(`${path}: ${read.reason.code}: ${read.reason.detail}`);
  return read.trace;
}
