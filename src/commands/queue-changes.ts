import { InvalidArgumentError, type Command } from 'commander';
import { namesIn } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import type { Words } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import type { Wish } from '../queue-wish.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import type { Change, Sorted } from '../store/outbox-wishes.ts';
import type { Store } from '../store/store.ts';
import { print } from './beside.ts';
import { addQueueMove } from './queue-move.ts';
import { lineOf, unknown, withStore } from './queue-store.ts';
import { allNames, noted, printSorted, usage, wish, wishOf, type WishOptions } from './queue-wish.ts';
import { speak } from './speak.ts';

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
        (store) => ({ done: store.outbox.retryAll(destination), left: [] }),
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
      const { destination, since } = options;
      const made = wishOf('resent', options);
      if (options.all === true && since === undefined) throw usage('--all needs --since');
      many(
        options,
        id,
        made,
        (store, config) =>
          since === undefined
            ? { done: [], left: [] }
            : store.outbox.resendAll(since, allNames(config, destination), namesIn(config.lis)),
        (store, one, { lis }) => store.outbox.resend(one, namesIn(lis)),
        options.everywhere === true,
      );
    });

  addQueueMove(queue);
}

/** One message, or with --all those that `all` gives. */
function many(
  options: WishOptions,
  id: number | undefined,
  made: Wish,
  all: (store: Store, config: Config) => Sorted,
  one: (store: Store, id: number, config: Config) => Change,
  everywhere = false,
): void {
  if ((id === undefined) !== (options.all === true)) throw usage('name one message, or use --all');
  if (id === undefined) {
    withStore(options, 'write', (store, config) => {
      const { done, left } = store.transaction(() => {
        const sorted = all(store, config);
        noted(store, config, made, sorted.done);
        return sorted;
      });
      const words = speak(config);
      printSorted(done, left, words);
      print(words.queue.messages(done.length));
    });
    return;
  }
  if (options.destination !== undefined) throw usage('--destination goes with --all');
  if (!everywhere) {
    single(options, id, made, (store, config) => one(store, id, config));
    return;
  }
  withStore(options, 'write', (store, config) => {
    const words = speak(config);
    const siblings = store.outbox.siblings(id);
    if (siblings.length === 0) throw unknown(id, words);
    const items = store.transaction(() => {
      const changes = siblings.map((sibling) => one(store, sibling.id, config));
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

function single(
  options: WishOptions,
  id: number,
  made: Wish,
  apply: (store: Store, config: Config) => Change,
): void {
  withStore(options, 'write', (store, config) => {
    const outcome = store.transaction(() => {
      const applied = apply(store, config);
      if (applied.kind === 'done') noted(store, config, made, [applied.item]);
      return applied;
    });
    switch (outcome.kind) {
      case 'unknown':
        throw unknown(id, speak(config));
      case 'not-possible':
        throw new CommandError(whyNot(store, made, outcome.item, config), EXIT.failed);
      case 'done':
        print(lineOf(outcome.item, speak(config)));
    }
  });
}

function whyNot(store: Store, { action }: Wish, item: OutboxItem, config: Config): string {
  const { queue: say, entryStates }: Words = speak(config);
  const { id, bytesRemovedAt } = item;
  const state = entryStates[item.state];
  if (action !== 'resent' || item.state !== 'delivered') return say.notPossible(id, state, action);
  if (bytesRemovedAt !== null) return say.resendRemoved(id, state);
  return say.resendSuperseded(id, state, store.outbox.successor(id, namesIn(config.lis))?.id ?? null);
}

function toTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be a day or a time.');
  return at;
}
