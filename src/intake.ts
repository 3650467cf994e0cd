import { isAhead } from './context/worklist-age.ts';
import { mergeWorklists } from './context/worklist-reading.ts';
import { parseWorklist, UNREAD_WORKLIST } from './context/worklist.ts';
import type { FromIntake, IntakeSettings, ToIntake } from './intake-protocol.ts';
import { createExaminer, type Examiner } from './examiner.ts';
import { systemClock } from './platform/clock.ts';
import { createBatches } from './watch/batches.ts';
import { createContents, type Contents } from './watch/contents.ts';
import { createFileSet } from './watch/file-set.ts';
import type { FileSet } from './watch/file-set.ts';
import type { Devices, Finding, Known } from './watch/finding.ts';
import { createHints } from './watch/hints.ts';
import { createIntakeLoop } from './watch/intake-loop.ts';
import { fromBytes, fromText, isInside } from './watch/path.ts';
import { createPulse } from './watch/pulse.ts';
import { endingMatcher } from './watch/scan.ts';
import { createTakenFiles } from './watch/taken.ts';

/**
 * The intake process: all that touches a watched folder, apart from the service, so that a share which hangs
 * stops nothing else. src/watch/intake-client.ts starts and replaces it. It writes nothing and keeps nothing:
 * it may be killed at any time.
 */

/** How long findings wait for the first reading of the worklists: without it all would be held for want of an order. */
const WORKLIST_PATIENCE_MS = 10_000;

const now = (): number => performance.now();

function tell(message: FromIntake): void {
  // Where the service is gone, 'disconnect' is on its way.
  process.send?.(message, undefined, {}, () => undefined);
}

function complain(path: string, detail: string): void {
  tell({ kind: 'complaint', path, detail });
}

function compose(settings: IntakeSettings, devices: Devices) {
  const contents = createContents();
  const examiner = createExaminer(settings);
  const batches = createBatches((findings) => tell({ kind: 'findings', findings }));
  const worklists = settings.worklist === undefined ? null : composeWorklists(settings, settings.worklist);
  const emit = async (finding: Finding): Promise<void> => {
    await worklists?.firstRead;
    await batches.push(finding);
  };
  const folders = settings.watch.folders.map((folder) =>
    composeFolder(folder, devices.get(folder) ?? null, settings, examiner, contents, emit),
  );
  const loops = [...(worklists === null ? [] : [worklists.set]), ...folders.map(({ loop }) => loop)];

  return {
    remember({ path, size, mtimeNs, sha256 }: Known): void {
      if (sha256 !== null) contents.add(sha256);
      const raw = fromBytes(path);
      folders.find(({ root }) => isInside(root, raw))?.taken.take(raw, { size, mtimeNs });
    },
    async run(): Promise<void> {
      const beat = (): void => tell({ kind: 'heartbeat', folders: loops.map((loop) => loop.status()) });
      const beating = setInterval(beat, settings.heartbeatMs);
      await Promise.all(loops.map((loop) => loop.run()));
      clearInterval(beating);
      examiner.close();
      await Promise.all(folders.map(({ hints }) => hints.close()));
      process.disconnect();
    },
    committed: () => batches.committed(),
    rescan: () => loops.forEach((loop) => loop.rescan()),
    stop: () => loops.forEach((loop) => loop.stop()),
  };
}

function composeFolder(
  folder: string,
  device: string | null,
  { watch, hangMs }: IntakeSettings,
  examiner: Examiner,
  contents: Contents,
  emit: (finding: Finding) => Promise<void>,
) {
  const taken = createTakenFiles();
  const loop = createIntakeLoop({
    folder,
    device,
    scanMs: 1000 * watch.scanSeconds,
    ...limits(watch),
    matches: endingMatcher(watch.extensions),
    examine: examiner.of(folder),
    taken,
    contents,
    emit,
    complain,
    onScanned: (scan) => hints.listen(scan),
    pulse: createPulse(now),
    hangMs,
    now,
  });
  const hints = createHints({
    polling: watch.polling,
    pollMs: Math.min(1000, 1000 * watch.scanSeconds),
    onHint: (path, renamed) => loop.hint(path, renamed),
    onTrouble: (detail) => complain(folder, detail),
  });
  return { root: fromText(folder), taken, loop, hints };
}

function composeWorklists(
  { watch, hangMs }: IntakeSettings,
  worklist: { readonly folder: string; readonly scanSeconds: number },
): { readonly set: FileSet; readonly firstRead: Promise<unknown> } {
  const read = Promise.withResolvers<undefined>();
  const set = createFileSet({
    folder: worklist.folder,
    scanMs: 1000 * worklist.scanSeconds,
    ...limits(watch),
    matches: endingMatcher(['.csv']),
    interpret: parseWorklist,
    unread: UNREAD_WORKLIST,
    isAhead: (mtimeNs) => isAhead(Number(mtimeNs / 1_000_000n), systemClock.now()),
    onChange(files) {
      const reading = mergeWorklists(files.map(({ value, ...file }) => ({ ...file, ...value })));
      tell({ kind: 'worklist', reading });
      read.resolve(undefined);
    },
    complain,
    pulse: createPulse(now),
    hangMs,
    now,
  });
  setTimeout(() => read.resolve(undefined), WORKLIST_PATIENCE_MS).unref();
  return { set, firstRead: read.promise };
}

function limits(watch: IntakeSettings['watch']) {
  return {
    rules: { quietMs: 1000 * watch.quietSeconds, giveUpMs: 60_000 * watch.giveUpMinutes },
    maxBytes: watch.maxFileMiB * 2 ** 20,
  };
}

let intake: ReturnType<typeof compose> | null = null;
process.on('message', (message: ToIntake) => {
  switch (message.kind) {
    case 'settings':
      intake = compose(message.settings, message.devices);
      break;
    case 'known':
      for (const file of message.files) intake?.remember(file);
      break;
    case 'go':
      // A rejection is a defect: it ends this process with its stack on stderr, and another is started.
      void intake?.run();
      break;
    case 'committed':
      intake?.committed();
      break;
    case 'rescan':
      intake?.rescan();
      break;
    case 'stop':
      intake?.stop();
      break;
  }
});
// Leaving the usual way would wait for threads that wait for a share.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C and systemd reach the whole group: the service decides when its intake ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
