import type { Command } from 'commander';
import { readBook } from '../alerts/book-file.ts';
import { describeChannel, senderFor } from '../alerts/channel.ts';
import { ALERT_KINDS, kindOf } from '../alerts/kinds.ts';
import { testAlert } from '../alerts/message.ts';
import { alertSender } from '../alerts/settings.ts';
import { duration, localTime } from '../alerts/words.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { addAlertsEnded } from './alerts-ended.ts';
import { print, type CommonOptions } from './beside.ts';
import { configOption, requireConfig } from './config-option.ts';

/** What calls for a person now, and whether a call would arrive. */
export function addAlertsCommand(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('What calls for a person now, and whether a call would arrive.');

  alerts
    .command('list', { isDefault: true })
    .description('Lists the episodes that last, oldest first, each with what to do.')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .action((options: CommonOptions) => {
      const { config } = requireConfig(options.config);
      list(config, options.json === true);
    });

  alerts
    .command('test')
    .description('Sends a test message to each channel, at any hour.')
    .option('--channel <name>', 'only to this one')
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nIt works without the service, and beside it. Files that only the service may read need its rights.' +
        '\nExit code 0: every channel took it. 1: one did not, or none is configured.',
    )
    .action(async (options: CommonOptions & { channel?: string }) => {
      const { config } = requireConfig(options.config);
      const arrived = await test(config, options.channel ?? null, options.json === true);
      process.exitCode = arrived ? EXIT.done : EXIT.failed;
    });

  addAlertsEnded(alerts);
}

function list(config: Config, asJson: boolean): void {
  const { book, problem } = readBook(config.dataDir);
  if (problem !== null) throw new CommandError(`${config.dataDir}: ${problem}`, EXIT.failed);
  const open = book.episodes.filter(({ ended }) => ended === null);
  const now = systemClock.now();
  if (open.length === 0 && !asJson) print('nothing calls for a person');
  for (const { key, text, since } of open) {
    const { remedy } = ALERT_KINDS[kindOf(key)];
    if (asJson) {
      print(JSON.stringify({ key, kind: kindOf(key), text, since, remedy }));
      continue;
    }
    const at = new Date(since);
    const lasted = duration(now.getTime() - at.getTime());
    print(`${key}  since ${localTime(at, config.site.timeZone)}, for ${lasted}: ${text}`);
    print(`    ${remedy.replaceAll('`', '')}`);
  }
}

async function test(config: Config, only: string | null, asJson: boolean): Promise<boolean> {
  const { channels } = config.alerts;
  const wanted = channels.filter(({ name }) => only === null || name === only);
  if (only !== null && wanted.length === 0) {
    const names = channels.map(({ name }) => name).join(', ') || 'none';
    throw new CommandError(`there is no channel ${only}; configured: ${names}`, EXIT.usage);
  }
  if (wanted.length === 0)
    throw new CommandError('alerts.channels is empty: alerts only go to the log', EXIT.failed);
  const message = testAlert(alertSender(config), systemClock.now());
  const results = await Promise.all(
    wanted.map(async (channel) => {
      const began = performance.now();
      const sent = await senderFor(channel)(message, new AbortController().signal);
      const ms = Math.round(performance.now() - began);
      const problem = sent.kind === 'sent' ? null : sent.problem;
      return { channel: channel.name, to: describeChannel(channel), arrived: problem === null, problem, ms };
    }),
  );
  for (const one of results) {
    const { channel, to, problem, ms } = one;
    if (asJson) print(JSON.stringify(one));
    else print(`${channel}  ${to}: ${problem ?? 'taken'}, ${ms} ms`);
  }
  return results.every(({ arrived }) => arrived);
}
