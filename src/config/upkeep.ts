import { z } from 'zod';
import { count, cron, path } from './values.ts';

/** What is done at set times, UTC. */
export const upkeep = z.strictObject({
  backup: z
    .strictObject({
      cron: cron.default('0 18 * * *').describe('When the database is copied and the copy verified, UTC.'),
      folder: path.optional().describe('Where copies go; default: backups in the data folder.'),
      keep: count.default(14).describe('How many copies are kept.'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      cron: cron.default('30 18 * * *').describe('When old message texts and pictures are removed, UTC.'),
      messageDays: count
        .max(36_500)
        .default(365)
        .describe(
          'Days for which the bytes of an acknowledged message are kept; unsent ones are never removed.',
        ),
      figureDays: count
        .max(36_500)
        .default(365)
        .describe('Days for which the picture of a trace is kept, in the database and beside it.'),
    })
    .prefault({}),
  certificates: z
    .strictObject({
      cron: cron
        .default('0 6 * * *')
        .describe('When the certificates of the destinations are looked at, UTC; also at each start.'),
      warnDays: count
        .max(365)
        .default(30)
        .describe('Days before the end of a certificate at which an alert comes.'),
    })
    .prefault({}),
  audit: z
    .strictObject({
      cron: cron.default('30 17 * * *').describe('When the chain of the audit log is recomputed, UTC.'),
    })
    .prefault({}),
  summary: z
    .strictObject({
      cron: cron.default('0 22 * * *').describe('When the daily summary is logged, UTC.'),
      send: z.boolean().default(false).describe('Also send it to the alert channels.'),
    })
    .prefault({}),
  weekly: z
    .strictObject({
      cron: cron.default('15 22 * * 0').describe('When the weekly summary is logged, UTC.'),
      send: z.boolean().default(true).describe('Also send it to the alert channels.'),
    })
    .prefault({}),
  maintenance: z
    .strictObject({
      cron: cron
        .default('0 17 * * 6')
        .describe('When statistics are renewed and free space is given back in the database, UTC.'),
    })
    .prefault({}),
});
