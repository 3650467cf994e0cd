import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Config } from '../config/schema.ts';
import type { QueueWish, Words } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { readState } from '../state-file.ts';
import { lockHolder } from '../store/lock.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import type { Change } from '../store/outbox-wishes.ts';
import type { Store } from '../store/store.ts';
import { print, type CommonOptions } from './beside.ts';
import { configOption } from './config-option.ts';
import { nameOf } from './person.ts';
import { lineOf, toId, unknown, withStore } from './queue-store.ts';
import { speak } from './speak.ts';

interface WishOptions extends CommonOptions {
  readonly by: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly destination?: string;
}

/** Who wishes what, for the audit log and the conversation of each message. */
interface Wish {
  readonly action: QueueWish;
  readonly actor: string;
  readonly reason: string | null;
}

/** What a person changes. Each wish is audited, and done in one transaction, beside a service that may be running. */
export function addQueueChanges(queue: Command): void {
  wish(queue, 'retry', 'Sends a held or waiting message again, next in its turn.', '[id]')
    .option('--all', 'every message that is held or waits for its next try')
    .option('--destination <name>', 'with --all: only those for this destination')
    .action((id: number | undefined, options: WishOptions) => {
      const { destination = null } = options;
      const made = wishOf('retried', options);
      many(
        options,
        id,
        made,
        (store) => store.outbox.retryAll({ destination }),
        (store, one) => store.outbox.retry(one),
      );
    });

  wish(queue, 'hold', 'Keeps a queued message from being sent until it is retried.', '<id>').action(
    (id: number, options: WishOptions) => {
      single(options, id, wishOf('held', options), (store) => store.outbox.hold(id));
    },
  );

  wish(
    queue,
    'drop',
    'Never sends a queued or held message. The result stays in the database.',
    '<id>',
    true,
  ).action((id: number, options: WishOptions) => {
    const now = systemClock.now();
    single(options, id, wishOf('dropped', options), (store) => store.outbox.drop(id, now));
  });

  wish(
    queue,
    'resend',
    'Sends a delivered message once more: the same bytes, the same control ID.',
    '[id]',
    true,
  )
    .option('--everywhere', 'also to the other destinations that were sent this version of the result')
    .option('--all', 'every message that was delivered since --since')
    .option('--since <time>', 'with --all: a day or a time, such as 2025-11-20 or 2025-11-20T08:00Z', toTime)
    .option('--destination <name>', 'with --all: only those for this destination')
    .action((id: number | undefined, options: WishOptions & { everywhere?: boolean; since?: Date }) => {
      const { destination = null, since } = options;
      const made = wishOf('resent', options);
      if (options.all === true && since === undefined) throw usage('--all needs --since');
      many(
        options,
        id,
        made,
        (store) => (since === undefined ? [] : store.outbox.resendAll({ destination, since })),
        (store, one) => store.outbox.resend(one),
        options.everywhere === true,
      );
    });

  wish(
    queue,
    'move',
    'Gives what waits for a destination that is no longer configured to another.',
    null,
    true,
  )
    .requiredOption('--from <name>', 'the name that is gone from the configuration')
    .requiredOption('--to <name>', 'the name that has taken its place')
    .action((options: WishOptions & { from: string; to: string }) => {
      const { from, to } = options;
      withStore(options, 'write', (store, config) => {
        assertMovable(from, to, config);
        const made = { ...wishOf('moved', options), reason: `${from} to ${to}: ${options.reason ?? ''}` };
        const items = store.transaction(() => noted(store, config, made, store.outbox.move(from, to)));
        const words = speak(config);
        for (const item of items) print(lineOf(item, words));
        print(words.queue.waitFor(items.length, to));
      });
    });
}

function wish(queue: Command, name: string, description: string, id: string | null, reason = false): Command {
  const command = queue.command(name).description(description);
  if (id !== null) command.argument(id, 'number of the message, as list shows it', toId);
  const text = 'why; kept in the audit log, so without the name of a patient';
  if (reason) command.requiredOption('--reason <text>', text, toReason);
  else command.option('--reason <text>', text, toReason);
  return command
    .addOption(
      new Option('--by <name>', 'who decided').default(process.env['USER'] ?? 'unknown', 'your login name'),
    )
    .addOption(configOption());
}

function wishOf(action: Wish['action'], { by, reason }: WishOptions): Wish {
  return { action, actor: nameOf(by), reason: reason ?? null };
}

