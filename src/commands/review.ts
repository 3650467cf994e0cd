import type { Command } from 'commander';
import type { AllTexts } from '../config/comments.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Words } from '../language/words.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { systemClock } from '../platform/clock.ts';
import { programVersion } from '../platform/version.ts';
import { createReview, type Review, type ReviewOutcome } from '../result/review.ts';
import type { Result, ResultVersion, Standing } from '../store/results.ts';
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
import { drawStored } from './picture.ts';
import { riskText, saidInJson, saidOf } from './review-said.ts';
import { speak } from './speak.ts';

const MOST_LISTED = 500;

/** What waits for a person, and what a person decides; works beside the running service. */
export function addReviewCommand(program: Command): void {
  const review = program
    .command('review')
    .description('Results that wait for a person: look, release, reject.');

  review
    .command('list', { isDefault: true })
    .description(`Lists what waits for a person, longest waiting first (at most ${MOST_LISTED}).`)
    .option('--all', 'also what waits for something to come by itself')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions & { all?: boolean }) =>
      withStore(options.config, 'read', (store, { config, texts }) => {
        const words = speak(config);
        const waiting = options.all === true ? store.results.waiting(MOST_LISTED, false) : [];
        const standing = [...store.results.held(MOST_LISTED), ...waiting];
        if (standing.length === 0 && options.json !== true) print(words.review.nothingWaits);
        for (const one of standing) {
          print(
            options.json === true
              ? JSON.stringify(inJson(store, one))
              : inLines(store, one, words, texts).join('\n'),
          );
        }
      }),
    );

  review
    .command('show')
    .description(
      'Shows one result: its values, its reasons in words, its life so far, and a picture of its trace.',
    )
    .argument('<id>', 'key of the result (OBR-3), as list shows it')
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .action((key: string, options: CommonOptions) => withStore(options.config, 'read', show(key, options)));

  review
    .command('release')
    .description('Sends a held result in spite of its reasons. OBX-16 names who released it.')
    .argument('<id>', 'key of the result')
    .option(
      '--analysis <sha256>',
      'first digits of the SHA-256 of the trace that counts; default: the held one',
    )
    .option('--json', 'print one JSON object')
    .addOption(byOption())
    .addOption(reasonOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nWhere the result corrects an earlier one, the LIS is told the reason: no names in it.',
    )
    .action((key: string, options: PersonOptions & { analysis?: string }) =>
      decideOn(options, (one, person) => one.release(key, person, options.analysis ?? null)),
    );

  review
    .command('reject')
    .description('Decides against what is held. release.rejected says what the LIS is told.')
    .argument('<id>', 'key of the result')
    .option('--json', 'print one JSON object')
    .addOption(byOption())
    .addOption(reasonOption())
    .addOption(configOption())
    .action((key: string, options: PersonOptions) =>
      decideOn(options, (one, person) => one.reject(key, person)),
    );

  review
    .command('withdraw')
    .description('Tells the LIS that a result which it has does not hold (OBX-11 X).')
    .argument('<id>', 'key of the result')
    .option('--wrong-patient', 'it was sent for the wrong patient (OBX-11 W)')
    .option('--json', 'print one JSON object')
    .addOption(byOption())
    .addOption(reasonOption())
    .addOption(configOption())
    .action((key: string, options: PersonOptions & { wrongPatient?: boolean }) =>
      decideOn(options, (one, person) => one.withdraw(key, person, options.wrongPatient === true)),
    );
}

function decideOn(
  options: PersonOptions,
  decision: (review: Review, person: ReturnType<typeof personOf>) => ReviewOutcome,
): Promise<void> {
  const person = personOf(options);
  return withStore(options.config, 'write', (store, { config, texts }) => {
    const software = { version: programVersion(), build: '' };
    const outcome = decision(createReview({ store, config, texts, software, clock: systemClock }), person);
    const words = speak(config);
    if (outcome.kind === 'refused') throw new CommandError(words.review.refused(outcome.why), EXIT.failed);
    const { recorded, became } = outcome;
    if (became.disposition === 'held') {
      const reasons = reasonsOf(became).join('; ');
      throw new CommandError(words.review.stillHeld(recorded.resultKey, reasons), EXIT.failed);
    }
    print(options.json === true ? JSON.stringify(saidInJson(outcome)) : saidOf(outcome, words).join('\n'));
  });
}

