import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import { decode } from '../../src/hl7/charset.ts';
import { readMessage, segmentsOf, textAt } from '../../src/hl7/read.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createNotify } from '../../src/platform/notify.ts';
import { startService, type Service, type ServiceDeps } from '../../src/service.ts';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { createTestLis } from '../../src/testlis/receiver.ts';
import { createRecordLog } from '../deliver/support/record-log.ts';
import { until } from '../until.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const HEADER =
  'accession,order,patientId,patientName,patientNameKana,birthDate,sex,category,sil2r,sil2rUnit,sil2rMethod,sil2rDate,collected';

/** What the LIS read of one message. */
export interface Received {
  readonly controlId: string;
  readonly resultKey: string;
  readonly order: string;
  readonly accession: string;
  readonly status: string;
  readonly patient: string;
  /** OBX-5 by OBX-3.1. */
  readonly values: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A laboratory in a temporary folder: sequencer folder, worklist folder, config, and a LIS. */
export async function createSite(
  options: { orders?: readonly string[]; behave?: (controlId: string) => Behaviour } = {},
) {
  const root = await mkdtemp(join(tmpdir(), 'raisingd-site-'));
  const incoming = join(root, 'incoming');
  const worklist = join(root, 'worklist');
  for (const folder of [incoming, worklist]) await mkdir(folder);
  const lis = createTestLis({
    journal: join(root, 'received.jsonl'),
    fsync: false,
    clock: systemClock,
    log: silentLog,
    ...(options.behave === undefined ? {} : { behave: options.behave }),
  });
  const { port } = await lis.listen();
  const log = createRecordLog();
  const running = new Set<Service>();
  const children = new Set<ChildProcess>();
  onTestFinished(async () => {
    for (const service of running) await service.stop();
    for (const child of children) child.kill('SIGKILL');
    await lis.close();
    await rm(root, { recursive: true, force: true });
  });

  const config = join(root, 'raisingd.yaml');
  const site = {
    root,
    incoming,
    config,
    log,
    port,
    lis,
    async configure(changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
      const settings = {
        dataDir: 'data',
        watch: { folders: ['incoming'], scanSeconds: 0.5, quietSeconds: 0.1 },
        ...(options.orders === undefined ? {} : { worklist: { folder: 'worklist', scanSeconds: 0.2 } }),
        lis: [
          { name: 'main', mllp: { host: '127.0.0.1', port }, retry: { firstSeconds: 0.2, maxSeconds: 0.5 } },
        ],
        ...changes,
      };
      await writeFile(config, stringify(settings));
    },
    async orders(rows: readonly string[]): Promise<void> {
      const draft = join(root, 'worklist.draft');
      await writeFile(draft, [HEADER, ...rows, ''].join('\n'));
      await rename(draft, join(worklist, 'orders.csv'));
    },
    /** Under its last name at once, as a finished copy appears. */
    async drop(name: string, bytes: Uint8Array): Promise<void> {
      await writeFile(join(root, 'draft'), bytes);
      await rename(join(root, 'draft'), join(incoming, name));
    },
    /** @param changes what is put in the place of the usual parts */
    start(changes: Partial<ServiceDeps> = {}): Service {
      const service = startService({
        loaded: site.loaded(),
        load: () => loadConfig(config),
        clock: systemClock,
        log,
        notify: createNotify({}, log),
        version: '0.0.0-test',
        ...changes,
      });
      if (service === null) throw new Error('the data folder is served already');
      running.add(service);
      return service;
    },
    loaded(): LoadedConfig {
      const loaded = loadConfig(config);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
      return loaded;
    },
    /** The service as its own process, as systemd runs it; `output` is where it logs. */
    spawn(output: 'pipe' | number = 'pipe'): ChildProcess {
      const args = ['--disable-warning=ExperimentalWarning', MAIN, 'run', '--config', config];
      const child = spawn(process.execPath, args, { stdio: ['ignore', output, 'pipe'] });
      children.add(child);
      child.stdout?.resume();
      child.stderr?.resume();
      return child;
    },
    async received(): Promise<Received[]> {
      return (await lis.messages()).map(({ bytes }) => toReceived(bytes));
    },
    /** Waits until the LIS has at least so many messages. */
    async receives(count: number): Promise<Received[]> {
      return until(async () => {
        const received = await site.received();
        if (received.length < count) throw new Error(`${received.length} of ${count} messages`);
        return received;
      });
    },
    /** Looks into the database beside the service. */
    look<T>(work: (store: Store) => T): T {
      const store = openStore(join(root, 'data', DATABASE_FILE), { access: 'read', now: new Date() });
      try {
        return work(store);
      } finally {
        store.close();
      }
    },
    /** Waits until a look into the database gives something. */
    async sees<T>(work: (store: Store) => T | null | undefined): Promise<T> {
      return until(() => {
        const seen = site.look(work);
        if (seen === null || seen === undefined) throw new Error('not yet');
        return seen;
      });
    },
    /** Waits until so many results are held; returns the reasons of each. */
    async holds(count: number): Promise<string[][]> {
      return site.sees((store) => {
        const held = store.results.held(100);
        return held.length < count
          ? null
          : held.map(({ version }) => version.reasons.map(({ code }) => code));
      });
    },
  };
  await site.configure();
  if (options.orders !== undefined) await site.orders(options.orders);
  return site;
}

function toReceived(bytes: Uint8Array): Received {
  const decoded = decode(bytes, 'UTF-8');
  if (!decoded.ok) throw new Error(decoded.detail);
  const reading = readMessage(decoded.text);
  if (!reading.ok) throw new Error(reading.detail);
  const one = (id: string) => segmentsOf(reading.message, id)[0];
  return {
    controlId: textAt(one('MSH'), 10),
    resultKey: textAt(one('OBR'), 3),
    order: textAt(one('OBR'), 2),
    accession: textAt(one('SPM'), 2),
    status: textAt(one('OBR'), 25),
    patient: textAt(one('PID'), 5),
    values: Object.fromEntries(
      segmentsOf(reading.message, 'OBX').map((obx) => [textAt(obx, 3), textAt(obx, 5)]),
    ),
    text: decoded.text,
  };
}
