import type { Assay } from '../config/assay.ts';
import { createRecipe } from './recipe.ts';
import type { Recipe } from './recipe.ts';
import { simulate } from './simulate.ts';

/** What is special about one sample of the bundled set. */
interface Sample {
  readonly name: string;
  readonly well: string;
  /** In words, for truth.csv. */
  readonly what: string;
  /** Status that a correct scorer gives it. */
  readonly expected: 'pass' | 'review' | 'fail';
  readonly recipe: Partial<Recipe>;
}

const one = (share: number) => ({ clones: [{ share }] });
const SILENT = { clones: [], failed: true };

const SAMPLES: readonly Sample[] = [
  { name: 'S25-000121', well: 'A01', what: 'one clone', expected: 'pass', recipe: one(1) },
  { name: 'S25-000122', well: 'B01', what: 'polyclonal', expected: 'pass', recipe: { clones: [], dust: 45 } },
  {
    name: 'S25-000123',
    well: 'C01',
    what: 'one large clone over many small ones',
    expected: 'pass',
    recipe: { ...one(0.73), dust: 30 },
  },
  {
    name: 'S25-000124',
    well: 'D01',
    what: 'one middle clone over many small ones',
    expected: 'pass',
    recipe: { ...one(0.35), dust: 30 },
  },
  {
    name: 'S25-000125',
    well: 'E01',
    what: 'two equal clones',
    expected: 'pass',
    recipe: { clones: [{ share: 0.5 }, { share: 0.5 }] },
  },
  {
    name: 'S25-000126',
    well: 'F01',
    what: 'one clone at the upper cut-off',
    expected: 'pass',
    recipe: { ...one(0.5), dust: 25 },
  },
  {
    name: 'S25-000127',
    well: 'G01',
    what: 'one large clone over many small ones',
    expected: 'pass',
    recipe: { ...one(0.64), dust: 20 },
  },
  {
    name: 'S25-000128',
    well: 'H01',
    what: 'one large clone, sIL-2R not known',
    expected: 'pass',
    recipe: { ...one(0.82), dust: 15 },
  },
  { name: 'S25-000129', well: 'A02', what: 'failed reaction', expected: 'fail', recipe: SILENT },
  {
    name: 'S25-000130',
    well: 'B02',
    what: 'read without LTR',
    expected: 'fail',
    recipe: { ...one(1), front: 'unrelated' },
  },
  {
    name: 'S25-000131',
    well: 'C02',
    what: 'weak signal',
    expected: 'review',
    recipe: { ...one(0.7), dust: 20, noise: 0.1 },
  },
  {
    name: 'S25-000132',
    well: 'D02',
    what: 'one large clone, not in the worklist',
    expected: 'pass',
    recipe: { ...one(0.9), dust: 10 },
  },
  { name: 'POS-TLOM1', well: 'E02', what: 'positive control, one clone', expected: 'pass', recipe: one(1) },
  { name: 'NEG-NTC', well: 'F02', what: 'negative control, no template', expected: 'fail', recipe: SILENT },
];

/** Seed of the first sample; each next one has the next. */
const FIRST_SEED = 250106;

/** The bundled samples as files by name, with `truth.csv`. Equal for equal assays. */
export function sampleFiles(assay: Assay): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const truth = ['file,largest_share,clones,what,expected_status'];
  for (const [i, { name, well, what, expected, recipe }] of SAMPLES.entries()) {
    const file = `${name}_${well}.ab1`;
    const whole = createRecipe({
      seed: FIRST_SEED + i,
      anchor: assay.anchor,
      clones: [],
      hostBases: 240,
      sample: name,
      well,
      lane: i + 1,
      run: 'Run_RAISING_2025-01-06_01',
      plate: 'RAISING-250106',
      startedAt: '2025-01-06T10:15:00',
      ...recipe,
    });
    const { bytes, truth: known } = simulate(whole);
    files.set(file, bytes);
    const share = known.largestShare?.toFixed(4) ?? '';
    truth.push([file, share, String(known.clones), `"${what}"`, expected].join(','));
  }
  files.set('truth.csv', Buffer.from(`${truth.join('\n')}\n`));
  return files;
}