function show(key: string, options: CommonOptions) {
  return async (store: Store, loaded: LoadedConfig): Promise<void> => {
    const words = speak(loaded.config);
    const { review: say } = words;
    const result = store.results.byKey(key);
    const version = result === null ? null : store.results.latest(result.id);
    const stored = version === null ? null : store.analyses.byId(version.analysisId);
    if (result === null || version === null || stored === null) {
      throw new CommandError(say.refused({ kind: 'no-result', key }), EXIT.failed);
    }
    const picture = await drawStored(store, loaded, stored);
    if (options.json === true) {
      print(
        JSON.stringify({
          ...inJson(store, { result, version }),
          picture: 'path' in picture ? picture.path : null,
        }),
      );
      return;
    }
    const { analysis } = stored;
    const { reasons } = loaded.texts[words.language];
    const interval = analysis.cvInterval?.map((end) => end.toFixed(2)).join('-') ?? null;
    const lines = [
      ...inLines(store, { result, version }, words, null),
      `  sha256 ${analysis.sha256}  ${analysis.estimator}`,
      `  ${say.interval(interval)}`,
      ...version.reasons.map(({ code }) => `  ${code}: ${reasons[code]}`),
      ...store.results.versions(result.id).map((one) => `  ${lifeLine(one, words)}`),
      `  ${'path' in picture ? say.picture(picture.path) : say.noPicture(picture.none)}`,
    ];
    print(lines.join('\n'));
  };
}

function reasonsOf({ reasons }: ResultVersion): readonly string[] {
  return reasons.map(({ code, detail }) => `${code}${detail === '' ? '' : ` (${detail})`}`);
}

function inJson(store: Store, { result, version }: { result: Result; version: ResultVersion }): object {
  const stored = store.analyses.byId(version.analysisId);
  return {
    id: result.key,
    accession: result.accession,
    disposition: version.disposition,
    since: version.decidedAt.toISOString(),
    waitsUntil: version.waitsUntil?.toISOString() ?? null,
    file: stored?.file ?? null,
    sha256: stored?.analysis.sha256 ?? null,
    status: stored?.analysis.status ?? null,
    cv: version.risk?.cv ?? null,
    cvInterval: stored?.analysis.cvInterval ?? null,
    tier: version.risk?.tier ?? null,
    region: version.risk?.region ?? null,
    reasons: version.reasons,
  };
}

/** @param texts to say what each code means; null where that is said elsewhere */
function inLines(
  store: Store,
  { result, version }: Pick<Standing, 'result' | 'version'>,
  words: Words,
  texts: AllTexts | null,
): string[] {
  const { common, review: say, dispositions } = words;
  const file = store.analyses.byId(version.analysisId)?.file ?? '';
  const until = version.waitsUntil === null ? '' : say.waitsUntil(version.waitsUntil.toISOString());
  const since = say.since(dispositions[version.disposition], version.decidedAt.toISOString());
  const risk = riskText(version.risk, words);
  return [
    `${result.key}  ${result.accession ?? common.noAccession}  ${file}  ${risk}  ${since}${until}`,
    ...reasonsOf(version).map((reason) => `    ${reason}`),
    // The details are English: they are kept with the result.
    ...(texts === null || words.language === 'en'
      ? []
      : version.reasons.map(({ code }) => `      ${code}：${texts[words.language].reasons[code]}`)),
  ];
}

function lifeLine(
  { version, disposition, reportStatus, decidedAt, decidedBy, risk, reasons }: ResultVersion,
  words: Words,
): string {
  const { review: say, dispositions } = words;
  const codes = reasons.map(({ code }) => code);
  const life = say.version(
    version,
    decidedAt.toISOString(),
    dispositions[disposition],
    reportStatus,
    decidedBy,
  );
  return [life, riskText(risk, words), ...(codes.length === 0 ? [] : [codes.join(', ')])].join(', ');
}
