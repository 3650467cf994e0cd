import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { measureCrowds, type Crowd } from './crowd.ts';
import type { Figure } from './figure.ts';
import { measureLatency } from './latency.ts';
import type { PlainScript } from './plain-script.ts';
import { usageOf } from './processes.ts';
import { followJournal, withReceiver } from './receiver.ts';
import { QUIET_SECONDS, until } from './watched.ts';

const RAISINGD = fileURLToPath(new URL('../bin/raisingd', import.meta.url));
const REST_SECONDS = 15;

/**
 * The real service as its own process on the embedded defaults, against a receiver that writes each message to the
 * disk before it answers: at rest, with single traces and plates, and with crowds of them.
 */
export async function measureJourney(
  root: string,
  crowd: Crowd,
  plainScript: PlainScript | null,
): Promise<Figure[]> {
  const journal = join(root, 'received');
  return withReceiver([journal], async (port) => {
    const config = join(root, 'raisingd.yaml');
    const inbox = join(root, 'in');
    const settings = {
      dataDir: 'data',
      watch: { folders: ['in'], quietSeconds: QUIET_SECONDS },
      lis: [{ name: 'bench', mllp: { host: '127.0.0.1', port } }],
    };
    await mkdir(inbox);
    await writeFile(config, stringify(settings));
    const followed = followJournal(journal);
    const began = performance.now();
    const service = spawn(RAISINGD, ['run', '--config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
    const pid = service.pid ?? 0;
    try {
      await until(() => existsSync(join(root, 'data', 'state.json')));
      const readyMs = performance.now() - began;
      const figures = [
        {
          what: 'service ready after',
          value: readyMs / 1000,
          unit: 's',
          on: 'empty database',
          wanted: { most: 2 },
        },
        ...(await atRest(pid)),
        ...(await measureLatency({ inbox, received: followed.read })),
        ...(await measureCrowds(pid, { inbox, received: followed.read }, crowd, plainScript)),
      ];
      return figures;
    } finally {
      service.kill('SIGTERM');
      if (service.exitCode === null) await once(service, 'exit');
      followed.close();
    }
  });
}

async function atRest(pid: number): Promise<Figure[]> {
  await wait(5000);
  const before = usageOf(pid);
  await wait(1000 * REST_SECONDS);
  const after = usageOf(pid);
  const on = 'both processes, nothing to do';
  return [
    { what: 'memory at rest (PSS)', value: after.memory, unit: 'MiB', on, wanted: { most: 120 } },
    {
      what: 'processor at rest',
      value: (100 * (after.cpu - before.cpu)) / REST_SECONDS,
      unit: '% of a core',
      on: `${on}, over ${REST_SECONDS} s`,
      wanted: { most: 1 },
    },
  ];
}
