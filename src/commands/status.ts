import type { Command } from 'commander';
import { readBook } from '../alerts/book-file.ts';
import { openEpisode } from '../alerts/episodes.ts';
import type { AlertKey } from '../alerts/kinds.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../platform/clock.ts';
import { EXIT } from '../platform/exit.ts';
import { readState, type ServiceState } from '../state-file.ts';
import { lockHolder, type LockHolder } from '../store/lock.ts';
import type { Result, ResultVersion } from '../store/results.ts';
import type { Restore } from '../store/restores.ts';
import type { Store } from '../store/store.ts';
import type { Summary } from '../store/summary.ts';
import type { Words } from '../language/words.ts';
import { configOption, requireConfig } from './config-option.ts';
import { openBeside } from './beside.ts';
import { speak } from './speak.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HELD_SHOWN = 20;
/** For so long what it held may still be undecided. */
const RESTORE_SHOWN_MS = 30 * DAY_MS;

/** All that the command tells; the same for `--json`. */
interface Status {
  readonly running: LockHolder | null;
  /** Why it does not run, where that was not asked for. */
  readonly down: { readonly key: AlertKey; readonly text: string; readonly since: string } | null;
  readonly state: ServiceState | null;
  readonly lastDay: Summary;
  /** The last restore, for a month; null where there was none. */
  readonly restored: Restore | null;
  readonly held: readonly {
    readonly result: string;
    readonly accession: string | null;
    readonly file: string;
    readonly since: string;
    readonly reasons: readonly string[];
  }[];
}

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('Tells whether the service runs, what waits, what is held and how old the oldest is.')
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .addHelpText('after', '\nExit code 0: the service runs. 1: it does not, or it has no database yet.')
    .action((options: { config?: string; json?: boolean }) => {
      const { config } = requireConfig(options.config);
      const now = systemClock.now();
      const status = gather(config, now);
      const text =
        options.json === true ? JSON.stringify(status) : inWords(status, now, speak(config)).join('\n');
      process.stdout.write(`${text}\n`);
      process.exitCode = status.running === null ? EXIT.failed : EXIT.done;
    });
}

function gather(config: Config, now: Date): Status {
  const running = lockHolder(config.dataDir);
  const store = openBeside(config, 'read');
  try {
    const held = store.results.held(HELD_SHOWN).map(({ result, version }) => ({
      ...heldLine(result, version),
      file: store.analyses.byId(version.analysisId)?.file ?? '',
    }));
    return {
      running,
      down: running === null ? whyDown(config.dataDir) : null,
      state: readState(config.dataDir),
      lastDay: store.summary(new Date(now.getTime() - DAY_MS)),
      restored: restoredLately(store, now),
      held,
    };
  } finally {
    store.close();
  }
}

function whyDown(dataDir: string): Status['down'] {
  const episode = openEpisode(readBook(dataDir).book, 'start');
  return episode === null ? null : { key: episode.key, text: episode.text, since: episode.since };
}

function restoredLately({ restores }: Store, now: Date): Restore | null {
  const last = restores.last();
  return last !== null && now.getTime() - last.at.getTime() < RESTORE_SHOWN_MS ? last : null;
}

function heldLine(result: Result, version: ResultVersion): Omit<Status['held'][number], 'file'> {
  return {
    result: result.key,
    accession: result.accession,
    since: version.decidedAt.toISOString(),
    reasons: version.reasons.map(({ code, detail }) => `${code} (${detail})`),
  };
}

function inWords(
  { running, down, state, lastDay, held, restored }: Status,
  now: Date,
  words: Words,
): string[] {
  const { common, status: say, folderStates } = words;
  const age = (since: string): string => ageOf(since, now, words);
  const lines: string[] = [];
  if (running === null) lines.push(say.notRunning);
  else lines.push(say.running(String(running.pid ?? common.unknown), running.startedAt ?? common.unknown));
  if (down !== null) lines.push(say.alarm(down.key, down.text, age(down.since)));
  if (running !== null && state !== null) {
    lines.push(say.state(age(state.at), state.version, state.config.source ?? common.builtIn));
    for (const { folder, state: is, detail, files, waiting } of state.folders)
      lines.push(say.folder(folder, folderStates[is], detail, files, waiting));
    for (const { path, detail } of state.complaints) lines.push(say.notRead(path, detail));
    if (state.worklist !== null) {
      lines.push(say.worklist(state.worklist.rows));
      for (const fault of state.worklist.faults) lines.push(`  ${fault}`);
    }
    for (const { name, downSince, outcome } of state.destinations)
      lines.push(
        downSince === null ? say.lisUp(name) : say.lisDown(name, downSince, outcome ?? common.unknown),
      );
    for (const { key, text, since } of state.alerts) lines.push(say.alarm(key, text, age(since)));
  }
  for (const { destination, queued, oldestQueuedAt, held: refused } of lastDay.queues)
    lines.push(
      say.queue(
        destination,
        queued,
        oldestQueuedAt === null ? null : age(oldestQueuedAt.toISOString()),
        refused,
      ),
    );
  if (lastDay.queues.length === 0) lines.push(say.queueEmpty);
  if (restored !== null)
    lines.push(say.restored(restored.at.toISOString(), restored.backup, restored.madeAt.toISOString()));
  lines.push(say.held(lastDay.heldResults, lastDay.waitingResults));
  for (const one of held) {
    lines.push(say.heldOne(one.result, one.accession ?? common.noAccession, one.file, age(one.since)));
    for (const reason of one.reasons) lines.push(`      ${reason}`);
  }
  const { files, analyses, released, delivered, latency } = lastDay;
  lines.push(say.lastDay(files, analyses, released, delivered));
  if (latency !== null) lines.push(say.latency(latency.median, latency.p95));
  return lines;
}

/** How long ago, in the largest unit that says enough. */
function ageOf(since: string, now: Date, { common: { age } }: Words): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  if (seconds < 120) return age(seconds, 's');
  if (seconds < 7200) return age(Math.floor(seconds / 60), 'min');
  return seconds < 172_800 ? age(Math.floor(seconds / 3600), 'h') : age(Math.floor(seconds / 86_400), 'days');
}
