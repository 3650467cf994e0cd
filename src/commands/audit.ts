import type { Command } from 'commander';
import { CommandError, EXIT } from '../platform/exit.ts';
import { storyOf } from '../result/story.ts';
import { print, withStore, type CommonOptions } from './beside.ts';
import { configOption } from './config-option.ts';
import { speak } from './speak.ts';

/** The audit log: is it whole, and what does it tell of one sample. */
export function addAuditCommand(program: Command): void {
  const audit = program
    .command('audit')
    .description('The audit log: proof that it is whole, and the story of a sample.');

  audit
    .command('verify')
    .description('Recomputes the chain of hashes: any row that was changed, taken out or cut off is found.')
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nNote the head elsewhere: it proves later that the rows up to it are still the same.',
    )
    .action((options: CommonOptions) =>
      withStore(options.config, 'read', (store, { config }) => {
        const { audit: say } = speak(config);
        const verdict = store.audit.verify();
        if (options.json === true) print(JSON.stringify(verdict));
        else if (verdict.ok) print(say.whole(verdict.rows, verdict.head));
        else print(say.broken(verdict.firstBroken, verdict.found));
        if (!verdict.ok) process.exitCode = EXIT.failed;
      }),
    );

  audit
    .command('show')
    .description('Tells the whole story of one sample in plain sentences.')
    .argument('<accession>', 'accession of the sample, or key of its result (OBR-3)')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((name: string, options: CommonOptions) =>
      withStore(options.config, 'read', (store) => {
        const story = storyOf(store, name);
        if (story.length === 0) throw new CommandError(`nothing is known of ${name}`, EXIT.failed);
        for (const { at, text } of story) {
          print(options.json === true ? JSON.stringify({ at, text }) : `${at.toISOString()}  ${text}`);
        }
      }),
    );
}
