import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { duration } from '../alerts/words.ts';
import type { Config } from '../config/schema.ts';
import type { Machine } from '../platform/machine.ts';
import { newestBackup } from '../upkeep/backup.ts';
import { fail, ok, warn, type Finding } from './finding.ts';
import { isShare, isVolatile, mountOf, type Mount } from './mounts.ts';

const MIB = 2 ** 20;
const DAY_MS = 86_400_000;
/** Rotated nightly, and a machine may be off for a night. */
const OLD_BACKUP_MS = 2 * DAY_MS;

/** The disk of the data folder: what it is on, how much is free, and who may read it. */
export async function diskFindings(
  config: Config,
  mounts: readonly Mount[],
  machine: Machine,
): Promise<Finding[]> {
  const { dataDir, alerts } = config;
  const found: Finding[] = [];
  const mount = mountOf(dataDir, mounts);
  if (mount !== null && isShare(mount))
    found.push(
      fail(
        'disk',
        `${dataDir} is on a share (${mount.type})`,
        'Use a local disk: locks are not safe on a share.',
      ),
    );
  if (mount !== null && isVolatile(mount))
    found.push(
      fail('disk', `${dataDir} is in memory (${mount.type})`, 'Use a disk: all is gone at the next restart.'),
    );
  const there = await existing(dataDir);
  const free = await machine.freeBytes(there);
  if (free === null)
    found.push(warn('disk', `how much is free for ${dataDir} cannot be told`, 'Look with df.'));
  else {
    const text = `${Math.floor(free / MIB)} MiB are free for ${dataDir}`;
    const enough = free >= alerts.freeMiB * MIB;
    found.push(
      enough ? ok('disk', text) : fail('disk', text, `Free some: alerts.freeMiB asks for ${alerts.freeMiB}.`),
    );
  }
  return [...found, ...(there === dataDir ? await rights(dataDir) : [])];
}

async function rights(dataDir: string): Promise<Finding[]> {
  const { mode } = await stat(dataDir);
  const text = `${dataDir} has the rights ${(mode & 0o777).toString(8)}`;
  if ((mode & 0o077) === 0) return [ok('rights', text)];
  return [warn('rights', `${text}: it names patients`, `chmod 700 ${dataDir}`)];
}

/** The folder, or the nearest above it that is there: the data folder is made at the first start. */
async function existing(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (error) {
    const above = dirname(folder);
    if (above === folder) throw error;
    return existing(above);
  }
}

export async function clockFinding(machine: Machine): Promise<Finding> {
  const synchronised = await machine.clockSynchronised();
  if (synchronised === true) return ok('clock', 'a time server is followed');
  if (synchronised === null)
    return warn(
      'clock',
      'whether it follows a time server cannot be told',
      'Look with timedatectl or chronyc tracking.',
    );
  return warn(
    'clock',
    'no time server is followed',
    'Set up chrony or systemd-timesyncd with one of the hospital.',
  );
}

export async function backupFinding({ dataDir, upkeep }: Config, now: Date): Promise<Finding> {
  const folder = upkeep.backup.folder ?? join(dataDir, 'backups');
  const newest = await newestBackup(folder);
  const remedy = 'The service makes one every night and at its start; its log says why not.';
  if (newest === null) return warn('backup', `there is none in ${folder}`, remedy);
  const age = now.getTime() - newest.getTime();
  const text = `the newest in ${folder} is ${duration(age)} old`;
  return age > OLD_BACKUP_MS ? warn('backup', text, remedy) : ok('backup', text);
}

/** @param tested the versions that package.json names, such as `>=24.12` */
export function nodeFinding(version: string, tested: string): Finding {
  const [wanted = [0, 0], have = [0, 0]] = [tested, version].map((text) =>
    (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number),
  );
  const isOld =
    (have[0] ?? 0) < (wanted[0] ?? 0) || (have[0] === wanted[0] && (have[1] ?? 0) < (wanted[1] ?? 0));
  const text = `Node ${version}, ${tested} is asked for`;
  if (isOld) return fail('node', text, 'Start it by bin/raisingd, which uses the Node that comes with it.');
  if (have[0] !== wanted[0])
    return warn('node', `${text}: not the one it was tested with`, 'Start it by bin/raisingd.');
  return ok('node', text);
}
