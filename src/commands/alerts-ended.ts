import { Argument, type Command } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { createLog } from '../platform/log.ts';
import { tellOfEnd } from '../service-failure.ts';
import { configOption, requireConfig } from './config-option.ts';

/** How a service can end unasked, in systemd's words ($SERVICE_RESULT in systemd.exec(5)) and in ours. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['exit-code', 'it could not start or go on, and its log says why'],
  ['signal', 'it was killed'],
  ['core-dump', 'it crashed'],
  ['watchdog', 'it made no progress'],
  ['oom-kill', 'memory ran out'],
  ['timeout', 'it took too long to start or stop'],
]);

export function addAlertsEnded(alerts: Command): void {
  alerts
    .command('ended')
    .description('Calls for a person because the service has ended unasked. Its unit runs this.')
    .addArgument(new Argument('<result>', 'how it ended, in the words of systemd'))
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nOne call, however often it ends until it runs again; then everybody called hears of that.' +
        '\nWhere the service runs, this does nothing.',
    )
    .action(async (result: string, options: { config?: string }) => {
      const { config } = requireConfig(options.config);
      const log = createLog(config.log, 'stdout');
      await tellOfEnd(`The service has ended: ${ENDS.get(result) ?? result}`, {
        config,
        clock: systemClock,
        log,
      });
    });
}
