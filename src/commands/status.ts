import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../platform/clock.ts';
import { EXIT } from '../platform/exit.ts';
import { readState, type ServiceState } from '../state-file.ts';
import { lockHolder, type LockHolder } from '../store/lock.ts';
import type { Result, ResultVersion } from '../store/results.ts';
import type { Summary } from '../store/summary.ts';
import { configOption, requireConfig } from './config-option.ts';
import { openBeside } from './beside.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HELD_SHOWN = 20;

/** All that the command tells; the same for `--json`. */
interface Status {
  readonly running: LockHolder | null;
  readonly state: ServiceState | null;
  readonly lastDay: Summary;
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
      const text = options.json === true ? JSON.stringify(status) : inWords(status, now).join('\n');
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
      state: readState(config.dataDir),
      lastDay: store.summary(new Date(now.getTime() - DAY_MS)),
      held,
    };
  } finally {
    store.close();
  }
}

function heldLine(result: Result, version: ResultVersion): Omit<Status['held'][number], 'file'> {
  return {
    result: result.key,
    accession: result.accession,
    since: version.decidedAt.toISOString(),
    reasons: version.reasons.map(({ code, detail }) => `${code} (${detail})`),
  };
}

function inWords({ running, state, lastDay, held }: Status, now: Date): string[] {
  const lines: string[] = [];
  if (running === null) lines.push('raisingd does not run');
  else
    lines.push(`raisingd runs, process ${running.pid ?? 'unknown'}, since ${running.startedAt ?? 'unknown'}`);
  if (running !== null && state !== null) {
    lines.push(
      `  state of ${age(state.at, now)} ago, version ${state.version}, config ${state.config.source ?? 'built-in defaults'}`,
    );
    for (const { folder, state: is, detail, files, waiting } of state.folders) {
      lines.push(
        `folder ${folder}: ${is}${detail === '' ? '' : ` (${detail})`}, ${files} traces, ${waiting} not finished`,
      );
    }
    for (const { path, detail } of state.complaints) lines.push(`  not read: ${path}: ${detail}`);
    if (state.worklist !== null) {
      lines.push(`worklist: ${state.worklist.rows} orders`);
      for (const fault of state.worklist.faults) lines.push(`  ${fault}`);
    }
    for (const { name, downSince, outcome } of state.destinations) {
      lines.push(
        downSince === null
          ? `lis ${name}: up`
          : `lis ${name}: down since ${downSince} (${outcome ?? 'unknown'})`,
      );
    }
    for (const alert of state.alerts) lines.push(`alarm: ${alert}`);
  }
  for (const queue of lastDay.queues) {
    const oldest =
      queue.oldestQueuedAt === null ? '' : `, the oldest for ${age(queue.oldestQueuedAt.toISOString(), now)}`;
    lines.push(`queue ${queue.destination}: ${queue.queued} unacknowledged${oldest}; ${queue.held} held`);
  }
  if (lastDay.queues.length === 0) lines.push('queue: nothing waits');
  lines.push(
    `held results: ${lastDay.heldResults}; ${lastDay.waitingResults} more wait for sIL-2R or a control`,
  );
  for (const one of held) {
    lines.push(
      `  ${one.result}  ${one.accession ?? 'no accession'}  ${one.file}  for ${age(one.since, now)}`,
    );
    for (const reason of one.reasons) lines.push(`      ${reason}`);
  }
  const { analyses, released } = lastDay;
  lines.push(
    `last 24 hours: ${lastDay.files} files; ${analyses.pass} pass, ${analyses.review} review, ${analyses.fail} fail; ` +
      `released ${released.low} low, ${released.intermediate} intermediate, ${released.high} high; ${lastDay.delivered} delivered`,
  );
  return lines;
}

/** How long ago, in the largest unit that says enough. */
function age(since: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
