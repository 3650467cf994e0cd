import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/store.ts';
import { backUp, isBackupOverdue } from './backup.ts';
import { removeOldMessages, removeOldPictures } from './retention.ts';
import type { Job } from './schedule.ts';
import { summaryFields } from './summary.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface JobDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is done at set times, UTC: a verified copy of the database, retention, the daily summary line. */
export function upkeepJobs({ store, config, clock, log }: JobDeps): readonly Job[] {
  const { backup, retention, summary } = config.upkeep;
  const folder = backup.folder ?? join(config.dataDir, 'backups');
  return [
    {
      name: 'backup',
      cron: backup.cron,
      overdue: () => isBackupOverdue(folder, clock.now()),
      run: async (signal) => {
        const made = await backUp({ file: store.file, folder, keep: backup.keep, now: clock.now(), signal });
        log.info('The database was copied and the copy verified', { path: made.path, bytes: made.bytes });
      },
    },
    {
      name: 'retention',
      cron: retention.cron,
      run: async (signal) => {
        const old = { now: clock.now(), days: retention.messageDays, signal };
        const removed = await removeOldMessages(store, old);
        const pictures = await removeOldPictures(store, old);
        log.info('The bytes of old delivered messages and old pictures were removed', { removed, pictures });
      },
    },
    {
      name: 'summary',
      cron: summary.cron,
      run: () => {
        log.info('The last 24 hours', summaryFields(store.summary(new Date(clock.now().getTime() - DAY_MS))));
      },
    },
  ];
}
