import { createIntake } from '../../src/watch/intake-client.ts';
import { silentLog } from '../../src/platform/log.ts';
import { settingsFor } from './settings.ts';

/** A service that only starts an intake, to be killed: prints the intake's process id. */
const [folder = ''] = process.argv.slice(2);
const intake = createIntake({
  settings: settingsFor(folder),
  devices: new Map(),
  ledger: () => [],
  onFindings: () => undefined,
  onWorklist: () => undefined,
  onFolder: () => process.stdout.write(String(intake.state().pid)),
  onComplaint: () => undefined,
  onFatal: () => process.exit(1),
  log: silentLog,
});
intake.start();
