import type { Command } from 'commander';
import { examine } from '../doctor/doctor.ts';
import { linesOf, type Verdict } from '../doctor/finding.ts';
import { systemClock } from '../platform/clock.ts';
import { EXIT } from '../platform/exit.ts';
import { thisMachine } from '../platform/machine.ts';
import { print, type CommonOptions } from './beside.ts';
import { configOption, requireConfig } from './config-option.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Looks at everything that the service needs, and says what to do about what is not in order.',
    )
    .option('--json', 'print one JSON object a line')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nIt changes nothing and sends nothing, and works beside the service and without it. Run it as root, or with the' +
        '\nrights of the service: others may not read its data.' +
        '\nExit code 0: nothing failed, there may be warnings. 1: something failed. 2: the configuration is invalid.',
    )
    .action(async (options: CommonOptions) => {
      const loaded = requireConfig(options.config);
      const findings = await examine(loaded, thisMachine, systemClock.now());
      for (const finding of findings) {
        if (options.json === true) print(JSON.stringify(finding));
        else for (const line of linesOf(finding)) print(line);
      }
      const count = (verdict: Verdict): number => findings.filter((one) => one.verdict === verdict).length;
      if (options.json !== true)
        print(`\n${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failed`);
      process.exitCode = count('fail') > 0 ? EXIT.failed : EXIT.done;
    });
}
