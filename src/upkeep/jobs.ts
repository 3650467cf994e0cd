import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/store.ts';
import { backUp, isBackupOverdue, newestBackup } from './backup.ts';
import { maintain } from './maintenance.ts';
import { removeOld } from './retention.ts';
import type { Job } from './schedule.ts';
import { summaryFields, summaryText } from './summary.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface JobDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends a summary to the alert channels. */
  readonly tell: (summary: string) => void;
  /** Told when the newest copy was made: at each start, and after each backup. */
  readonly onBackup: (at: Date) => void;
}

/** What is done at set times, UTC: a verified copy of the database, retention, maintenance, summaries. */
export function upkeepJobs({ store, config, clock, log, tell, onBackup }: JobDeps): readonly Job[] {
  const { backup, retention, summary, weekly, maintenance } = config.upkeep;
  const folder = backup.folder ?? join(config.dataDir, 'backups');
  const summaryJob = (
    name: string,
    { cron, send }: Config['upkeep']['summary'],
    days: number,
    span: string,
  ): Job => ({
    name,
    cron,
    run: () => {
      const counted = store.summary(new Date(clock.now().getTime() - days * DAY_MS));
      log.info(span, summaryFields(counted));
      if (send) tell(summaryText(span, counted));
    },
  });
  return [
    {
      name: 'backup',
      cron: backup.cron,
      overdue: async (signal) => {
        const newest = await newestBackup(folder, signal);
        if (newest !== null) onBackup(newest);
        return isBackupOverdue(newest, clock.now());
      },
      run: async (signal) => {
        const made = await backUp({ file: store.file, folder, keep: backup.keep, now: clock.now(), signal });
        onBackup(clock.now());
        log.info('The database was copied and the copy verified', { path: made.path, bytes: made.bytes });
      },
    },
    {
      name: 'retention',
      cron: retention.cron,
      run: async (signal) => {
        const { messages, figures } = await removeOld(store, retention, clock.now(), signal);
        log.info('The bytes of old delivered messages and old pictures were removed', { messages, figures });
      },
    },
    {
      name: 'maintenance',
      cron: maintenance.cron,
      run: async (signal) => {
        log.info('The database was maintained', { ...(await maintain(store.maintenance, signal)) });
      },
    },
    summaryJob('summary', summary, 1, 'The last 24 hours'),
    summaryJob('weekly', weekly, 7, 'The last 7 days'),
  ];
}
