import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Assay } from '../config/assay.ts';
import { formatFault } from '../config/faults.ts';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../config/load.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { recipeFaults } from '../simulate/check-recipe.ts';
import { createRecipe, NO_DEGRADATION, USUAL_DEGRADATION } from '../simulate/recipe.ts';
import type { Degradation, MixedTemplate, Recipe } from '../simulate/recipe.ts';
import { simulate } from '../simulate/simulate.ts';
import type { Truth } from '../simulate/simulate.ts';

interface NamedShare {
  readonly name: string;
  readonly share: number;
}

interface SimulateOptions {
  readonly out: string;
  readonly clones?: readonly number[];
  readonly dust?: number;
  readonly seed: number;
  readonly noise?: number;
  readonly template: readonly NamedShare[];
  readonly degrade: Degradation;
  /** False for `--no-ltr`. */
  readonly ltr: boolean;
  readonly failed?: boolean;
  readonly hostBases?: number;
  readonly sample?: string;
  readonly well?: string;
  readonly run?: string;
  readonly assay?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const KINDS = Object.keys(NO_DEGRADATION) as (keyof Degradation)[];

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('Writes a synthetic RAISING trace of known truth, to qualify an installation.')
    .requiredOption('--out <file>', 'the .ab1 file to write')
    .option('--clones <shares>', 'shares of the clones, largest first, such as 0.6,0.2', parseShares)
    .option('--dust <count>', 'number of tiny clones that divide the rest at random', parseNumber)
    .option('--seed <integer>', 'same seed and options, same bytes', parseNumber, 1)
    .option(
      '--noise <height>',
      'standard deviation of the noise, in typical peaks (default: 0.015)',
      parseNumber,
    )
    .option(
      '--template <name:share>',
      'a known template of the assay mixed in, by the start of its name; repeatable',
      collectTemplate,
      [],
    )
    .addOption(
      new Option('--degrade <kind[:amount]>', `${KINDS.join(', ')}; repeatable`)
        .argParser(collectDegradation)
        .default(NO_DEGRADATION, 'none'),
    )
    .option('--no-ltr', 'the read begins with something else than the LTR')
    .option('--failed', 'the reaction failed: nothing but noise')
    .option('--host-bases <count>', 'bases after the junction, 0 for LTR alone (default: 300)', parseNumber)
    .option('--sample <name>', 'sample name in the file (default: SIMULATED)')
    .option('--well <well>', 'A01 to H12 (default: A01)')
    .option('--run <name>', 'name of the run (default: Run_SIMULATED)')
    .option('--assay <file>', 'assay file (default: the bundled HTLV-1 assay)')
    .option('--force', 'overwrite the file if there is one')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nShares are shares of all clones and must sum to 1, unless --dust takes the rest. Examples:' +
        '\n  raisingd simulate --out mono.ab1 --clones 1' +
        '\n  raisingd simulate --out case.ab1 --clones 0.73 --dust 30 --sample S25-000123 --seed 7' +
        '\n  raisingd simulate --out poly.ab1 --dust 40' +
        '\n  raisingd simulate --out blob.ab1 --clones 0.4,0.3,0.3 --degrade blob:1.5 --template 2-LTR:0.1' +
        '\nThe file is no patient’s and no instrument’s; its SVER tag says so. The model: docs/simulator.md.',
    )
    .action(writeSimulated);
}

async function writeSimulated(options: SimulateOptions): Promise<void> {
  const assay = readAssay(options.assay);
  const recipe = recipeOf(options, assay);
  const faults = recipeFaults(recipe);
  if (faults.length > 0) throw new CommandError(faults.join('\nraisingd: '), EXIT.usage);

  const { bytes, truth } = simulate(recipe);
  try {
    await writeFile(options.out, bytes, { flag: options.force === true ? 'w' : 'wx' });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const why = exists ? 'exists; name another file, or overwrite it with --force' : String(error);
    throw new CommandError(`${options.out}: ${why}`, EXIT.failed, { cause: error });
  }
  const line =
    options.json === true ? JSON.stringify({ file: options.out, ...truth }) : describe(options.out, truth);
  process.stdout.write(`${line}\n`);
}

function describe(file: string, { largestShare, clones, junction }: Truth): string {
  if (largestShare === null) return `${file}: no clonality to measure`;
  const of = `${clones} ${clones === 1 ? 'clone' : 'clones'}`;
  return `${file}: largest share ${largestShare.toFixed(4)} of ${of}, junction at base ${junction}`;
}

function readAssay(file: string = BUNDLED_ASSAY_FILE): Assay {
  const read = loadAssay(file);
  if (!read.ok) throw new CommandError(read.faults.map(formatFault).join('\nraisingd: '), EXIT.usage);
  return read.method.assay;
}

function recipeOf(options: SimulateOptions, assay: Assay): Recipe {
  const { seed, dust, noise, hostBases, sample, well, run, degrade, template } = options;
  return createRecipe({
    seed,
    anchor: assay.anchor,
    clones: (options.clones ?? []).map((share) => ({ share })),
    templates: template.map((wanted) => findTemplate(wanted, assay)),
    degrade,
    front: options.ltr ? 'ltr' : 'unrelated',
    failed: options.failed === true,
    ...(dust !== undefined && { dust }),
    ...(noise !== undefined && { noise }),
    ...(hostBases !== undefined && { hostBases }),
    ...(sample !== undefined && { sample }),
    ...(well !== undefined && { well }),
    ...(run !== undefined && { run }),
  });
}

function findTemplate({ name, share }: NamedShare, { id, knownTemplates }: Assay): MixedTemplate {
  const wanted = name.toLowerCase();
  const found = knownTemplates.filter((known) => known.name.toLowerCase().startsWith(wanted));
  const [only] = found;
  if (only !== undefined && found.length === 1) return { sequence: only.sequence, share };
  const names = knownTemplates.map((known) => `"${known.name}"`).join(', ') || 'none';
  const what = found.length === 0 ? 'no template' : 'more than one template';
  throw new CommandError(
    `--template ${name}: ${what} of assay ${id} starts so. It has: ${names}`,
    EXIT.usage,
  );
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function parseShares(text: string): number[] {
  return text.split(',').map(parseNumber);
}

function collectTemplate(text: string, before: readonly NamedShare[]): NamedShare[] {
  const colon = text.lastIndexOf(':');
  if (colon < 1) throw new InvalidArgumentError('It must be a name and a share, such as virus:0.2.');
  return [...before, { name: text.slice(0, colon), share: parseNumber(text.slice(colon + 1)) }];
}

function collectDegradation(text: string, before: Degradation): Degradation {
  const [name, amount, ...rest] = text.split(':');
  const kind = KINDS.find((known) => known === name);
  if (kind === undefined || rest.length > 0) {
    throw new InvalidArgumentError(`It must be one of ${KINDS.join(', ')}, with an amount or without.`);
  }
  return { ...before, [kind]: amount === undefined ? USUAL_DEGRADATION[kind] : parseNumber(amount) };
}
