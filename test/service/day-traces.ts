import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import { createRecipe, type Recipe } from '../../src/simulate/recipe.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { injectedAgain } from './traces.ts';

/** One trace of the scripted day. */
export interface DayTrace {
  readonly sample: string;
  readonly file: string;
  readonly recipe: Partial<Recipe> & Pick<Recipe, 'clones'>;
  readonly run: string;
  readonly seed: number;
}

type Tube = DayTrace['recipe'];

const dominated = (share: number): Tube => ({ clones: [{ share }], dust: 25 });
const POLYCLONAL: Tube = { clones: [], dust: 45 };
const MONOCLONAL: Tube = { clones: [{ share: 1 }] };
const NOTHING: Tube = { clones: [], failed: true };
const WEAK: Tube = { clones: [{ share: 0.7 }], dust: 20, noise: 0.1 };

const method = loadAssay(BUNDLED_ASSAY_FILE);
if (!method.ok) throw new Error('the bundled assay cannot be read');
const { anchor } = method.method.assay;

export const accession = (number: number): string => `S25-00${String(number).padStart(4, '0')}`;

let wells = 0;

function trace(sample: string, run: string, recipe: Tube, seed: number): DayTrace {
  const well = `${'ABCDEFGH'[wells % 8] ?? 'A'}${String(1 + Math.floor(wells / 8)).padStart(2, '0')}`;
  wells += 1;
  return { sample, run, seed, recipe: { ...recipe, well, lane: wells }, file: `${sample}_${well}.ab1` };
}

const A = 'Run_A';
const B = 'Run_B';
/** Shares far from every cut-off, so that the table tells of the day and not of the estimator. */
const SHARES = [0.9, 0.36, 0, 0.75];
const tube = (index: number): Tube => {
  const share = SHARES[index % SHARES.length] ?? 0;
  return share === 0 ? POLYCLONAL : dominated(share);
};

/** Run A: 101-118 of many kinds, 119 a weak trace, 120 one that failed, 121 without an order. */
export const RUN_A = [
  ...Array.from({ length: 18 }, (_, index) => trace(accession(101 + index), A, tube(index), 7000 + index)),
  trace(accession(119), A, WEAK, 250_116),
  trace(accession(120), A, NOTHING, 7019),
  trace(accession(121), A, dominated(0.75), 7020),
];
export const CONTROLS_A = [trace('POS-TLOM1', A, MONOCLONAL, 7100), trace('NEG-NTC', A, NOTHING, 7101)];
/** Run B: 201-211, with a contaminated negative control. */
export const RUN_B = Array.from({ length: 11 }, (_, index) =>
  trace(accession(201 + index), B, tube(index), 7200 + index),
);
export const CONTROLS_B = [trace('POS-TLOM1', B, MONOCLONAL, 7300), trace('NEG-NTC', B, POLYCLONAL, 7301)];
/** Its second injection shows that it was the tube. */
export const NTC_AGAIN: DayTrace = { ...trace('NEG-NTC', B, NOTHING, 7302), file: 'NEG-NTC_again.ab1' };
/** The negative control is told apart by sample and well, so the second injection comes from the same one. */
const [, firstNtc] = CONTROLS_B;
export const AFTER_EDIT = trace(accession(301), A, dominated(0.75), 7400);

export function bytesOf({ sample, run, recipe, seed }: DayTrace): Uint8Array {
  const about = { run, plate: 'RAISING-250106', startedAt: '2025-01-06T10:15:00', hostBases: 240, sample };
  return simulate(createRecipe({ ...about, ...recipe, seed, anchor })).bytes;
}

export const ntcAgain = (): Uint8Array =>
  injectedAgain(bytesOf({ ...NTC_AGAIN, recipe: { ...NOTHING, ...wellOf(firstNtc) } }));

function wellOf(one: DayTrace | undefined): Pick<Recipe, 'well' | 'lane'> {
  return { well: one?.recipe.well ?? 'A01', lane: one?.recipe.lane ?? 1 };
}
