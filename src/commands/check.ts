import type { Command } from 'commander';
import { formatFault, formatRemark, type Remark } from '../config/faults.ts';
import { BUNDLED_ASSAY_FILE, loadConfig, type LoadedConfig } from '../config/load.ts';
import { describeTransport, transportOf } from '../config/transport.ts';
import type { Config } from '../config/schema.ts';
import { cutoffsVersion } from '../config/version.ts';
import { folderWarnings, warningsOf } from '../config/warnings.ts';
import { systemClock } from '../platform/clock.ts';
import { EXIT } from '../platform/exit.ts';
import { tlsRemarks } from '../upkeep/certificates.ts';
import { configOption } from './config-option.ts';

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
    const lines = json ? [JSON.stringify({ ok: false, faults })] : faults.map(formatFault);
    return { text: asLines(lines), exitCode: EXIT.usage };
  }
  const warnings = [
    ...warningsOf(read.config),
    ...certificateWarnings(read.config),
    ...(await folderWarnings(read.config)),
  ];
  const lines = json ? [JSON.stringify(inJson(read, warnings))] : inWords(read, warnings);
  return { text: asLines(lines), exitCode: EXIT.done };
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

function inWords({ config, method, source, hash }: LoadedConfig, warnings: readonly Remark[]): string[] {
  const { cv, sil2r } = config.cutoffs;
  const rows = [
    ['config', `${source ?? 'built-in defaults'} (${hash.slice(0, 12)})`],
    ['data', config.dataDir],
    [
      'assay',
      `${method.assay.id} from ${config.assay ?? BUNDLED_ASSAY_FILE} (${method.parameters.slice(0, 12)})`,
    ],
    [
      'cut-offs',
      `Cv ${cv.intermediate.toFixed(2)} and ${cv.high.toFixed(2)}, sIL-2R ${sil2r.high} ${sil2r.unit} (${cutoffsVersion(config.cutoffs)})`,
    ],
    ...config.watch.folders.map((folder) => ['watch', folder]),
    ['worklist', config.worklist?.folder ?? 'none: results are sent under their accession alone'],
    ...config.lis.map((destination) => [
      'lis',
      `${destination.name}: ${describeTransport(transportOf(destination))}, processing id ${destination.message.processingId}`,
    ]),
    ...warnings.map((warning) => ['warning', formatRemark(warning)]),
    [
      'valid',
      warnings.length === 0 ? 'no warnings' : `${warnings.length} warning${warnings.length === 1 ? '' : 's'}`,
    ],
  ];
  return rows.map(([label = '', text = '']) => label.padEnd(10) + text);
}

function asLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
