import { join } from 'node:path';
import { Option } from 'commander';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import type { Person } from '../result/review.ts';
import { DATABASE_FILE } from '../store/file.ts';
import { openStore, type Store } from '../store/store.ts';
import { requireConfig } from './config-option.ts';
import { nameOf } from './person.ts';
import { wordsOf } from '../platform/words-of.ts';

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface PersonOptions extends CommonOptions {
  readonly by: string;
  readonly reason: string;
}

/** Works on the database of a service that may be running, and closes it again. */
export async function withStore(
  file: string | undefined,
  access: 'read' | 'write',
  work: (store: Store, loaded: LoadedConfig) => void | Promise<void>,
): Promise<void> {
  const loaded = requireConfig(file);
  const store = openBeside(loaded.config, access);
  try {
    await work(store, loaded);
  } finally {
    store.close();
  }
}

/** The database of a service that may be running; a CommandError where there is none to open. */
export function openBeside(config: Config, access: 'read' | 'write'): Store {
  try {
    return openStore(join(config.dataDir, DATABASE_FILE), { access, now: systemClock.now() });
  } catch (error) {
    throw new CommandError(wordsOf(error), EXIT.failed, {
      cause: error,
    });
  }
}

export function byOption(): Option {
  return new Option('--by <name>', 'who decides; kept in the audit log').makeOptionMandatory();
}

export function reasonOption(): Option {
  return new Option('--reason <text>', 'why; kept in the audit log').makeOptionMandatory();
}

/** Both are kept for good, so neither may be empty. */
export function personOf({ by, reason }: { readonly by: string; readonly reason: string }): Person {
  for (const [name, value] of Object.entries({ by, reason })) {
    if (value.trim() === '' || /\p{Cc}/u.test(value)) {
      throw new CommandError(`--${name} must be one line of text, and not empty`, EXIT.usage);
    }
  }
  return { by: nameOf(by), reason: reason.trim() };
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
