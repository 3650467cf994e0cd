import { InvalidArgumentError, Option, type Command } from 'commander';
import { namesIn } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import type { Words } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { noteWish, type Wish } from '../queue-wish.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import type { Left } from '../store/outbox-wishes.ts';
import type { Store } from '../store/store.ts';
import { print, type CommonOptions } from './beside.ts';
import { configOption } from './config-option.ts';
import { nameOf } from './person.ts';
import { lineOf, toId } from './queue-store.ts';

export interface WishOptions extends CommonOptions {
  readonly by: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly destination?: string;
}

/** A command by which a person changes the queue: what it is about, who asks, and why. */
export function wish(
  queue: Command,
  name: string,
  description: string,
  id: string | null,
  reason = false,
): Command {
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

export function wishOf(action: Wish['action'], { by, reason }: WishOptions): Wish {
  return { action, actor: nameOf(by), reason: reason ?? null };
}

/** Tells the audit log and the conversation of each message. In the transaction of the change. */
export function noted(
  store: Store,
  { lis }: Config,
  made: Wish,
  items: readonly OutboxItem[],
): readonly OutboxItem[] {
  const gone = items.find(({ destination }) => !lis.some(({ name }) => name === destination));
  if (made.action === 'resent' && gone !== undefined) {
    // It would wait for ever. Thrown inside the transaction: nothing of the wish is done.
    const { id, destination } = gone;
    throw usage(`message ${id} went to ${destination}, which is no longer configured; nothing was changed`);
  }
  noteWish(store, made, items, systemClock.now());
  return items;
}

/** One message a line, and for each that was left alone why. */
export function printSorted(done: readonly OutboxItem[], left: readonly Left[], words: Words): void {
  for (const item of done) print(lineOf(item, words));
  for (const { item, because } of left) {
    const { id, resultVersionId } = item;
    const isSame = because.resultVersionId === resultVersionId;
    const why = isSame ? words.queue.leftThere : words.queue.leftSuperseded;
    print(why(id, because.id, because.destination));
  }
}

/** Of which names `queue` finds the messages of one destination. */
export function allNames({ lis }: Config, destination: string | undefined): readonly string[] | null {
  return destination === undefined ? null : namesIn(lis)(destination);
}

export function usage(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}

function toReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text.trim();
}
