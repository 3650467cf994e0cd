import { access, constants, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { formatValue, type Remark } from './faults.ts';
import type { Config, Destination } from './schema.ts';

/** A share that does not answer within this time, in milliseconds, is reported instead of waited for. */
const PATIENCE_MS = 3000;

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;
const REFUSALS = ['AE', 'CE', 'AR', 'CR'] as const;

/** What is allowed, but should be known to whoever starts the service. */
export function warningsOf(config: Config): Remark[] {
  const warnings: Remark[] = [];
  if (config.watch.folders.length === 0) {
    warnings.push({
      path: 'watch.folders',
      message: 'is empty, nothing is watched',
      value: null,
      remedy: 'Name the folders that the sequencers write into.',
    });
  }
  if (config.lis.length === 0) {
    warnings.push({
      path: 'lis',
      message: 'is empty, results are scored and kept but sent nowhere',
      value: null,
      remedy: 'Name a destination.',
    });
  }
  return [...warnings, ...config.lis.flatMap(warningsOfDestination)];
}

function warningsOfDestination({ mllp, verdicts }: Destination, index: number): Remark[] {
  const warnings: Remark[] = [];
  if (!LOOPBACK.test(mllp.host)) {
    warnings.push({
      path: `lis[${index}].mllp`,
      message: 'carries patient data in clear text over the network',
      value: formatValue(mllp.host),
      remedy: 'Keep this connection inside a trusted network or a tunnel.',
    });
  }
  for (const code of REFUSALS) {
    if (verdicts[code] !== 'done') continue;
    warnings.push({
      path: `lis[${index}].verdicts.${code}`,
      message: 'counts a message that the LIS refused as delivered',
      value: formatValue(verdicts[code]),
      remedy: 'Use hold or retry unless the maker of the LIS says otherwise.',
    });
  }
  return warnings;
}

/** Folders that cannot be read now, by this user. No fault: a share may be away while the service starts. */
export async function folderWarnings(config: Config): Promise<Remark[]> {
  const folders = config.watch.folders.map((folder, index) => ({ path: `watch.folders[${index}]`, folder }));
  if (config.worklist !== undefined)
    folders.push({ path: 'worklist.folder', folder: config.worklist.folder });
  const found = await Promise.all(
    folders.map(async ({ path, folder }) => {
      const message = await Promise.race([
        whyNotReadable(folder),
        wait(PATIENCE_MS, 'does not answer', { ref: false }),
      ]);
      return { path, message, value: formatValue(folder), remedy: 'It is looked for again at every scan.' };
    }),
  );
  return found.flatMap(({ message, ...rest }) => (message === null ? [] : [{ ...rest, message }]));
}

async function whyNotReadable(folder: string): Promise<string | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return 'is not a folder';
    await access(folder, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return 'is not there now';
    if (code === 'EACCES') return 'may not be read by this user';
    return `cannot be read now (${String(code)})`;
  }
}
