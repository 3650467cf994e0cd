import { InvalidArgumentError, type Command } from 'commander';
import { formatFault } from '../config/faults.ts';
import { loadConfig } from '../config/load.ts';
import type { Cutoffs } from '../config/schema.ts';
import { cutoffsVersion } from '../config/version.ts';
import type { CutoffsWords } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { programVersion } from '../platform/version.ts';
import { createReview, isHeld } from '../result/review.ts';
import { cutoffsInForce } from '../result/known.ts';
import { preview, type Judged, type Preview } from '../risk/recut.ts';
import type { Standing } from '../store/results.ts';
import type { Store } from '../store/store.ts';
import {
  byOption,
  personOf,
  print,
  reasonOption,
  withStore,
  type CommonOptions,
  type PersonOptions,
} from './beside.ts';
import { configOption } from './config-option.ts';
import { speak } from './speak.ts';

/** The cut-offs, their versions, and what another set would change. */
export function addCutoffsCommand(program: Command): void {
  const cutoffs = program
    .command('cutoffs')
    .description('Cut-offs: versions, preview of a change, rescoring.');

  cutoffs
    .command('list', { isDefault: true })
    .description('Lists every set that was in force, and a proposed one.')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions) =>
      withStore(options.config, 'read', (store, { config }) => {
        const { cutoffs: say } = speak(config);
        for (const one of store.cutoffs.all()) {
          const { version, hash, adoptedAt, adoptedBy, reason } = one;
          const since = say.since(version, hash, adoptedAt.toISOString(), adoptedBy, reason);
          print(options.json === true ? JSON.stringify(one) : `${since}\n    ${inWords(one.cutoffs, say)}`);
        }
        const hash = cutoffsVersion(config.cutoffs);
        const isProposed = hash !== store.cutoffs.active()?.hash;
        if (isProposed && options.json !== true) {
          print(`${say.notInForce(hash)}\n    ${inWords(config.cutoffs, say)}`);
        }
      }),
    );

  cutoffs
    .command('preview')
    .description(
      'Shows which stored results the cut-offs of a configuration would put elsewhere. Changes nothing.',
    )
    .option('--new <file>', 'configuration whose cut-offs are tried; default: that of --config')
    .option('--since <date>', 'only results reported since this day (YYYY-MM-DD, UTC)', toDate)
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .action((options: CommonOptions & { new?: string; since?: Date }) =>
      withStore(options.config, 'read', (store, { config }) => {
        const tried = options.new === undefined ? config.cutoffs : cutoffsOf(options.new);
        const found = preview(judged(store, options.since ?? new Date(0)), tried);
        print(
          options.json === true ? JSON.stringify(found) : asText(found, speak(config).cutoffs).join('\n'),
        );
      }),
    );

  cutoffs
    .command('apply')
    .description(
      'Puts the cut-offs of the configuration in force for new results, where approval is required.',
    )
    .addOption(byOption())
    .addOption(reasonOption())
    .addOption(configOption())
    .action((options: PersonOptions) => {
      const person = personOf(options);
      return withStore(options.config, 'write', (store, { config }) => {
        const now = systemClock.now();
        const { cutoffs: say } = speak(config);
        store.transaction(() => {
          const before = store.cutoffs.active();
          if (before?.hash === cutoffsVersion(config.cutoffs)) {
            throw new CommandError(say.inForceAlready, EXIT.failed);
          }
          const { version, hash } = store.cutoffs.adopt(config.cutoffs, now, person.by, person.reason);
          const detail = { version, before: before?.hash ?? null, after: hash, why: person.reason };
          store.audit.append({
            at: now,
            actor: person.by,
            action: 'cutoffs.applied',
            subject: 'cutoffs',
            detail,
          });
          print(say.inForce(version, hash, inWords(config.cutoffs, say)));
        });
      });
    });

  cutoffs
    .command('rescore')
    .description(
      'Shows which reported results the cut-offs in force would change; with --yes sends them corrected.',
    )
    .requiredOption('--since <date>', 'results reported since this day (YYYY-MM-DD, UTC)', toDate)
    .option('--yes', 'correct them, and tell the LIS')
    .addOption(byOption())
    .addOption(reasonOption())
    .addOption(configOption())
    .action((options: PersonOptions & { since: Date; yes?: boolean }) => {
      const person = personOf(options);
      return withStore(
        options.config,
        options.yes === true ? 'write' : 'read',
        (store, { config, texts }) => {
          const found = preview(judged(store, options.since), cutoffsInForce(store, config).cutoffs);
          const { cutoffs: say } = speak(config);
          print(asText(found, say).join('\n'));
          const keys = found.moved.map(({ key }) => key);
          if (options.yes !== true) {
            printHeld(
              keys.filter((key) => isHeld(store, key)),
              say,
            );
            print(say.nothingChanged);
            return;
          }
          const software = { version: programVersion(), build: '' };
          const review = createReview({ store, config, texts, software, clock: systemClock });
          const { corrected, held } = review.rescore(keys, person);
          const messages = corrected.flatMap((one) => one.messages);
          printHeld(held, say);
          print(say.corrected(corrected.length, messages.length));
        },
      );
    });
}

function printHeld(keys: readonly string[], say: CutoffsWords): void {
  for (const key of keys) print(say.decideFirst(key));
}

/** Every result that the LIS has, as it has it. */
function judged(store: Store, since: Date): readonly Judged[] {
  return store.results.reportedSince(since).flatMap(({ result, version }: Standing) => {
    const analysis = store.analyses.byId(version.analysisId)?.analysis;
    if (version.risk === null || analysis?.cvRaw == null || analysis.cvInterval === null) return [];
    const { category = 'unknown', sil2r = null } = version.context ?? {};
    const { cvRaw, cvInterval: interval } = analysis;
    const { key, accession } = result;
    return [{ key, accession, cvRaw, interval, category, sil2r, risk: version.risk }];
  });
}

function cutoffsOf(file: string): Cutoffs {
  const read = loadConfig(file);
  if (read.ok) return read.config.cutoffs;
  throw new CommandError(['--new cannot be used:', ...read.faults.map(formatFault)].join('\n'), EXIT.usage);
}

function inWords({ cv, sil2r, source }: Cutoffs, say: CutoffsWords): string {
  return say.values(cv.intermediate.toFixed(2), cv.high.toFixed(2), `${sil2r.high} ${sil2r.unit}`, source);
}

function asText({ judged: count, moved, groups }: Preview, say: CutoffsWords): string[] {
  return [
    say.wouldMove(moved.length, count),
    ...groups.map((group) => `  ${group.category}: ${group.from} -> ${group.to}: ${group.count}`),
    ...moved.map(
      (one) => `    ${one.key}  ${one.accession ?? ''}  Cv ${one.cv.toFixed(2)}  ${one.from} -> ${one.to}`,
    ),
  ];
}

function toDate(text: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError('It must be a day such as 2026-01-31.');
}
