import type { Alerts } from '../alerts/alerts.ts';
import { createHelper } from '../platform/helper.ts';
import type { AuditReply, AuditRequest } from './audit-process.ts';
import type { Job } from './schedule.ts';

export interface AuditJobDeps {
  readonly cron: string;
  /** The database. */
  readonly file: string;
  readonly alerts: Alerts;
}

const ENTRY = new URL('./audit-process.ts', import.meta.url);

/** Recomputes the chain of the audit log every day, in a process of its own: it may be years long. */
export function auditJob({ cron, file, alerts }: AuditJobDeps): Job {
  return {
    name: 'audit',
    cron,
    run: async (signal) => {
      const helper = createHelper<AuditRequest, AuditReply>({ entry: ENTRY });
      const answer = await helper.ask({ file }, { signal });
      switch (answer.kind) {
        case 'stopped':
          return;
        case 'no-answer':
          throw new Error('the audit log was not verified: no answer');
        case 'broken':
          throw new Error(`the audit log was not verified: ${answer.how}`);
        case 'reply':
          judge(answer.reply);
      }
    },
  };

  function judge(reply: AuditReply): void {
    if (!reply.ok) throw new Error(`the audit log was not verified: ${reply.problem}`);
    const { verdict } = reply;
    if (verdict.ok) alerts.clear('audit', 'The audit log is whole again');
    else alerts.raise('audit', `The audit log is not whole: ${verdict.found}`);
  }
}
