import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { formatFault } from '../config/faults.ts';
import { loadConfig } from '../config/load.ts';
import type { DaemonEvent } from '../daemon.ts';
import type { Recorded } from '../pipeline.ts';
import { wordsFor } from '../language/language.ts';
import { padColumns } from '../language/width.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog } from '../platform/log.ts';
import { createNotify } from '../platform/notify.ts';
import { programVersion } from '../platform/version.ts';
import { startService } from '../service.ts';
import { createTestLis } from '../testlis/receiver.ts';
import { playSamples } from './sequencer.ts';
import { headerIn, lineOf } from './table.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
/** Between two pieces of a file, as the demo's sequencer writes it. */
const PIECE_MS = 15;
const LABEL_COLUMNS = 16;
/** How long `--once` waits for the last sample. */
const PATIENCE_MS = 60_000;

/**
 * Starts the service on embedded defaults with a test LIS, plays the samples and prints one line for each trace.
 * Without `once` it stays up until Ctrl-C.
 * @returns whether every sample was acknowledged, held or kept as a control
 */
export async function runDemo(once: boolean): Promise<boolean> {
  const folders = await prepareFolders();
  const log = createLog({ level: 'info', file: folders.log }, 'none');
  const lis = createTestLis({ journal: folders.journal, clock: systemClock, log });
  const { port } = await lis.listen();
  try {
    return await serve(folders, port, log, once);
  } finally {
    await lis.close();
  }
}

async function serve(
  folders: Folders,
  port: number,
  log: ReturnType<typeof createLog>,
  once: boolean,
): Promise<boolean> {
  await writeFile(folders.config, stringify(demoConfig(port)));
  const loaded = loadConfig(folders.config);
  if (!loaded.ok) throw new Error(loaded.faults.map(formatFault).join('\n'));

  const names = (await readdir(SAMPLES)).filter((name) => name.endsWith('.ab1'));
  const words = wordsFor('auto', process.env);
  const settled = new Set<string>();
  const waiting = new Map<string, Recorded>();
  const everySample = Promise.withResolvers<boolean>();
  const print = (recorded: Recorded, answer: Parameters<typeof lineOf>[1]): void => {
    process.stdout.write(`${lineOf(recorded, answer, words)}\n`);
    settled.add(recorded.file);
    if (names.every((name) => settled.has(name))) everySample.resolve(true);
  };
  const onEvent = (event: DaemonEvent): void => {
    if (event.kind === 'recorded') {
      const [message] = event.recorded.messages;
      if (message === undefined) print(event.recorded, null);
      else waiting.set(message.controlId, event.recorded);
    } else if (event.event.kind === 'delivered' || event.event.kind === 'held') {
      const recorded = waiting.get(event.event.controlId);
      if (recorded !== undefined) print(recorded, event.event);
    }
  };

  const notify = createNotify({}, log);
  const load = (): ReturnType<typeof loadConfig> => loadConfig(folders.config);
  const service = startService({
    loaded,
    load,
    clock: systemClock,
    log,
    notify,
    version: programVersion(),
    onEvent,
  });
  if (service === null) throw new Error(`${loaded.config.dataDir} is served by another process`);
  process.stdout.write(
    [
      words.demo.title(programVersion()),
      padColumns(words.demo.folder, LABEL_COLUMNS) + folders.incoming,
      padColumns(words.demo.lis, LABEL_COLUMNS) + words.demo.received(`127.0.0.1:${port}`, folders.journal),
      padColumns(words.demo.log, LABEL_COLUMNS) + folders.log,
      '',
      headerIn(words),
      '',
    ].join('\n'),
  );

  const leaving = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leaving.abort());
  const left = new Promise<'left'>((resolve) =>
    leaving.signal.addEventListener('abort', () => resolve('left')),
  );
  const failed = service.ended.then((failure) => {
    if (failure !== null) throw new Error(`the service ended; ${folders.log} says why`, { cause: failure });
    return 'left' as const;
  });
  try {
    await Promise.race([playSamples(SAMPLES, folders.incoming, PIECE_MS, leaving.signal), failed]);
    if (once)
      return await Promise.race([
        everySample.promise,
        tooLate(),
        left.then(() => false),
        failed.then(() => false),
      ]);
    const outcome = await Promise.race([everySample.promise, left, failed]);
    if (outcome !== 'left') {
      process.stdout.write(
        `\nAll samples are through. Copy another .ab1 into the watched folder, or press Ctrl-C.\n`,
      );
      await Promise.race([left, failed]);
    }
    return true;
  } finally {
    await service.stop();
  }
}

function tooLate(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => {
      process.stderr.write(`raisingd: not every sample was through within ${PATIENCE_MS / 1000} s\n`);
      resolve(false);
    }, PATIENCE_MS).unref();
  });
}

interface Folders {
  readonly incoming: string;
  readonly config: string;
  readonly journal: string;
  readonly log: string;
}

/** A new folder for each run, where the user is: an earlier run's files are somebody's, and its traces are known. */
async function prepareFolders(): Promise<Folders> {
  const started = systemClock.now().toISOString().replace(/\D/g, '').slice(0, 14);
  const run = resolve('.raisingd', `demo-${started}-${process.pid}`);
  const incoming = join(run, 'incoming');
  const worklist = join(run, 'worklist');
  for (const folder of [incoming, worklist]) await mkdir(folder, { recursive: true });
  await copyFile(join(SAMPLES, 'worklist.csv'), join(worklist, 'worklist.csv'));
  return {
    incoming,
    config: join(run, 'raisingd.yaml'),
    journal: join(run, 'received.jsonl'),
    log: join(run, 'raisingd.log'),
  };
}

function demoConfig(port: number): object {
  return {
    dataDir: 'data',
    site: { facility: 'DEMO' },
    watch: { folders: ['incoming'], scanSeconds: 1, quietSeconds: 0.5 },
    worklist: { folder: 'worklist', scanSeconds: 1 },
    lis: [{ name: 'test-lis', mllp: { host: '127.0.0.1', port }, message: { processingId: 'T' } }],
  };
}
