import type { Command } from 'commander';
import { padColumns } from '../language/width.ts';
import type { Words } from '../language/words.ts';
import { systemClock } from '../platform/clock.ts';
import { removeOld, retentionDue, type ClassDue } from '../upkeep/retention.ts';
import { print, withStore, type CommonOptions } from './beside.ts';
import { configOption } from './config-option.ts';
import { speak } from './speak.ts';

/** What is too old to be kept; works beside the running service, which does the same every night. */
export function addRetentionCommand(program: Command): void {
  program
    .command('retention')
    .description('Removes now what upkeep.retention says is too old. The service does it every night.')
    .option('--dry-run', 'only show what would be removed')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions & { dryRun?: boolean }) =>
      withStore(options.config, options.dryRun === true ? 'read' : 'write', async (store, { config }) => {
        const now = systemClock.now();
        const { retention } = config.upkeep;
        const classes = retentionDue(store, retention, now);
        if (options.dryRun !== true) await removeOld(store, retention, now);
        const words = speak(config);
        for (const one of classes)
          print(options.json === true ? JSON.stringify(one) : lineOf(one, options.dryRun === true, words));
      }),
    );
}

const CLASS_COLUMNS = 12;

function lineOf(one: ClassDue, dry: boolean, { retention: say }: Words): string {
  const { name, days, before, due, dueBytes, kept } = one;
  const oldest = one.oldest?.toISOString().slice(0, 10) ?? null;
  const label = padColumns(say.classes[name], CLASS_COLUMNS);
  if (days === null || before === null) return label + say.kept(kept, oldest);
  return (
    label +
    say.due(due, days, before.toISOString().slice(0, 10), Math.ceil(dueBytes / 1024), dry, kept, oldest)
  );
}
