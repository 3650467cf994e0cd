import { createHelper } from '../platform/helper.ts';
import { StoreError } from '../store/failure.ts';
import type { Backup, BackupRequest } from './backup-copy.ts';
import type { BackupReply, BackupTask } from './backup-process.ts';

export type { Backup } from './backup-copy.ts';

/**
 * No verified copy was made; the earlier ones are as they were.
 * @internal
 */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

const PROCESS = new URL('./backup-process.ts', import.meta.url);
const DAY_MS = 24 * 60 * 60 * 1000;
/** A copy of the largest database over a slow network is made in less; a folder that hangs is given up by then. */
const COPY_LIMIT_MS = 6 * 60 * 60 * 1000;
const LOOK_LIMIT_MS = 30_000;

/**
 * Makes a verified copy of the database and keeps the newest `keep`. A process of its own does it, so that neither a
 * large database nor a share that hangs holds up delivery; `signal` gives it up.
 * @throws StoreError where the database itself is damaged, else BackupError
 */
export async function backUp(
  request: Omit<BackupRequest, 'now'> & { readonly now: Date; readonly signal?: AbortSignal },
): Promise<Backup> {
  const { file, folder, keep, now, signal } = request;
  const reply = await ask(
    { kind: 'copy', request: { file, folder, keep, now: now.toISOString() } },
    `no backup of ${file} was made in ${folder}`,
    { limitMs: COPY_LIMIT_MS, signal },
  );
  if (reply.kind === 'damaged') throw new StoreError('damaged', file, `no backup was made: ${reply.problem}`);
  if (reply.kind !== 'copied') throw new BackupError(`${folder}: ${reply.kind}`);
  return reply.backup;
}

/** When the newest copy in the folder was made; null where there is none. */
export async function newestBackup(folder: string, signal?: AbortSignal): Promise<Date | null> {
  const problem = `the backups in ${folder} cannot be listed`;
  const reply = await ask({ kind: 'newest', folder }, problem, { limitMs: LOOK_LIMIT_MS, signal });
  return reply.kind !== 'newest' || reply.madeAt === null ? null : new Date(reply.madeAt);
}

async function ask(
  task: BackupTask,
  problem: string,
  limits: { readonly limitMs: number; readonly signal: AbortSignal | undefined },
): Promise<Exclude<BackupReply, { kind: 'failed' }>> {
  const answer = await createHelper<BackupTask, BackupReply>({ entry: PROCESS }).ask(task, limits);
  switch (answer.kind) {
    case 'reply':
      if (answer.reply.kind === 'failed') throw new BackupError(`${problem}: ${answer.reply.problem}`);
      return answer.reply;
    case 'no-answer':
      throw new BackupError(`${problem}: no answer within ${limits.limitMs / 1000} s`);
    case 'stopped':
      throw new BackupError(`${problem}: it was cut short`);
    case 'broken':
      throw new BackupError(`${problem}: the copying process failed: ${answer.how}`);
  }
}

/** Whether the newest copy is more than a day old, or there is none: a machine may be off at the hour of backups. */
export function isBackupOverdue(newest: Date | null, now: Date): boolean {
  return newest === null || now.getTime() - newest.getTime() > DAY_MS;
}
