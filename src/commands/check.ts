import type { Command } from 'commander';
import { formatFault, formatRemark, type Fault, type Remark } from '../config/faults.ts';
import { BUNDLED_ASSAY_FILE, loadConfig, type LoadedConfig } from '../config/load.ts';
import { describeTransport, transportOf } from '../config/transport.ts';
import type { Config } from '../config/schema.ts';
import { cutoffsVersion } from '../config/version.ts';
import { folderWarnings } from '../config/folder-warnings.ts';
import { warningsOf } from '../config/warnings.ts';
import { isStrange } from '../deliver/folder-mark.ts';
import { createKnownFolders } from '../deliver/known-folders.ts';
import { displayWidth, padColumns } from '../language/width.ts';
import type { Words } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { EXIT } from '../platform/exit.ts';
import { tlsRemarks } from '../upkeep/certificates.ts';
import { configOption } from './config-option.ts';
import { speak } from './speak.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('Validates the configuration and its assay; names every fault at once.')
    .addOption(configOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nA fault is one line, `path: what is wrong: the value (file:line:column). Remedy`, and the exit code is 2.' +
        '\nWarnings do not change the exit code: a share may be away, and the service waits for it.',
    )
    .action(async (options: CheckOptions) => {
      const { text, exitCode } = await check(options);
      process.stdout.write(text);
      process.exitCode = exitCode;
    });
}

async function check({ config: file, json }: CheckOptions): Promise<{ text: string; exitCode: number }> {
  const read = loadConfig(file ?? null);
  if (!read.ok) {
    const { faults } = read;
    const lines = json ? [JSON.stringify({ ok: false, faults })] : faultLines(faults);
    return { text: asLines(lines), exitCode: EXIT.usage };
  }
  const warnings = [
    ...warningsOf(read.config),
    ...certificateWarnings(read.config),
    ...(await folderWarnings(read.config, isStrangeTo(read.config.dataDir))),
  ];
  const lines = json ? [JSON.stringify(inJson(read, warnings))] : inWords(read, warnings, speak(read.config));
  return { text: asLines(lines), exitCode: EXIT.done };
}

/** Whether a folder is another one than was written to. No stranger to a user who may not look into the data folder. */
function isStrangeTo(dataDir: string): (folder: string) => Promise<boolean> {
  const knownFolders = createKnownFolders(dataDir);
  return async (folder) => {
    try {
      return await isStrange(folder, knownFolders.markOf(folder).known);
    } catch {
      // The service's own user is told, and so is root.
      return false;
    }
  };
}

function certificateWarnings({ lis, upkeep }: Config): Remark[] {
  const now = systemClock.now();
  return lis.flatMap((destination, index) =>
    tlsRemarks(destination, now, upkeep.certificates.warnDays).map((message) => ({
      path: `lis[${index}].${transportOf(destination).kind}`,
      message,
      value: null,
      remedy: 'Renew or correct the file; it is read again at the next connection.',
    })),
  );
}

function inJson({ config, method, source, hash }: LoadedConfig, warnings: readonly Remark[]): object {
  return {
    ok: true,
    source,
    hash,
    dataDir: config.dataDir,
    assay: { id: method.assay.id, file: config.assay ?? BUNDLED_ASSAY_FILE, parameters: method.parameters },
    cutoffs: { ...config.cutoffs, version: cutoffsVersion(config.cutoffs) },
    watch: config.watch.folders,
    worklist: config.worklist?.folder ?? null,
    lis: config.lis.map(({ name, mllp, http, file, acknowledge, only, message }) => ({
      ...{ name, mllp, file, acknowledge, only },
      http: http === undefined ? undefined : describeTransport({ kind: 'http', ...http }),
      processingId: message.processingId,
    })),
    warnings,
    faults: [],
  };
}

/** A fault itself is English, like the keys that it is about; without a configuration the environment decides. */
function faultLines(faults: readonly Fault[]): string[] {
  const { language, check } = speak();
  const lines = faults.map(formatFault);
  return language === 'en' ? lines : [check.faults(faults.length), ...lines.map((line) => `  ${line}`)];
}

function inWords(
  { config, method, source, hash }: LoadedConfig,
  warnings: readonly Remark[],
  { check: say, common }: Words,
): string[] {
  const { cv, sil2r } = config.cutoffs;
  const version = cutoffsVersion(config.cutoffs);
  const rows: (readonly [keyof typeof say.labels, string])[] = [
    ['config', `${source ?? common.builtIn} (${hash.slice(0, 12)})`],
    ['data', config.dataDir],
    ['assay', say.from(method.assay.id, config.assay ?? BUNDLED_ASSAY_FILE, method.parameters.slice(0, 12))],
    [
      'cutoffs',
      say.cutoffs(cv.intermediate.toFixed(2), cv.high.toFixed(2), `${sil2r.high} ${sil2r.unit}`, version),
    ],
    ...config.watch.folders.map((folder) => ['watch', folder] as const),
    ['worklist', config.worklist?.folder ?? say.noWorklist],
    ...config.lis.map((destination) => {
      const transport = describeTransport(transportOf(destination));
      return ['lis', say.destination(destination.name, transport, destination.message.processingId)] as const;
    }),
    ...warnings.map((warning) => ['warning', formatRemark(warning)] as const),
    ['valid', warnings.length === 0 ? say.noWarnings : say.warnings(warnings.length)],
  ];
  const columns = 2 + Math.max(...Object.values(say.labels).map(displayWidth));
  return rows.map(([label, text]) => padColumns(say.labels[label], columns) + text);
}

function asLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
