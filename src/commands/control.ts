import { InvalidArgumentError, type Command } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { print, withStore } from './beside.ts';
import { configOption } from './config-option.ts';
import { speak } from './speak.ts';

const DAY_MS = 24 * 3_600_000;

/** Controls as they were judged, for charts. */
export function addControlCommand(program: Command): void {
  const control = program.command('control').description('Control samples and how they were judged.');
  control
    .command('list', { isDefault: true })
    .description('Lists the controls of the last days, oldest first.')
    .option('--days <number>', 'how far back', toDays, 90)
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: { config?: string; json?: boolean; days: number }) =>
      withStore(options.config, 'read', (store, { config }) => {
        const { control: say } = speak(config);
        const since = new Date(systemClock.now().getTime() - options.days * DAY_MS);
        for (const one of store.controls.since(since)) {
          const { judgedAt, sample, group, kind, verdict, detail } = one;
          const line = `${judgedAt.toISOString()}  ${sample}  ${group ?? say.noRun}  ${say.kinds[kind]}  ${say.verdicts[verdict]}: ${detail}`;
          print(options.json === true ? JSON.stringify(one) : line);
        }
      }),
    );
}

function toDays(text: string): number {
  const days = Number(text);
  if (Number.isFinite(days) && days > 0) return days;
  throw new InvalidArgumentError('It must be a number of days.');
}
