import { BUNDLED_ASSAY_FILE, loadAssay } from '../../../src/config/load.ts';
import { createRecipe } from '../../../src/simulate/recipe.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { openAbif } from '../../../src/trace/abif.ts';

export interface Trace {
  /** `S000001` and so on: sample name and accession. */
  readonly sample: string;
  /** `S000001_A01.ab1`. */
  readonly file: string;
  readonly bytes: Buffer;
}

const PLACEHOLDER = 'S######';
const TEMPLATES = 3;
const RAW_STEP = 20_000;

interface Template {
  readonly bytes: Buffer;
  readonly nameAt: number;
  /** Where the last points of the first raw channel are, by which injections are told apart. */
  readonly rawAt: number;
}

let templates: readonly Template[] | undefined;

/**
 * A trace that passes and is reported at once. Each number gives another specimen, another injection and another
 * content, made in a fraction of a millisecond from a few simulated ones.
 */
export function traceOf(number: number): Trace {
  templates ??= Array.from({ length: TEMPLATES }, (_, seed) => template(seed));
  const sample = `S${String(number).padStart(PLACEHOLDER.length - 1, '0')}`;
  const { bytes: of, nameAt, rawAt } = templates[number % TEMPLATES] ?? template(0);
  const bytes = Buffer.from(of);
  bytes.write(sample, nameAt, 'latin1');
  // Two points below what counts as a saturated detector.
  bytes.writeUInt16BE(Math.floor(number / RAW_STEP), rawAt);
  bytes.writeUInt16BE(number % RAW_STEP, rawAt + 2);
  return { sample, file: `${sample}_A01.ab1`, bytes };
}

function template(seed: number): Template {
  const assay = loadAssay(BUNDLED_ASSAY_FILE);
  if (!assay.ok) throw new Error('the bundled assay cannot be read');
  const { anchor } = assay.method.assay;
  const recipe = createRecipe({ seed, anchor, clones: [{ share: 0.8 }], dust: 5, sample: PLACEHOLDER });
  const bytes = Buffer.from(simulate(recipe).bytes);
  const opened = openAbif(bytes);
  const raw = opened.ok ? opened.find('DATA', 1)?.value : null;
  if (raw == null) throw new Error('a simulated trace has no raw data');
  return {
    bytes,
    nameAt: bytes.indexOf(PLACEHOLDER),
    rawAt: raw.byteOffset - bytes.byteOffset + raw.length - 4,
  };
}
