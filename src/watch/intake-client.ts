import { setTimeout as pause } from 'node:timers/promises';
import type { FromIntake, IntakeSettings, WorklistReading } from '../intake-protocol.ts';
import type { Log } from '../platform/log.ts';
import { errorIn } from '../platform/stderr.ts';
import { isIntakeAlive } from './alive.ts';
import { worstOfEach } from './folder-states.ts';
import type { Finding, FolderState, FolderStatus, Known } from './finding.ts';
import { launchIntake } from './intake-launch.ts';
import type { IntakeProcess } from './intake-launch.ts';

export interface IntakeOptions {
  readonly settings: IntakeSettings;
  /** Kept up to date here, and handed on to the next intake process. */
  readonly devices: Map<string, string>;
  /** What was taken before. Asked for whenever a process starts, and read as fast as that one takes it. */
  readonly ledger: () => Iterable<Known>;
  /** Records a batch; the next one comes when it is done. Whatever it throws is fatal. */
  readonly onFindings: (findings: readonly Finding[]) => Promise<void> | void;
  readonly onWorklist: (reading: WorklistReading) => void;
  /** A folder came, went, hangs or answers again. */
  readonly onFolder: (status: FolderStatus) => void;
  /** Something in a folder that will not be read; told once by each process for each path and problem. */
  readonly onComplaint: (path: string, detail: string) => void;
  /** A handler failed: what was found could not be recorded. The intake has stopped. */
  readonly onFatal: (error: unknown) => void;
  readonly log: Log;
}

export interface IntakeState {
  /** Process id; null while there is none. */
  readonly pid: number | null;
  /** How many processes had to be replaced. */
  readonly replaced: number;
  /** Milliseconds since the process was last heard, or since it was started. */
  readonly silentMs: number;
  /** As last heard. */
  readonly folders: readonly FolderStatus[];
}

export interface Intake {
  start(): void;
  /** Ends the process, by force after `timeoutMs`, and waits as long for a batch that is being recorded. */
  stop(timeoutMs: number): Promise<void>;
  state(): IntakeState;
  /** Whether scanning, scoring and recording go on, as far as that lies with this program. */
  isAlive(): boolean;
  /** Scans every folder now. */
  rescan(): void;
}

const KNOWN_A_MESSAGE = 1000;
/** Pause before a process is replaced; doubled each time, and short again once one has lived for a while. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const LIVED_MS = 60_000;
/** A folder that goes on hanging costs a process each time the patience is over; it doubles up to so many times. */
const MOST_PATIENCE = 32;
/** Killed processes that may linger, waiting for a dead share, before no more are started until one is gone. */
const MOST_LINGERING = 2;
const KILL_MS = 500;

