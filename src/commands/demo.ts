import type { Command } from 'commander';
import { runDemo } from '../demo/demo.ts';
import { EXIT } from '../platform/exit.ts';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Shows the whole journey on simulated samples: sequencer folder, scoring, bundled test LIS.')
    .option('--once', 'end when every sample is acknowledged or held; exit code 1 if one is not')
    .addHelpText(
      'after',
      '\nEverything it writes is in .raisingd/ where you are; each run has a folder of its own.',
    )
    .action(async (options: { once?: boolean }) => {
      process.exitCode = (await runDemo(options.once === true)) ? EXIT.done : EXIT.failed;
    });
}
