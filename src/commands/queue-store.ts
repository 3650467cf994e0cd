import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { DATABASE_FILE } from '../store/file.ts';
import type { OutboxItem } from '../store/outbox-item.ts';
import { openStore, type Store } from '../store/store.ts';
import { requireConfig } from './config-option.ts';

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

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

/** One message on one line. */
export function lineOf(item: OutboxItem): string {
  const next = item.nextAttemptAt === null ? '' : `  next try ${item.nextAttemptAt.toISOString()}`;
  const outcome = item.lastOutcome === null ? '' : `  ${item.lastOutcome}`;
  return (
    `${item.id}  ${item.state}  ${item.destination}  ${item.controlId}  result ${item.resultKey}  ` +
    `made ${item.createdAt.toISOString()}  tries ${item.attempts}${next}${outcome}`
  );
}

export function unknown(id: number): CommandError {
  return new CommandError(`there is no message ${id}; raisingd queue list --all shows them`, EXIT.failed);
}

export function toId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError('It must be the number that raisingd queue list shows first.');
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
