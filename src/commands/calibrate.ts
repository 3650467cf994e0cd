import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { stringify } from 'yaml';
import { fitCalibration, type CalibrationFit, type Pair } from '../clonality/calibration.ts';
import type { CalibrationFile } from '../config/calibration.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { configOption, requireConfig } from './config-option.ts';
import { wordsOf } from '../platform/words-of.ts';

interface CalibrateOptions {
  readonly config?: string;
  readonly pairs: string;
  readonly out: string;
  readonly force?: boolean;
}

export function addCalibrateCommand(program: Command): void {
  program
    .command('calibrate')
    .description("Fits a site's calibration from samples that were measured by two methods.")
    .requiredOption('--pairs <csv>', 'file with the columns ours and theirs, one sample a line')
    .requiredOption(
      '--out <file>',
      'where the calibration is written; name it as `calibration` in the config',
    )
    .option('--force', 'replace the file')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nours is the value before any calibration (cvRaw, or cvUncalibrated where one is in use), theirs that of the' +
        '\nmethod to agree with; both 0-1, at least ten pairs. The fit is a rising table (least squares, pool adjacent' +
        '\nviolators); what it leaves is measured on the same pairs, so judge it on others before you use it.',
    )
    .action((options: CalibrateOptions) => {
      const { assay } = requireConfig(options.config).method;
      if (existsSync(options.out) && options.force !== true) {
        throw new CommandError(`${options.out} exists; --force replaces it`, EXIT.usage);
      }
      const pairs = readPairs(options.pairs);
      const fit = fitted(pairs, options.pairs);
      const { residuals, ...figures } = fit;
      const file = {
        assay: assay.id,
        estimator: assay.estimator.id,
        ...figures,
        table: fit.table.map(([ours, theirs]) => [ours, theirs] as [number, number]),
      } satisfies CalibrationFile;
      writeFileSync(options.out, `# Written by raisingd calibrate. Research use only.\n${stringify(file)}`);
      process.stdout.write(`${report(pairs, fit, residuals).join('\n')}\nwritten: ${options.out}\n`);
    });
}

function fitted(pairs: readonly Pair[], file: string): CalibrationFit {
  try {
    return fitCalibration(pairs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(`${file}: ${error.message}`, EXIT.usage, { cause: error });
  }
}

function readPairs(file: string): readonly Pair[] {
  let rows: readonly Readonly<Record<string, string>>[];
  try {
    rows = parse(readFileSync(file), { bom: true, columns: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    const what = wordsOf(error);
    throw new CommandError(`${file}: cannot be read: ${what}`, EXIT.usage, { cause: error });
  }
  return rows.map((row, index) => ({
    ours: numberIn(row, 'ours', file, index + 2),
    theirs: numberIn(row, 'theirs', file, index + 2),
  }));
}

function numberIn(row: Readonly<Record<string, string>>, column: string, file: string, line: number): number {
  const text = row[column] ?? '';
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw new CommandError(`${file}:${line}: column ${column} holds no number: "${text}"`, EXIT.usage);
}

function report(
  pairs: readonly Pair[],
  fit: CalibrationFit,
  residuals: readonly number[],
): readonly string[] {
  return [
    `pairs                ${fit.pairs}`,
    `ours less theirs     mean ${fit.biasBefore.toFixed(3)}, root mean square ${fit.rmseBefore.toFixed(3)}`,
    `left by the table    root mean square ${fit.rmseAfter.toFixed(3)} (on the same pairs)`,
    'ours    theirs  residual',
    ...pairs.map(({ ours, theirs }, index) =>
      [ours, theirs, residuals[index] ?? 0]
        .map((value) => value.toFixed(3).padEnd(8))
        .join('')
        .trimEnd(),
    ),
  ];
}
