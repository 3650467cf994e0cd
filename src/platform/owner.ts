import { chownSync, statSync } from 'node:fs';

/** Run by root, nothing may be left in a data folder that the service's own user, who owns it, cannot open. */
export function giveToOwner(folder: string, path: string): void {
  if (process.getuid?.() !== 0 || statSync(path, { throwIfNoEntry: false }) === undefined) return;
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
}