/**
 * Keeps one intake process running and hands on what it finds. It is replaced when it ends, when it is not heard
 * for `hangMs`, and when a folder of it goes on hanging: calls into a share that has been mounted anew since may
 * never return. A process that cannot die stops neither this one nor its successor.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { settings, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = (): boolean => signal.aborted;
  const lingering = new Set<IntakeProcess>();
  let current: IntakeProcess | null = null;
  let heardAt = performance.now();
  let answeredAt = heardAt;
  let recordingSince: number | null = null;
  let replaced = 0;
  let folders: readonly FolderStatus[] = [];
  let patience = 1;
  const told = new Map<string, FolderState>();
  /** Batches are recorded one after another, also those of a process that has ended meanwhile. */
  let recording = Promise.resolve();

  async function keepRunning(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!isStopping()) {
      // What was found is known to the next process only once it is recorded.
      await recording;
      const startedAt = performance.now();
      const child = launch();
      const end = await untilOver(child);
      current = null;
      if (isStopping()) return;
      replaced += 1;
      const error = errorIn(end.stderr);
      log.error('the intake process is replaced', { pid: child.pid, why: end.why, error });
      if (end.lingers) {
        patience = Math.min(2 * patience, MOST_PATIENCE);
        lingering.add(child);
        void child.ended.then(() => lingering.delete(child));
        child.kill();
      }
      await pause(pauseMs, undefined, { signal });
      const lived = performance.now() - startedAt > LIVED_MS;
      pauseMs = lived ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      if (lingering.size >= MOST_LINGERING) await Promise.race([...lingering].map(({ ended }) => ended));
    }
  }

  function launch(): IntakeProcess {
    const count = settings.watch.folders.length + (settings.worklist === undefined ? 0 : 1);
    const child = launchIntake(count, (message) => {
      if (child !== current || isStopping()) return;
      try {
        receive(child, message);
      } catch (error) {
        fail(error);
      }
    });
    current = child;
    heardAt = performance.now();
    child.send({ kind: 'settings', settings, devices: options.devices });
    teach(child).catch(fail);
    return child;
  }

  /** Tells a new process what was taken before. Years of files must hold up nothing else, nor pile up on their way. */
  async function teach(child: IntakeProcess): Promise<void> {
    for (const files of chunks(options.ledger())) {
      if (child !== current || isStopping()) return;
      await child.sent({ kind: 'known', files });
      heardAt = answeredAt = performance.now();
    }
    child.send({ kind: 'go' });
  }

  function receive(child: IntakeProcess, message: FromIntake): void {
    heardAt = answeredAt = performance.now();
    switch (message.kind) {
      case 'findings':
        recording = recording.then(async () => {
          if (isStopping()) return;
          recordingSince = performance.now();
          try {
            await options.onFindings(message.findings);
            child.send({ kind: 'committed' });
          } catch (error) {
            fail(error);
          }
          recordingSince = null;
        });
        break;
      case 'worklist':
        options.onWorklist(message.reading);
        break;
      case 'complaint':
        options.onComplaint(message.path, message.detail);
        break;
      case 'heartbeat':
        learn(message.folders);
        break;
    }
  }

  function learn(statuses: readonly FolderStatus[]): void {
    folders = statuses;
    for (const { folder, device } of folders) if (device !== null) options.devices.set(folder, device);
    if (folders.every(({ state }) => state === 'available')) patience = 1;
    for (const status of worstOfEach(folders)) {
      const { folder, state } = status;
      if (state === 'starting' || told.get(folder) === state) continue;
      told.set(folder, state);
      options.onFolder(status);
    }
  }

  /** Waits until the process has ended, or until it has to be. */
  async function untilOver(child: IntakeProcess): Promise<{ why: string; stderr: string; lingers: boolean }> {
    const { promise: hopeless, resolve: giveUp } = Promise.withResolvers<string>();
    let hangingSince: number | null = null;
    const check = (): void => {
      const at = performance.now();
      const silentMs = at - heardAt;
      if (silentMs >= settings.hangMs) {
        const detail = 'the intake process does not answer';
        learn(folders.map((status) => ({ ...status, state: 'hanging', detail })));
      }
      const hanging = folders.filter(({ state }) => state === 'hanging').map(({ folder }) => folder);
      hangingSince = hanging.length === 0 ? null : (hangingSince ?? at);
      const patienceMs = patience * settings.hangMs;
      if (silentMs >= patienceMs) giveUp(`it was not heard for ${String(Math.round(silentMs / 1000))} s`);
      else if (hangingSince !== null && at - hangingSince >= patienceMs) {
        giveUp(`${hanging.join(', ')} goes on hanging`);
      }
      const forgotten = folders.find(({ overdueMs }) => overdueMs >= patienceMs);
      if (forgotten !== undefined) giveUp(`${forgotten.folder} is not looked at any more`);
    };
    // Where this process itself was busy, what has arrived meanwhile is read first.
    // Unreferenced: after a stop it must not keep this process up for as long as a dead share keeps that one.
    const checking = setInterval(() => setImmediate(check), settings.heartbeatMs).unref();
    const end = await Promise.race([
      child.ended.then(({ how, stderr }) => ({ why: `it ended: ${how}`, stderr, lingers: false })),
      hopeless.then((why) => ({ why, stderr: '', lingers: true })),
    ]);
    clearInterval(checking);
    return end;
  }

  function fail(error: unknown): void {
    if (isStopping()) return;
    stopping.abort();
    current?.kill();
    options.onFatal(error);
  }

  return {
    start() {
      keepRunning().catch(fail);
    },
    async stop(timeoutMs) {
      stopping.abort();
      const child = current;
      child?.send({ kind: 'stop' });
      await within(timeoutMs, Promise.all([child?.ended, recording]));
      child?.kill();
      await within(KILL_MS, child?.ended);
      for (const process of [child, ...lingering]) process?.abandon();
    },
    state: () => ({
      pid: current?.pid ?? null,
      replaced,
      silentMs: performance.now() - heardAt,
      folders,
    }),
    isAlive: () =>
      isIntakeAlive({ recordingSince, answeredAt, lingering: lingering.size, folders }, performance.now()),
    rescan: () => current?.send({ kind: 'rescan' }),
  };
}

function* chunks(known: Iterable<Known>): Generator<readonly Known[]> {
  let chunk: Known[] = [];
  for (const file of known) {
    chunk.push(file);
    if (chunk.length < KNOWN_A_MESSAGE) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

/** Waits for a promise, but not for long. */
async function within(ms: number, promise: Promise<unknown> | undefined): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  await Promise.race([promise, over]);
  clearTimeout(timer);
}
