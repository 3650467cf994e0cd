import { makeBackup } from './backup-copy.ts';
import type { Backup, BackupRequest } from './backup-copy.ts';

/** What this process answers to the one request that it gets. */
export type BackupReply =
  { readonly ok: true; readonly backup: Backup } | { readonly ok: false; readonly problem: string };

// It lives until its parent disconnects, so that an end without a reply is always an accident.
process.on('message', (request) => {
  process.send?.(reply(request as BackupRequest));
});

function reply(request: BackupRequest): BackupReply {
  try {
    return { ok: true, backup: makeBackup(request) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
