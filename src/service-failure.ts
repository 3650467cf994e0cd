import { join } from 'node:path';
import { createAlerts } from './alerts/alerts.ts';
import { readBook, writeBook } from './alerts/book-file.ts';
import { alertSettings } from './alerts/settings.ts';
import type { Config } from './config/schema.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import { isDamage } from './store/failure.ts';
import { DATABASE_FILE } from './store/file.ts';
import { acquireLock } from './store/lock.ts';
import { quarantine } from './store/quarantine.ts';
import { wordsOf } from './platform/words-of.ts';

/** How long an end waits for alerts that are on their way. */
export const LAST_WORDS_MS = 5000;

/**
 * Where a service fails because its database is damaged: keeps a copy of it as it was found. Call it with the
 * database closed and the lock of its folder held.
 */
export function keepIfDamaged(
  error: unknown,
  { dataDir, clock, log }: { readonly dataDir: string; readonly clock: Clock; readonly log: Log },
): void {
  if (!isDamage(error)) return;
  const file = join(dataDir, DATABASE_FILE);
  const { copy, problem } = quarantine(file, wordsOf(error), clock.now());
  if (copy !== null) log.error('The database is damaged; it was copied as it was found', { file, copy });
  if (problem !== null) log.error('Of the damaged database no whole copy could be kept', { file, problem });
}

interface TellDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

export function tellOfFailedStart(error: unknown, deps: TellDeps): Promise<void> {
  return tellOfEnd(`The service cannot start: ${wordsOf(error)}`, deps);
}

/** A service that is down is an alarm like any other: one episode, however often a service manager tries again. */
export async function tellOfEnd(text: string, { config, clock, log }: TellDeps): Promise<void> {
  const { dataDir } = config;
  try {
    // Without it another process serves the folder by now, and there is nothing to tell.
    const lock = acquireLock(dataDir, clock.now());
    if (lock === null) return;
    try {
      const { book } = readBook(dataDir);
      // Where that fails nobody is told: what cannot be remembered would be told again at every try.
      writeBook(dataDir, book);
      const alerts = createAlerts({
        ...{ clock, log, elapsed: () => performance.now() },
        ...{ book, settings: alertSettings(config) },
        save: (next) => writeBook(dataDir, next),
      });
      alerts.raise('start', text);
      await alerts.stop(LAST_WORDS_MS);
    } finally {
      lock.release();
    }
  } catch (cause) {
    log.error('Nobody could be told that the service is down', { error: wordsOf(cause) });
  }
}
