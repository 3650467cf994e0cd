import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from './site.ts';

/** Names of the finished copies of a site's database, oldest first; none where none was made yet. */
export function finishedBackups({ dataDir }: Pick<Site, 'dataDir'>): string[] {
  const folder = join(dataDir, 'backups');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^raisingd-\w+\.db$/.test(name))
    .sort();
}
