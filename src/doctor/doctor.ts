import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BUNDLED_ASSAY_FILE, type LoadedConfig } from '../config/load.ts';
import { formatRemark } from '../config/faults.ts';
import { warningsOf } from '../config/warnings.ts';
import type { Machine } from '../platform/machine.ts';
import { databaseFindings } from './database.ts';
import { fail, ok, warn, type Finding } from './finding.ts';
import { folderFindings } from './folders.ts';
import { lisFindings } from './lis.ts';
import { backupFinding, clockFinding, diskFindings, nodeFinding } from './machine.ts';
import { readMounts } from './mounts.ts';
import { secretFindings } from './secrets.ts';
import { alertFindings, serviceFindings } from './service.ts';
import { wordsOf } from '../platform/words-of.ts';

const packageSchema = z.object({ engines: z.object({ node: z.string() }) });

/**
 * Looks at everything that the service needs, in the order in which a person would. Changes nothing and sends nothing;
 * works beside the service and without it. A look that fails is a finding and never ends the walk.
 */
export async function examine(
  loaded: LoadedConfig,
  machine: Machine,
  now: Date,
): Promise<readonly Finding[]> {
  const { config } = loaded;
  const mounts = readMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  const isRoot = process.getuid?.() === 0;
  const looks: readonly [string, () => Finding[] | Promise<Finding[]>][] = [
    ['config', () => configFindings(loaded)],
    ['node', async () => [nodeFinding(process.versions.node, await askedNode())]],
    ['service', () => serviceFindings(config.dataDir, loaded.hash, now)],
    ['disk', () => diskFindings(config, mounts, machine)],
    ['database', () => databaseFindings(config.dataDir, now)],
    ['backup', async () => [await backupFinding(config, now)]],
    ['clock', async () => [await clockFinding(machine)]],
    ['folder', () => folderFindings({ config, mounts, now, isRoot })],
    ['lis', () => lisFindings(config, now)],
    ['secret', () => secretFindings(config)],
    ['alert', () => alertFindings(config, now)],
  ];
  const found = await Promise.all(looks.map(([area, look]) => guarded(area, look)));
  return found.flat();
}

async function guarded(area: string, look: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const why = wordsOf(error);
    return [
      fail(
        area,
        `it could not be looked at: ${why}`,
        'Run the doctor with the rights of the service, or as root.',
      ),
    ];
  }
}

function configFindings({ config, method, source, hash }: LoadedConfig): Finding[] {
  const { calibration } = method;
  return [
    ok('config', `${source ?? 'built-in defaults'} is valid (${hash.slice(0, 12)})`),
    ...warningsOf(config).map((remark) => {
      const { remedy, ...rest } = remark;
      return warn('config', formatRemark({ ...rest, remedy: null }), remedy ?? '');
    }),
    ok('assay', `${method.assay.id} from ${config.assay ?? BUNDLED_ASSAY_FILE}`),
    calibration === null
      ? ok('calibration', 'none is configured')
      : ok('calibration', `${config.calibration ?? ''} (${calibration.hash.slice(0, 12)})`),
  ];
}

async function askedNode(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url);
  return packageSchema.parse(JSON.parse(await readFile(file, 'utf8'))).engines.node;
}
