import { InvalidArgumentError } from 'commander';
import type { Config } from '../config/schema.ts';
import type { Words } from '../language/words.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import type { Store } from '../store/store.ts';
import { openBeside, type CommonOptions } from './beside.ts';
import { requireConfig } from './config-option.ts';

/** Does `work` on the database of the configuration, beside a service that may be running. */
export function withStore(
  options: CommonOptions,
  access: 'read' | 'write',
  work: (store: Store, config: Config) => void,
): void {
  const { config } = requireConfig(options.config);
  const store = openBeside(config, access);
  try {
    work(store, config);
  } finally {
    store.close();
  }
}

/** One message on one line. */
export function lineOf(item: OutboxItem, { queue, entryStates }: Words): string {
  const { state, createdAt, nextAttemptAt, lastOutcome } = item;
  const said = { ...item, state: entryStates[state], createdAt: createdAt.toISOString() };
  return `${queue.line(said, nextAttemptAt?.toISOString() ?? null)}${lastOutcome === null ? '' : `  ${lastOutcome}`}`;
}

export function unknown(id: number, { queue }: Words): CommandError {
  return new CommandError(queue.unknown(id), EXIT.failed);
}

export function toId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError('It must be the number that raisingd queue list shows first.');
}
