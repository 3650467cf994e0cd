import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { decodeLossy } from '../hl7/charset.ts';
import { messageOptions } from '../hl7/profiles.ts';
import { readable } from '../hl7/readable.ts';
import type { Words } from '../language/words.ts';
import type { EntryState } from '../outbox/entry.ts';
import type { ConversationLine } from '../store/conversation.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import { configOption } from './config-option.ts';
import { addQueueChanges } from './queue-changes.ts';
import { print, type CommonOptions } from './beside.ts';
import { lineOf, toId, unknown, withStore } from './queue-store.ts';
import { speak } from './speak.ts';

const MOST_LISTED = 500;

/** The outbox as a person sees and steers it; works beside the running service. */
export function addQueueCommand(program: Command): void {
  const queue = program.command('queue').description('The messages that wait for a LIS, or have been sent.');

  queue
    .command('list', { isDefault: true })
    .description(`Lists messages that are queued or held (at most ${MOST_LISTED}).`)
    .option('--all', 'also those that were delivered or dropped')
    .option('--destination <name>', 'only those for this destination')
    .option('--after <id>', 'only those with a larger number, for the next page', toId)
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions & { all?: boolean; destination?: string; after?: number }) => {
      const states: EntryState[] =
        options.all === true ? ['queued', 'held', 'delivered', 'dropped'] : ['queued', 'held'];
      const { destination, after } = options;
      const filter = {
        states,
        limit: MOST_LISTED,
        ...(destination === undefined ? {} : { destination }),
        ...(after === undefined ? {} : { afterId: after }),
      };
      withStore(options, 'read', (store, config) => {
        const words = speak(config);
        const items = store.outbox.list(filter);
        if (items.length === 0 && options.json !== true) print(words.queue.nothingWaits);
        for (const item of items) print(options.json === true ? JSON.stringify(item) : lineOf(item, words));
      });
    });

  queue
    .command('show')
    .description('Shows one message: its text, and all that happened to it. The text names the patient.')
    .argument('<id>', 'number of the message, as list shows it', toId)
    .option('--raw', 'the text as it is sent, a segment a line')
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .action((id: number, options: CommonOptions & { raw?: boolean }) => {
      withStore(options, 'read', (store, config) => {
        const words = speak(config);
        const entry = store.outbox.show(id);
        if (entry === null) throw unknown(id, words);
        const { item, bytes, conversation } = entry;
        const text = bytes === null ? null : decodeLossy(bytes, charsetOf(item.destination, config));
        if (options.json === true) {
          print(JSON.stringify({ ...entry, bytes: undefined, message: text }));
          return;
        }
        print(lineOf(item, words));
        print('');
        for (const line of linesOf(item, text, options.raw === true, words)) print(line);
        print('');
        for (const line of conversation.flatMap((line) => inWords(line, words))) print(line);
      });
    });

  addQueueChanges(queue);
}

function linesOf(
  { bytesRemovedAt }: OutboxItem,
  text: string | null,
  raw: boolean,
  { queue }: Words,
): string[] {
  if (text === null) return [bytesRemovedAt === null ? queue.textDamaged : queue.textRemoved];
  return raw ? text.trimEnd().split('\r') : readable(text);
}

/** One line of the conversation, and what the LIS said in its own words below it. */
function inWords({ at, actor, event, answer }: ConversationLine, { queue }: Words): string[] {
  const words = answer?.replaceAll(/[^\P{Cc}\n]/gu, '·').split('\n') ?? [];
  return [
    `${at.toISOString()}  ${actor === null ? '' : `${actor}: `}${event}`,
    ...words.map((line) => queue.theLis(line)),
  ];
}

/** The set in which messages for a destination are written; for one that is gone, the usual one. */
function charsetOf(name: string, { lis }: Config): ReturnType<typeof messageOptions>['charset'] {
  const destination = lis.find((one) => one.name === name);
  return destination === undefined ? 'UTF-8' : messageOptions(destination).charset;
}
