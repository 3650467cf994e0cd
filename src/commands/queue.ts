import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { Config } from '../config/schema.ts';
import type { EntryState } from '../outbox/entry.ts';
import { decodeLossy } from '../hl7/charset.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { DATABASE_FILE } from '../store/file.ts';
import type { Change, OutboxItem } from '../store/outbox.ts';
import { openStore, type Store } from '../store/store.ts';
import { configOption, requireConfig } from './config-option.ts';

const MOST_LISTED = 500;

interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** The outbox as a person sees and steers it; works beside the running service. */
export function addQueueCommand(program: Command): void {
  const queue = program.command('queue').description('The messages that wait for a LIS, or have been sent.');

  queue
    .command('list', { isDefault: true })
    .description(`Lists messages that are queued or held (at most ${MOST_LISTED}).`)
    .option('--all', 'also those that were delivered or dropped')
    .option('--destination <name>', 'only those for this destination')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions & { all?: boolean; destination?: string }) => {
      const states: EntryState[] =
        options.all === true ? ['queued', 'held', 'delivered', 'dropped'] : ['queued', 'held'];
      const { destination } = options;
      const filter = { states, limit: MOST_LISTED, ...(destination === undefined ? {} : { destination }) };
      withStore(options, 'read', (store) => {
        const items = store.outbox.list(filter);
        if (items.length === 0 && options.json !== true) process.stdout.write('nothing waits\n');
        for (const item of items) print(options.json === true ? JSON.stringify(item) : lineOf(item));
      });
    });

  queue
    .command('show')
    .description('Shows one message: its state and its text. The text names the patient.')
    .argument('<id>', 'number of the message, as list shows it', toId)
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .action((id: number, options: CommonOptions) => {
      withStore(options, 'read', (store) => {
        const entry = store.outbox.show(id);
        if (entry === null) throw unknown(id);
        const text = entry.bytes === null ? null : decodeLossy(entry.bytes, 'UTF-8');
        if (options.json === true) {
          print(JSON.stringify({ ...entry.item, message: text }));
          return;
        }
        print(lineOf(entry.item));
        print(text === null ? '(the text was removed by retention)' : text.replaceAll('\r', '\n').trimEnd());
      });
    });

  queue
    .command('retry')
    .description('Sends a held or waiting message again, next in its turn.')
    .argument('<id>', 'number of the message', toId)
    .option('--by <name>', 'who decided', process.env['USER'] ?? 'unknown')
    .addOption(configOption())
    .action((id: number, options: CommonOptions & { by: string }) => {
      change(options, id, 'queue.retried', options.by, null, (store) => store.outbox.retry(id));
    });

  queue
    .command('drop')
    .description('Never sends a queued or held message. The result stays in the database.')
    .argument('<id>', 'number of the message', toId)
    .requiredOption('--reason <text>', 'why; kept in the audit log, so without the name of a patient')
    .option('--by <name>', 'who decided', process.env['USER'] ?? 'unknown')
    .addOption(configOption())
    .action((id: number, options: CommonOptions & { by: string; reason: string }) => {
      if (options.reason.trim() === '') throw new CommandError('--reason must not be empty', EXIT.usage);
      const now = systemClock.now();
      change(options, id, 'queue.dropped', options.by, options.reason, (store) => store.outbox.drop(id, now));
    });
}

/** Changes one entry and tells the audit log, in one transaction. */
function change(
  options: CommonOptions,
  id: number,
  action: string,
  actor: string,
  reason: string | null,
  apply: (store: Store) => Change,
): void {
  withStore(options, 'write', (store) => {
    const outcome = store.transaction(() => {
      const applied = apply(store);
      if (applied.kind === 'done') {
        const { controlId, destination, state } = applied.item;
        const detail = { id, destination, state, reason };
        store.audit.append({ at: systemClock.now(), actor, action, subject: controlId, detail });
      }
      return applied;
    });
    switch (outcome.kind) {
      case 'unknown':
        throw unknown(id);
      case 'not-possible':
        throw new CommandError(
          `message ${id} is ${outcome.item.state}: that cannot be changed any more`,
          EXIT.failed,
        );
      case 'done':
        print(lineOf(outcome.item));
    }
  });
}

function withStore(options: CommonOptions, access: 'read' | 'write', work: (store: Store) => void): void {
  const store = openBeside(requireConfig(options.config).config, access);
  try {
    work(store);
  } finally {
    store.close();
  }
}

/** The database of a service that may be running; a CommandError where there is none to open. */
export function openBeside(config: Config, access: 'read' | 'write'): Store {
  try {
    return openStore(join(config.dataDir, DATABASE_FILE), { access, now: systemClock.now() });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), EXIT.failed, {
      cause: error,
    });
  }
}

function lineOf(item: OutboxItem): string {
  const next = item.nextAttemptAt === null ? '' : `  next try ${item.nextAttemptAt.toISOString()}`;
  const outcome = item.lastOutcome === null ? '' : `  ${item.lastOutcome}`;
  return (
    `${item.id}  ${item.state}  ${item.destination}  ${item.controlId}  result ${item.resultKey}  ` +
    `made ${item.createdAt.toISOString()}  tries ${item.attempts}${next}${outcome}`
  );
}

function unknown(id: number): CommandError {
  return new CommandError(`there is no message ${id}; raisingd queue list --all shows them`, EXIT.failed);
}

function toId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError('It must be the number that raisingd queue list shows first.');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
