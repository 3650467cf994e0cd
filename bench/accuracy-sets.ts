import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { assaySchema } from '../src/config/assay.ts';
import type { Assay } from '../src/config/assay.ts';
import { NO_DEGRADATION } from '../src/simulate/recipe.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { readTrace } from '../src/trace/read.ts';
import { scored } from './evaluate.ts';
import type { Scored } from './evaluate.ts';
import { mix } from './mixtures.ts';
import type { Recipe } from './mixtures.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { plain } from './recipes.ts';
import type { Source } from './sources.ts';

const SHARED = new URL('../../shared/traces/', import.meta.url);

/** The folder of real traces beside the project, or null where it is absent. */
export function sharedFolder(set: 'real' | 'mixtures'): string | null {
  const folder = fileURLToPath(new URL(`${set}/`, SHARED));
  try {
    return readdirSync(folder).length > 0 ? folder : null;
  } catch {
    // Absent on most machines; what needs it says so.
    return null;
  }
}

/** A number from a name, so that each set has seeds of its own. */
export function seedOf(name: string): number {
  let hash = 2_166_136_261;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  return hash >>> 0;
}

/** Scores `count` mixtures of real signal drawn by `draw`. */
export function mixtures(
  name: string,
  draw: (random: Random, k: number) => Recipe,
  count: number,
  sources: readonly Source[],
  assay: Assay,
): Scored[] {
  return Array.from({ length: count }, (_, k) => {
    const seed = seedOf(`${name} ${k}`);
    const recipe = draw(createRandom(seed), k);
    const { trace, truth, junction } = mix(recipe, assay.anchor, sources, seed);
    const found = recipe.failed === true || recipe.ltr === 'none' ? null : junction;
    return scored(trace, assay, { class: name, truth, shares: recipe.shares, junction: found });
  });
}

/** SDs of the value over runs of one and the same mixture, for several mixtures. */
export function repeatability(
  sources: readonly Source[],
  assay: Assay,
  count: number,
  runs: number,
): number[] {
  const classes = ['monoclonal', 'one clone + dust', 'oligoclonal', 'polyclonal', 'two equal'] as const;
  return Array.from({ length: count }, (_, k) => {
    const seed = seedOf(`repeat ${k}`);
    const recipe = plain(classes[k % classes.length] ?? 'monoclonal', createRandom(seed));
    const values = Array.from({ length: runs }, (_, run) => {
      const { trace, truth, junction } = mix(recipe, assay.anchor, sources, seed, run);
      return scored(trace, assay, { class: 'repeat', truth, shares: recipe.shares, junction }).score.cvRaw;
    }).filter((value) => value !== null);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1));
  });
}

const PSEUDO_LTR = 100;

/** Clean real traces scored with a stretch of themselves for an LTR: one template alone, so the truth is 1. */
export function pseudoJunctions(folder: string, sources: readonly Source[]): Scored[] {
  const rows: Scored[] = [];
  for (const { name, calls } of sources) {
    const read = readTrace(readFileSync(`${folder}${name}`));
    if (!read.ok) continue;
    const start = read.trace.calls.indexOf(calls);
    for (const offset of [0, 60, 150, 260]) {
      if (offset + PSEUDO_LTR + 130 > calls.length) continue;
      const assay = assaySchema.parse({ id: 'pseudo', anchor: calls.slice(offset, offset + PSEUDO_LTR) });
      const junction = read.trace.peaks[start + offset + PSEUDO_LTR] ?? null;
      rows.push(scored(read.trace, assay, { class: 'pseudo-junction', truth: 1, shares: [1], junction }));
    }
  }
  return rows;
}

/** Every real trace with the assay as it is: none has an LTR. */
export function realTraces(folder: string, assay: Assay): Scored[] {
  const rows: Scored[] = [];
  for (const name of readdirSync(folder).filter((file) => /\.(ab1|abi)$/i.test(file))) {
    const read = readTrace(readFileSync(`${folder}${name}`));
    if (!read.ok) continue;
    rows.push(
      scored(read.trace, assay, {
        class: 'real traces without LTR',
        truth: null,
        shares: [],
        junction: null,
      }),
    );
  }
  return rows;
}

/** The mixtures beside the project, by the classes of their truth table. */
export function givenMixtures(folder: string, assay: Assay): Scored[] {
  const rows: Scored[] = [];
  const table = parse<Record<string, string>>(readFileSync(`${folder}truth.csv`), { columns: true });
  for (const { file = '', category = '', f_max, fractions = '', first_host_peak_point } of table) {
    const read = readTrace(readFileSync(`${folder}${file}`));
    if (!read.ok) continue;
    rows.push(
      scored(read.trace, assay, {
        class: category,
        truth: f_max === '' ? null : Number(f_max),
        shares: fractions.split(';').map(Number),
        junction: first_host_peak_point === '' ? null : Number(first_host_peak_point),
      }),
    );
  }
  return rows;
}

/** Scores traces of the simulator, which shares nothing with the mixtures but the LTR. */
export function simulated(name: string, count: number, assay: Assay): Scored[] {
  return Array.from({ length: count }, (_, k) => {
    const seed = seedOf(`simulated ${name} ${k}`);
    const recipe = plain(name, createRandom(seed));
    const { bytes } = simulate({
      seed,
      anchor: assay.anchor,
      clones: recipe.shares.map((share) => ({ share })),
      dust: 0,
      templates: [],
      hostBases: 240,
      noise: recipe.degradation.noise,
      front: 'ltr',
      failed: false,
      degrade: NO_DEGRADATION,
      sample: 'accuracy',
      run: 'accuracy',
      well: 'A01',
      plate: 'accuracy',
      lane: 1,
      startedAt: '2025-01-01T00:00:00',
    });
    const read = readTrace(bytes);
    if (!read.ok) throw new Error(`a simulated trace cannot be read: ${read.reason.detail}`);
    const truth = Math.max(...recipe.shares);
    return scored(read.trace, assay, { class: name, truth, shares: recipe.shares, junction: null });
  });
}
