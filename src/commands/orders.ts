import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import { plainAccession } from '../context/match.ts';
import type { Statement } from '../context/statement.ts';
import type { OrdersWords } from '../language/words.ts';
import { knownOf, statementsAbout } from '../orders/known.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import type { InboxMessage } from '../store/inbox.ts';
import type { Store } from '../store/store.ts';
import { configOption } from './config-option.ts';
import type { CommonOptions } from './beside.ts';
import { withStore } from './queue-store.ts';
import { speak } from './speak.ts';

const MOST_LISTED = 500;

/** One line of the list; `what` tells which. */
type Entry =
  | {
      readonly what: 'order';
      readonly accession: string;
      readonly context: Context | null;
      /** What became of its result; null where no trace came yet. */
      readonly result: string | null;
    }
  | { readonly what: 'unmatched'; readonly statement: Statement }
  | { readonly what: 'refused' | 'remarked'; readonly message: InboxMessage };

/** What the sources of orders said, as a person looks at it. Names patients. */
export function addOrdersCommand(program: Command): void {
  const orders = program
    .command('orders')
    .description('The orders that are known, and what came in and could not be used.');

  orders
    .command('list', { isDefault: true })
    .description(
      `Lists orders, sIL-2R that no order matches, and messages that were refused or not wholly used (at most ${MOST_LISTED} of each).`,
    )
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions) => {
      withStore(options, 'read', (store, config) => {
        const { orders: say } = speak(config);
        const entries = gather(store, config);
        if (entries.length === 0 && options.json !== true) print(say.nothing);
        for (const entry of entries)
          print(options.json === true ? JSON.stringify(entry) : lineOf(entry, say));
      });
    });

  orders
    .command('show')
    .description('Shows what is known of one accession, who said it, and all that was ever said.')
    .argument('<accession>')
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .action((name: string, options: CommonOptions) => {
      const accession = plainAccession(name);
      withStore(options, 'read', (store, config) => {
        const { orders: say } = speak(config);
        const context = knownOf(store.orders, accession, config.context);
        const history = statementsAbout(store.orders, accession);
        if (history.length === 0) {
          throw new CommandError(say.nothingSaid(accession), EXIT.failed);
        }
        if (options.json === true) print(JSON.stringify({ accession, context, statements: history }));
        else for (const line of inWords(accession, context, history, say)) print(line);
      });
    });
}

function gather(store: Store, config: Config): Entry[] {
  const orders = store.orders.accessions(MOST_LISTED).map((accession): Entry => {
    const [result] = store.results.byAccession(accession);
    const latest = result === undefined ? null : store.results.latest(result.id);
    return {
      what: 'order',
      accession,
      context: knownOf(store.orders, accession, config.context),
      result:
        latest === null
          ? null
          : `${result?.key ?? ''} ${latest.disposition} ${latest.reportStatus ?? ''}`.trim(),
    };
  });
  return [
    ...orders,
    ...store.orders.unmatchedSil2r(MOST_LISTED).map((statement): Entry => ({ what: 'unmatched', statement })),
    ...store.inbox.refused(MOST_LISTED).map((message): Entry => ({ what: 'refused', message })),
    ...store.inbox.remarked(MOST_LISTED).map((message): Entry => ({ what: 'remarked', message })),
  ];
}

function lineOf(entry: Entry, say: OrdersWords): string {
  switch (entry.what) {
    case 'order': {
      const { accession, context, result } = entry;
      return [
        say.order,
        accession,
        ...(context === null ? [say.inDoubt] : summary(context, say)),
        result ?? say.noTrace,
      ].join('  ');
    }
    case 'unmatched': {
      const { said, patientId, accession, origin } = entry.statement;
      const whose = patientId === null ? say.specimen(accession ?? '') : say.patient(patientId);
      return say.unmatched(sil2rText(said.sil2r, say), whose, origin);
    }
    case 'refused': {
      const { controlId, sender, type, answer, problem, times, lastAt } = entry.message;
      const what = [problem?.place ?? '', problem?.text ?? ''].filter((part) => part !== '').join(' ');
      return say.refused(type, controlId, sender, answer, what, times, lastAt.toISOString());
    }
    case 'remarked': {
      const { controlId, sender, type, remarks } = entry.message;
      return say.takenInPart(type, controlId, sender, remarks.join('; '));
    }
  }
}

function summary(context: Context, say: OrdersWords): string[] {
  const { order, category, sil2r, doubts = [], unknownCodes = [] } = context;
  const categoryText = say.categories[category];
  return [
    order === null ? say.noOrderNumber : say.orderNumber(order),
    unknownCodes.length === 0 ? categoryText : say.unknownCodes(categoryText, unknownCodes.join(', ')),
    `${say.sil2r(sil2rText(sil2r, say))}${ignoredText(context, say)}`,
    ...doubts.map(({ code, detail }) => `${code} (${detail})`),
  ];
}

function inWords(
  accession: string,
  context: Context | null,
  history: readonly Statement[],
  say: OrdersWords,
): string[] {
  const lines = [
    accession,
    ...(context === null ? [say.noOrder] : summary(context, say)).map((line) => `  ${line}`),
  ];
  for (const [field, from] of Object.entries(context?.provenance ?? {}))
    lines.push(say.by(field, from.source, from.origin, from.at));
  lines.push(say.history);
  for (const { at, kind, origin, said } of history) {
    const { order, patient, category, unknownCodes, sil2r, collected } = said;
    const parts = [
      order === null ? null : say.orderNumber(order),
      patient === null
        ? null
        : `patient ${[patient.id, patient.name, patient.birthDate, patient.sex].filter((part) => part !== null).join(' ')}`,
      category ?? (unknownCodes.length === 0 ? null : `codes ${unknownCodes.join(', ')}`),
      sil2r === null ? null : say.sil2r(sil2rText(sil2r, say)),
      collected === null ? null : `collected ${collected}`,
    ].filter((part) => part !== null);
    lines.push(
      `  ${at.toISOString()}  ${kind}  ${origin}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`,
    );
  }
  return lines;
}

function sil2rText(sil2r: Context['sil2r'], say: OrdersWords): string {
  if (sil2r === null) return say.unknownSil2r;
  return [sil2r.value, sil2r.unit, sil2r.method, sil2r.date]
    .filter((part) => part !== null && part !== '')
    .join(' ');
}

function ignoredText({ sil2rIgnored }: Context, say: OrdersWords): string {
  switch (sil2rIgnored?.why) {
    case undefined:
      return '';
    case 'too-old':
      return say.tooOld(sil2rText(sil2rIgnored.sil2r, say), sil2rIgnored.days, sil2rIgnored.maxDays);
    case 'undated':
      return say.undated(sil2rText(sil2rIgnored.sil2r, say));
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
