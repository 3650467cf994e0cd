import type { FaultCase } from '../framework/case.ts';
import { behindCases } from './behind.ts';
import { checkerCases } from './checker.ts';
import { damageCases } from './damage.ts';
import { jobCases } from './jobs.ts';
import { killBackupCases } from './kill-backup.ts';
import { killCreateCases } from './kill-create.ts';
import { killIntakeCases } from './kill-intake.ts';
import { killLisCases } from './kill-lis.ts';
import { killMigrationCases } from './kill-migration.ts';
import { killOrderCases } from './kill-order.ts';
import { killReleaseCases } from './kill-release.ts';
import { killRestoreCases } from './kill-restore.ts';
import { killCases } from './kill.ts';
import { powerProofCases } from './power-proof.ts';
import { powerCases } from './power.ts';
import { clockCases } from './clock.ts';
import { fileCases } from './files.ts';
import { manyFileCases } from './files-many.ts';
import { strangeFileCases } from './files-strange.ts';
import { limitCases } from './limits.ts';
import { lisHourCases } from './lis-hour.ts';
import { lisCases } from './lis.ts';
import { memoryCases } from './memory.ts';
import { networkCases } from './network.ts';
import { shareTroubleCases } from './share-trouble.ts';
import { shareCases } from './share.ts';
import { signalCases } from './signals.ts';
import { spaceCases } from './space.ts';
import { twoDaemonCases } from './two-daemons.ts';

/** Every case, in the order in which they run: first the proof that the checker sees. */
export const CASES: readonly FaultCase[] = [
  ...checkerCases,
  ...killCreateCases,
  ...killIntakeCases,
  ...killCases,
  ...killLisCases,
  ...killBackupCases,
  ...killMigrationCases,
  ...killRestoreCases,
  ...killOrderCases,
  ...killReleaseCases,
  ...powerProofCases,
  ...powerCases,
  ...twoDaemonCases,
  ...damageCases,
  ...behindCases,
  ...fileCases,
  ...strangeFileCases,
  ...manyFileCases,
  ...shareCases,
  ...shareTroubleCases,
  ...lisCases,
  ...lisHourCases,
  ...networkCases,
  ...spaceCases,
  ...limitCases,
  ...clockCases,
  ...jobCases,
  ...memoryCases,
  ...signalCases,
];
