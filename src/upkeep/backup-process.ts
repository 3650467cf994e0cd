import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../platform/helper.ts';
import { StoreError } from '../store/failure.ts';
import { makeBackup } from './backup-copy.ts';
import type { Backup, BackupRequest } from './backup-copy.ts';
import { BACKUP_NAME } from './backup-name.ts';
import { wordsOf } from '../platform/words-of.ts';

export type BackupTask =
  | { readonly kind: 'copy'; readonly request: BackupRequest }
  | { readonly kind: 'newest'; readonly folder: string };

export type BackupReply =
  | { readonly kind: 'copied'; readonly backup: Backup }
  /** Milliseconds since 1970; null where there is no copy. */
  | { readonly kind: 'newest'; readonly madeAt: number | null }
  /** The database itself is damaged. */
  | { readonly kind: 'damaged'; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string };

async function perform(task: BackupTask): Promise<BackupReply> {
  try {
    return task.kind === 'copy'
      ? { kind: 'copied', backup: makeBackup(task.request) }
      : { kind: 'newest', madeAt: await newest(task.folder) };
  } catch (error) {
    const problem = wordsOf(error);
    return { kind: error instanceof StoreError ? 'damaged' : 'failed', problem };
  }
}

async function newest(folder: string): Promise<number | null> {
  const names = await readdir(folder).catch(() => []);
  const copies = names.filter((name) => BACKUP_NAME.test(name));
  const times = await Promise.all(copies.map(async (name) => (await stat(join(folder, name))).mtimeMs));
  return times.length === 0 ? null : Math.max(...times);
}

/** The process that touches the folder of backups; src/upkeep/backup.ts starts it and gives it up. */
serve(perform);