/** One message, or with --all those that `all` gives. */
function many(
  options: WishOptions,
  id: number | undefined,
  made: Wish,
  all: (store: Store) => OutboxItem[],
  one: (store: Store, id: number) => Change,
  everywhere = false,
): void {
  if ((id === undefined) !== (options.all === true)) throw usage('name one message, or use --all');
  if (id === undefined) {
    withStore(options, 'write', (store, config) => {
      const items = store.transaction(() => noted(store, config, made, all(store)));
      const words = speak(config);
      for (const item of items) print(lineOf(item, words));
      print(words.queue.messages(items.length));
    });
    return;
  }
  if (options.destination !== undefined) throw usage('--destination goes with --all');
  if (!everywhere) {
    single(options, id, made, (store) => one(store, id));
    return;
  }
  withStore(options, 'write', (store, config) => {
    const words = speak(config);
    const siblings = store.outbox.siblings(id);
    if (siblings.length === 0) throw unknown(id, words);
    const items = store.transaction(() => {
      const changes = siblings.map((sibling) => one(store, sibling.id));
      return noted(
        store,
        config,
        made,
        changes.flatMap((change) => (change.kind === 'done' ? [change.item] : [])),
      );
    });
    for (const item of items) print(lineOf(item, words));
    print(words.queue.messagesOf(items.length, siblings.length));
  });
}

function single(options: WishOptions, id: number, made: Wish, apply: (store: Store) => Change): void {
  withStore(options, 'write', (store, config) => {
    const outcome = store.transaction(() => {
      const applied = apply(store);
      if (applied.kind === 'done') noted(store, config, made, [applied.item]);
      return applied;
    });
    switch (outcome.kind) {
      case 'unknown':
        throw unknown(id, speak(config));
      case 'not-possible':
        throw new CommandError(whyNot(store, made, outcome.item, speak(config)), EXIT.failed);
      case 'done':
        print(lineOf(outcome.item, speak(config)));
    }
  });
}

function whyNot(
  store: Store,
  { action }: Wish,
  item: OutboxItem,
  { queue: say, entryStates }: Words,
): string {
  const { id, bytesRemovedAt } = item;
  const state = entryStates[item.state];
  if (action !== 'resent' || item.state !== 'delivered') return say.notPossible(id, state, action);
  if (bytesRemovedAt !== null) return say.resendRemoved(id, state);
  return say.resendSuperseded(id, state, store.outbox.successor(id)?.id ?? null);
}

/** Tells the audit log and the conversation of each message. In the transaction of the change. */
function noted(
  store: Store,
  { lis }: Config,
  { action, actor, reason }: Wish,
  items: OutboxItem[],
): OutboxItem[] {
  const gone = items.find(({ destination }) => !lis.some(({ name }) => name === destination));
  if (action === 'resent' && gone !== undefined) {
    // It would wait for ever. Thrown inside the transaction: nothing of the wish is done.
    const { id, destination } = gone;
    throw usage(`message ${id} went to ${destination}, which is no longer configured; nothing was changed`);
  }
  const at = systemClock.now();
  for (const { id, controlId, destination, state } of items) {
    const detail = { id, destination, state, reason };
    store.audit.append({ at, actor, action: `queue.${action}`, subject: controlId, detail });
    store.outbox.note(id, {
      at,
      actor,
      event: reason === null ? action : `${action}: ${reason}`,
      answer: null,
    });
  }
  return items;
}

/** A message that is on its way to one destination must not be counted as delivered to another. */
function assertMovable(from: string, to: string, { lis, dataDir }: Config): void {
  const names = lis.map(({ name }) => name);
  if (!names.includes(to)) throw usage(`--to ${to}: the configuration has no such destination`);
  if (names.includes(from)) {
    throw usage(
      `--from ${from} is configured; what waits for it goes to the address that it has there. ` +
        'Take it out of the configuration first',
    );
  }
  const running = lockHolder(dataDir) !== null;
  if (running && readState(dataDir)?.destinations.some(({ name }) => name === from) === true) {
    throw new CommandError(
      `the service still sends to ${from}: let it read the configuration again first (SIGHUP)`,
      EXIT.failed,
    );
  }
}

function toReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text.trim();
}

function toTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be a day or a time.');
  return at;
}

function usage(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}
