import { duration } from '../alerts/words.ts';
import type { Config } from '../config/schema.ts';
import { ok, warn, type Finding } from './finding.ts';
import type { FolderReply } from './folder-probe.ts';
import { isShare, mountOf, type Mount } from './mounts.ts';

/** Clocks of healthy machines differ by less. */
const AHEAD_MS = 60_000;

export interface FolderDeps {
  readonly config: Config;
  readonly mounts: readonly Mount[];
  readonly now: Date;
  /** Root may write everywhere, which says nothing. */
  readonly isRoot: boolean;
}

/** What a probe of a folder means. */
export function judgeFolder(
  area: string,
  folder: string,
  { files, newestMs, writable }: Extract<FolderReply, { kind: 'folder' }>,
  { config, mounts, now, isRoot }: FolderDeps,
): Finding[] {
  const mount = mountOf(folder, mounts);
  const what =
    mount === null ? '' : isShare(mount) ? `, a share (${mount.type})` : `, on a local disk (${mount.type})`;
  const found = [ok(area, `${folder} can be read: ${files === 1 ? '1 file' : `${files} files`}${what}`)];
  if (mount !== null && isShare(mount) && area === 'folder' && !config.watch.polling)
    found.push(
      warn(area, `${folder}: a share tells of no events`, 'Set watch.polling: true; files are found sooner.'),
    );
  if (mount !== null && mount.type.startsWith('nfs') && mount.options.has('hard'))
    found.push(
      warn(
        area,
        `${folder} is mounted hard: who reads it hangs while its server is away`,
        'Mount it with soft,timeo=100.',
      ),
    );
  if (writable && !isRoot)
    found.push(
      warn(
        area,
        `${folder} may be written by this user`,
        'Reading is enough: nothing is ever written there.',
      ),
    );
  const aheadMs = newestMs - now.getTime();
  if (aheadMs > AHEAD_MS)
    found.push(
      warn(
        area,
        `${folder}: its clock is ahead of ours by ${duration(aheadMs)}`,
        'Have both follow one time server.',
      ),
    );
  return found;
}
