import { Command } from 'commander';
import { addAlertsCommand } from './alerts.ts';
import { addAuditCommand } from './audit.ts';
import { addCalibrateCommand } from './calibrate.ts';
import { addCheckCommand } from './check.ts';
import { addControlCommand } from './control.ts';
import { addCutoffsCommand } from './cutoffs.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { addInitCommand } from './init.ts';
import { addOrdersCommand } from './orders.ts';
import { addLisCommand } from './lis.ts';
import { addQueueCommand } from './queue.ts';
import { addRestoreCommand } from './restore.ts';
import { addRetentionCommand } from './retention.ts';
import { addReviewCommand } from './review.ts';
import { addRunCommand } from './run.ts';
import { addScoreCommand } from './score.ts';
import { addSimulateCommand } from './simulate.ts';
import { addStatusCommand } from './status.ts';
import { programVersion } from '../platform/version.ts';

/** Every command with its arguments and options: what is run, and what completion and manual are made from. */
export function createProgram(): Command {
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
  addInitCommand(program);
  addDoctorCommand(program);
  addStatusCommand(program);
  addReviewCommand(program);
  addQueueCommand(program);
  addLisCommand(program);
  addOrdersCommand(program);
  addCutoffsCommand(program);
  addControlCommand(program);
  addAlertsCommand(program);
  addAuditCommand(program);
  addCalibrateCommand(program);
  addSimulateCommand(program);
  addRestoreCommand(program);
  addRetentionCommand(program);
  return program;
}
