import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../src/config/load.ts';
import { systemClock } from '../src/platform/clock.ts';
import { silentLog } from '../src/platform/log.ts';
import { createRecipe } from '../src/simulate/recipe.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { createTestLis } from '../src/testlis/receiver.ts';
import type { Figure } from './figure.ts';

const RAISINGD = fileURLToPath(new URL('../bin/raisingd', import.meta.url));
const QUIET_SECONDS = 1;
const PATIENCE_MS = 10 * 60 * 1000;

/**
 * The real service as its own process: so many finished traces appear in its folder at once, and the clock runs
 * until a receiver that writes each message to the disk before it answers has acknowledged the last.
 */
export async function measureJourney(traces: number): Promise<Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'raisingd-bench-'));
  const lis = createTestLis({ journal: join(root, 'received.jsonl'), clock: systemClock, log: silentLog });
  const { port } = await lis.listen();
  await writeTraces(join(root, 'ready'), traces);
  const config = join(root, 'raisingd.yaml');
  const settings = {
    dataDir: 'data',
    watch: { folders: ['in'], scanSeconds: 1, quietSeconds: QUIET_SECONDS },
    lis: [{ name: 'bench', mllp: { host: '127.0.0.1', port } }],
  };
  await mkdir(join(root, 'in'));
  await writeFile(config, stringify(settings));
  const began = performance.now();
  const service = spawn(RAISINGD, ['run', '--config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await until(async () =>
      (await readdir(join(root, 'data')).catch((): string[] => [])).includes('state.json'),
    );
    const readyMs = performance.now() - began;
    await wait(3000);
    const atRest = await memoryOf(service.pid ?? 0);
    const dropped = performance.now();
    await rename(join(root, 'ready'), join(root, 'in', 'run'));
    await until(async () => (await lines(join(root, 'received.jsonl'))) >= traces);
    const seconds = (performance.now() - dropped) / 1000;
    const after = await memoryOf(service.pid ?? 0);
    const on = `${traces} traces at once, receiver with fsync`;
    return [
      { what: 'service ready after', value: readyMs / 1000, unit: 's', on: 'empty database' },
      { what: 'memory at rest, both processes (PSS)', value: atRest.now, unit: 'MiB', on: 'no trace yet' },
      {
        what: 'folder to acknowledgement',
        value: seconds,
        unit: 's',
        on: `${on}, quiet time of ${QUIET_SECONDS} s included`,
      },
      {
        what: 'folder to acknowledgement, rate',
        value: traces / (seconds - QUIET_SECONDS),
        unit: 'traces/s',
        on: 'beyond the quiet time',
      },
      { what: 'peak memory, both processes (RSS)', value: after.peak, unit: 'MiB', on },
    ];
  } finally {
    service.kill('SIGTERM');
    if (service.exitCode === null) await once(service, 'exit');
    await lis.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function writeTraces(folder: string, count: number): Promise<void> {
  const assay = loadAssay(BUNDLED_ASSAY_FILE);
  if (!assay.ok) throw new Error('the bundled assay is at fault');
  const { anchor } = assay.method.assay;
  await mkdir(folder);
  for (let index = 0; index < count; index += 1) {
    const sample = `B${String(index).padStart(6, '0')}`;
    const clones = [{ share: 0.2 + 0.7 * ((index * 0.618) % 1) }];
    const { bytes } = simulate(createRecipe({ seed: index, anchor, clones, dust: 12, sample }));
    await writeFile(join(folder, `${sample}_A01.ab1`), bytes);
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the service took too long');
    await wait(20);
  }
}

async function lines(path: string): Promise<number> {
  const text = await readFile(path, 'latin1').catch(() => '');
  return text.split('\n').length - 1;
}

/** Of a process and its children: shared pages counted once now (PSS), and the sum of their peaks (RSS), in MiB. */
async function memoryOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  let now = 0;
  let peak = 0;
  for (const one of [String(pid), ...children.trim().split(' ')].filter((id) => id !== '')) {
    now += field(await readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => ''), 'Pss');
    peak += field(await readFile(`/proc/${one}/status`, 'utf8').catch(() => ''), 'VmHWM');
  }
  return { now: now / 1024, peak: peak / 1024 };
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
