import { fork } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backup, BackupRequest } from './backup-copy.ts';
import { BACKUP_NAME } from './backup-name.ts';
import type { BackupReply } from './backup-process.ts';

export type { Backup } from './backup-copy.ts';

/**
 * No verified copy was made; the earlier ones are as they were.
 * @internal
 */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

const PROCESS = fileURLToPath(new URL('./backup-process.ts', import.meta.url));
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a verified copy of the database and keeps the newest `keep`. A process of its own does it, so that neither a
 * large database nor a share that hangs holds up delivery; `signal` kills it.
 */
export async function backUp(
  request: Omit<BackupRequest, 'now'> & { readonly now: Date; readonly signal?: AbortSignal },
): Promise<Backup> {
  const { file, folder, keep, now, signal } = request;
  const failed = (problem: string, cause?: unknown): BackupError =>
    new BackupError(`no backup of ${file} was made in ${folder}: ${problem}`, { cause });

  const reply = await new Promise<BackupReply>((resolve, reject) => {
    const child = fork(PROCESS, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    });
    child.on('message', (message) => {
      resolve(message as BackupReply);
      child.disconnect();
    });
    child.on('error', (cause) => {
      reject(failed(cause.message, cause));
    });
    child.on('exit', (code, killedBy) => {
      reject(failed(`the copying process ended early (${killedBy ?? `exit code ${code}`})`));
    });
    child.send({ file, folder, keep, now: now.toISOString() } satisfies BackupRequest);
  });
  if (!reply.ok) throw failed(reply.problem);
  return reply.backup;
}

/** Whether the newest copy is more than a day old, or there is none: a machine may be off at the hour of backups. */
export async function isBackupOverdue(folder: string, now: Date): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  const copies = names.filter((name) => BACKUP_NAME.test(name));
  const times = await Promise.all(copies.map(async (name) => (await stat(join(folder, name))).mtimeMs));
  return now.getTime() - Math.max(-Infinity, ...times) > DAY_MS;
}
