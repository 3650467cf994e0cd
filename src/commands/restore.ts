import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import type { RestoreWords } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import type { AuditEnd, AuditEvent } from '../store/audit.ts';
import { DATABASE_FILE } from '../store/file.ts';
import { acquireLock } from '../store/lock.ts';
import { openStore } from '../store/store.ts';
import { discard, finishRestore, prepareRestore, RestoreError, type Prepared } from '../upkeep/restore.ts';
import { print } from './beside.ts';
import { configOption, requireConfig } from './config-option.ts';
import { nameOf } from './person.ts';
import { speak } from './speak.ts';
import { wordsOf } from '../platform/words-of.ts';

/** What the database that is to be replaced did after the copy was made. */
type Since =
  | { readonly kind: 'nothing' }
  /** It cannot be read, or has another past than the copy. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'known'; readonly events: readonly AuditEvent[] };

const DECISIONS_SHOWN = 50;

export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .description(
      'Puts a backup in the place of the database, which is kept aside. The service must be stopped.',
    )
    .argument('<backup>', 'copy of the database, such as backups/raisingd-20251122T180000Z.db')
    .option('--yes', 'do not ask')
    .addOption(
      new Option('--by <name>', 'who decided').default(process.env['USER'] ?? 'unknown', 'your login name'),
    )
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nThe copy is verified first, its audit log too. What waited in it is held, and so is every trace from before the' +
        '\nrestore that it does not know: what became of them since is known to the LIS alone.' +
        '\nExit code 1: it cannot be restored; the database is as it was. 3: the service runs.',
    )
    .action(async (backup: string, options: { config?: string; yes?: boolean; by: string }) => {
      const { config } = requireConfig(options.config);
      const { dataDir } = config;
      const { restore: say } = speak(config);
      const now = systemClock.now();
      const lock = acquireLock(dataDir, now);
      if (lock === null) {
        throw new CommandError(say.runs(dataDir), EXIT.alreadyRunning);
      }
      try {
        await restore(dataDir, backup, nameOf(options.by), options.yes === true, say);
      } catch (error) {
        if (error instanceof RestoreError)
          throw new CommandError(error.message, EXIT.failed, { cause: error });
        throw error;
      } finally {
        lock.release();
      }
    });
}

async function restore(
  dataDir: string,
  backup: string,
  by: string,
  sure: boolean,
  say: RestoreWords,
): Promise<void> {
  const now = systemClock.now();
  const prepared = prepareRestore(dataDir, backup, now);
  let done = false;
  try {
    for (const line of announcement(prepared, sinceOf(dataDir, prepared.end, now), say)) print(line);
    if (!sure) await ask(say);
    const { aside, messagesHeld } = finishRestore(dataDir, prepared, by, now);
    done = true;
    for (const line of farewell(aside, messagesHeld, say)) print(line);
  } finally {
    if (!done) discard(prepared.draft);
  }
}

function sinceOf(dataDir: string, end: AuditEnd, now: Date): Since {
  try {
    const store = openStore(join(dataDir, DATABASE_FILE), { access: 'read', now });
    try {
      if (store.audit.hashAt(end.seq) !== end.hash) {
        return { kind: 'unknown', why: 'the copy was not made of this database' };
      }
      const events = store.audit.after(end.seq);
      return events.length === 0 ? { kind: 'nothing' } : { kind: 'known', events };
    } finally {
      store.close();
    }
  } catch (error) {
    return { kind: 'unknown', why: wordsOf(error) };
  }
}

function announcement(
  { backup, end, queued, heldResults }: Prepared,
  since: Since,
  say: RestoreWords,
): readonly string[] {
  return [
    say.sound(backup, end.at.toISOString()),
    say.waited(queued, heldResults),
    ...sinceInWords(since, say),
  ];
}

function sinceInWords(since: Since, say: RestoreWords): readonly string[] {
  switch (since.kind) {
    case 'nothing':
      return [say.nothingSince];
    case 'unknown':
      return [say.unknownSince(since.why)];
    case 'known': {
      const people = since.events.filter(({ actor }) => actor !== 'raisingd');
      const released = since.events.filter(({ action }) => action === 'result.released');
      return [
        say.since(since.events.length, released.length),
        ...(people.length === 0 ? [] : [say.decisions]),
        ...people
          .slice(-DECISIONS_SHOWN)
          .map(({ at, actor, action, subject }) => `  ${at.toISOString()}  ${actor}  ${action}  ${subject}`),
      ];
    }
  }
}

async function ask(say: RestoreWords): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandError(say.nobodyToAsk, EXIT.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(say.question);
    if (![say.yes, 'yes'].includes(answer.trim())) throw new CommandError(say.nothingChanged, EXIT.failed);
  } finally {
    terminal.close();
  }
}

function farewell(aside: string | null, messagesHeld: number, say: RestoreWords): readonly string[] {
  return [
    say.done,
    ...(aside === null ? [] : [say.aside(aside)]),
    ...(messagesHeld === 0 ? [] : say.messagesHeld(messagesHeld)),
    ...say.tracesHeld,
  ];
}
