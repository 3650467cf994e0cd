import { duration } from '../alerts/words.ts';
import { createHelper } from '../platform/helper.ts';
import { fail, ok, warn, type Finding } from './finding.ts';
import type { FolderReply, FolderRequest } from './folder-probe.ts';
import { judgeFolder, type FolderDeps } from './judge-folder.ts';

const PROBE = new URL('./folder-probe.ts', import.meta.url);
/** A share that does not answer within this time is reported instead of waited for. */
const PATIENCE_MS = 5000;
const HOUR_MS = 3_600_000;

/** The folders that are read: there, readable, what they are, their clock, how fresh they are. */
export async function folderFindings(deps: FolderDeps): Promise<Finding[]> {
  const { watch, worklist } = deps.config;
  if (watch.folders.length === 0 && worklist === undefined)
    return [
      warn('folder', 'watch.folders is empty: nothing is watched', 'Name the folders of the sequencers.'),
    ];
  const watched = watch.folders.map((folder) => look('folder', folder, watch.extensions, deps));
  const lists = worklist === undefined ? [] : [lookAtWorklist(worklist.folder, deps)];
  return (await Promise.all([...watched, ...lists])).flat();
}

async function look(
  area: string,
  folder: string,
  endings: readonly string[],
  deps: FolderDeps,
): Promise<Finding[]> {
  const reply = await probe({ folder, endings });
  if ('code' in reply) return [fail(area, `${folder} ${reply.words}`, reply.remedy)];
  return judgeFolder(area, folder, reply, deps);
}

async function lookAtWorklist(folder: string, deps: FolderDeps): Promise<Finding[]> {
  const area = 'worklist';
  const reply = await probe({ folder, endings: ['.csv'] });
  if ('code' in reply) return [fail(area, `${folder} ${reply.words}`, reply.remedy)];
  const { newestFileMs } = reply;
  const found = judgeFolder(area, folder, reply, deps);
  const hours = deps.config.release.staleWorklistHours;
  if (newestFileMs === null) {
    return [
      ...found,
      warn(area, `${folder} holds no .csv file`, 'Does the LIS export its orders into this folder?'),
    ];
  }
  const age = deps.now.getTime() - newestFileMs;
  return age > hours * HOUR_MS
    ? [
        ...found,
        warn(area, `the newest worklist is ${duration(age)} old`, 'Does the LIS still export its orders?'),
      ]
    : [...found, ok(area, `the newest worklist is ${duration(age)} old`)];
}

interface Unusable {
  readonly code: string;
  readonly words: string;
  readonly remedy: string;
}

async function probe(request: FolderRequest): Promise<Extract<FolderReply, { kind: 'folder' }> | Unusable> {
  const helper = createHelper<FolderRequest, FolderReply>({ entry: PROBE });
  const answer = await helper.ask(request, { limitMs: PATIENCE_MS });
  switch (answer.kind) {
    case 'reply':
      return answer.reply.kind === 'folder' ? answer.reply : unusable(answer.reply.code);
    case 'no-answer':
    case 'stopped':
      return {
        code: 'ETIMEDOUT',
        words: `does not answer within ${duration(PATIENCE_MS)}`,
        remedy: 'Look at its server and the network; `umount -l` and mount it anew where it stays so.',
      };
    case 'broken':
      return { code: 'EIO', words: `cannot be looked at: ${answer.how}`, remedy: 'Try again.' };
  }
}

function unusable(code: string): Unusable {
  switch (code) {
    case 'ENOENT':
      return { code, words: 'is not there', remedy: 'Mount the share, or correct the path.' };
    case 'ENOTDIR':
      return { code, words: 'is not a folder', remedy: 'Name the folder.' };
    case 'EACCES':
    case 'EPERM':
      return {
        code,
        words: 'may not be read by this user',
        remedy: 'Give its group to the service (SupplementaryGroups).',
      };
    default:
      return { code, words: `cannot be read (${code})`, remedy: 'Look at the share and its server.' };
  }
}
