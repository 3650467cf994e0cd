import { Command, CommanderError } from 'commander';
import { addAuditCommand } from './commands/audit.ts';
import { addCalibrateCommand } from './commands/calibrate.ts';
import { addCheckCommand } from './commands/check.ts';
import { addControlCommand } from './commands/control.ts';
import { addCutoffsCommand } from './commands/cutoffs.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addOrdersCommand } from './commands/orders.ts';
import { addLisCommand } from './commands/lis.ts';
import { addQueueCommand } from './commands/queue.ts';
import { addReviewCommand } from './commands/review.ts';
import { addRunCommand } from './commands/run.ts';
import { addScoreCommand } from './commands/score.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addStatusCommand } from './commands/status.ts';
import { CommandError, EXIT } from './platform/exit.ts';
import { programVersion } from './platform/version.ts';

const program = new Command('raisingd')
  .description(
    'Scores HTLV-1 RAISING traces as the sequencer writes them and sends the results to the LIS.\n' +
      'Research use only until your laboratory has validated it.',
  )
  .version(programVersion())
  .showHelpAfterError('(raisingd COMMAND --help tells more)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 something asked for did not succeed, 2 wrong usage or invalid config, 3 already running.',
  )
  .exitOverride();

addRunCommand(program);
addDemoCommand(program);
addScoreCommand(program);
addCheckCommand(program);
addStatusCommand(program);
addReviewCommand(program);
addQueueCommand(program);
addLisCommand(program);
addOrdersCommand(program);
addCutoffsCommand(program);
addControlCommand(program);
addAuditCommand(program);
addCalibrateCommand(program);
addSimulateCommand(program);

// `raisingd score … | head` is no fault: whoever reads has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** The only place where an error becomes an exit code. Commander has written its own message already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CommandError) {
    process.stderr.write(`raisingd: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `raisingd: unexpected error\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.failed;
}
