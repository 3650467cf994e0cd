import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { analyse, type Analysed, type Method } from '../analysis.ts';
import { formatFault } from '../config/faults.ts';
import { loadAssay } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Words } from '../language/words.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { figure } from '../report/figure.ts';
import { toScoreJson, toScoreLines, verdictOf, type Scored } from '../report/score-text.ts';
import { readWholeFile } from '../watch/read-file.ts';
import { endingMatcher, scanFolder } from '../watch/scan.ts';
import { fromText, toBytes, toText, type RawPath } from '../watch/path.ts';
import { configOption, requireConfig } from './config-option.ts';
import { createProgress } from './progress.ts';
import { speak } from './speak.ts';

interface ScoreOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly figure?: string;
  readonly assay?: string;
}

export function addScoreCommand(program: Command): void {
  program
    .command('score')
    .description('Scores trace files, or every trace in a folder; sends nothing and stores nothing.')
    .argument('<path...>', 'trace files or folders')
    .option('--json', 'print one JSON object a line')
    .option('--figure <dir>', 'write a picture (SVG) of each trace into this folder')
    .option('--assay <file>', 'score by another assay file')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nThe tier is by the cut-offs of the configuration. A region needs a diagnosis and sIL-2R, so none is given here.' +
        '\nExit code 1: at least one file has no value (status fail) or could not be read.',
    )
    .action(async (paths: string[], options: ScoreOptions) => {
      const { config, method } = requireConfig(options.config);
      const chosen = options.assay === undefined ? method : requireAssay(options.assay);
      const everyOne = await score(paths, chosen, config, options);
      process.exitCode = everyOne ? EXIT.done : EXIT.failed;
    });
}

/** @returns whether every file has a value */
async function score(
  paths: readonly string[],
  method: Method,
  config: Config,
  options: ScoreOptions,
): Promise<boolean> {
  const words = speak(config);
  const { files, problems } = await traceFiles(paths, config.watch.extensions, words);
  for (const problem of problems) process.stderr.write(`raisingd: ${problem}\n`);
  if (options.figure !== undefined) await mkdir(options.figure, { recursive: true });
  const progress = createProgress(files.length, process.stderr);
  let complete = problems.length === 0;
  for (const file of files) {
    const read = await readWholeFile(toBytes(file), config.watch.maxFileMiB * 1024 * 1024);
    if (read.kind !== 'read') {
      progress.clear();
      process.stderr.write(
        `raisingd: ${toText(file)}: ${unreadable(read, config.watch.maxFileMiB, words)}\n`,
      );
      complete = false;
      progress.advance();
      continue;
    }
    const analysed = analyse(read.bytes, method);
    const scored: Scored = { file: toText(file), analysis: analysed.analysis, cutoffs: config.cutoffs };
    const picture = options.figure === undefined ? null : await draw(analysed, scored, options.figure);
    progress.clear();
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(toScoreJson(scored))}\n`
        : toScoreLines(scored, picture, words),
    );
    progress.advance();
    if (analysed.analysis.status === 'fail') complete = false;
  }
  progress.clear();
  return complete;
}

async function draw({ trace, evidence }: Analysed, scored: Scored, folder: string): Promise<string> {
  const { analysis, file } = scored;
  const name = file.slice(file.lastIndexOf('/') + 1);
  // The hash keeps two files of one name apart, and the name holds nothing that a file system could mistake.
  const picture = join(folder, `${name.replace(/[^\w.-]/gu, '_')}.${analysis.sha256.slice(0, 8)}.svg`);
  const caption = {
    title: name,
    verdict: verdictOf(scored),
    reasons: analysis.reasons,
    quality: analysis.quality,
  };
  await writeFile(picture, figure(trace, evidence, caption));
  return picture;
}

/** The files that were named, and the traces in the folders that were named, in the order of their names. */
async function traceFiles(
  paths: readonly string[],
  extensions: readonly string[],
  { score: say }: Words,
): Promise<{ readonly files: readonly RawPath[]; readonly problems: readonly string[] }> {
  const files: RawPath[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const stats = await stat(path).catch(() => null);
    if (stats === null) {
      problems.push(say.noSuchFile(path));
    } else if (!stats.isDirectory()) {
      files.push(fromText(path));
    } else {
      const found: RawPath[] = [];
      const outcome = await scanFolder(fromText(path), {
        matches: endingMatcher(extensions),
        recursive: true,
        onFile: (file) => found.push(file),
        during: (operation) => operation,
      });
      if (outcome.kind === 'unavailable') problems.push(say.cannotList(path, outcome.detail));
      else if (found.length === 0) problems.push(say.noTraces(path, extensions));
      files.push(...found.sort());
    }
  }
  return { files, problems };
}

function requireAssay(file: string): Method {
  const assay = loadAssay(file);
  if (assay.ok) return assay.method;
  throw new CommandError(
    ['the assay cannot be used:', ...assay.faults.map(formatFault)].join('\n'),
    EXIT.usage,
  );
}

function unreadable(
  read: Exclude<Awaited<ReturnType<typeof readWholeFile>>, { kind: 'read' }>,
  maxFileMiB: number,
  { score: say }: Words,
): string {
  switch (read.kind) {
    case 'too-large':
      return say.tooLarge(read.size, maxFileMiB);
    case 'changing':
      return say.beingWritten;
    case 'gone':
      return say.gone;
    case 'not-a-file':
      return say.notAFile;
    case 'exhausted':
    case 'unreadable':
      return say.unreadable(read.code);
  }
}
