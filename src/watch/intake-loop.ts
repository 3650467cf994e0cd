import { lstat } from 'node:fs/promises';
import { createBell } from '../platform/bell.ts';
import type { Contents } from './contents.ts';
import type { Examine } from './examine.ts';
import type { Finding, FolderState, FolderStatus } from './finding.ts';
import { look } from './look.ts';
import type { LookTools } from './look.ts';
import { fromText, toBytes, toText } from './path.ts';
import type { RawPath } from './path.ts';
import type { Pulse } from './pulse.ts';
import { createRounds } from './rounds.ts';
import { errorCode, stampOf } from './read-file.ts';
import { scanFolder } from './scan.ts';
import type { Scanned } from './scan.ts';
import type { Instant } from './settle.ts';
import type { Stamp, TakenFiles } from './taken.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** Files looked at side by side: enough to overlap reading with hashing, few enough to leave threads free. */
const LANES = 3;
/** Files looked at before due ones are sorted anew. */
const LOOKS_A_ROUND = 256;
/** Taken files asked for a new size or time after each scan; the others have their turn after the next ones. */
const CHECKS_A_SCAN = 5000;
/** A scan rests for so many times its own length: full scans of a huge or slow share take a tenth of the time. */
const REST = 9;
/** Least pause before a scan that a hint asks for. */
const HINTED_SCAN_MS = 200;
/** Pause before a file that could not be read is tried again. */
const RETRY_MS = 5000;

export interface IntakeLoopOptions extends Omit<LookTools, 'examine' | 'isKnown'> {
  /** As in the config; absolute. */
  readonly folder: string;
  readonly scanMs: number;
  /** The file system it was on in the eyes of an earlier process; null where nobody has seen it. */
  readonly device: string | null;
  /** Whether a file is wanted, by the end of its name or path. */
  readonly matches: (path: RawPath) => boolean;
  readonly examine: Examine;
  readonly pulse: Pulse;
  /** After how long a silent file system counts as hanging, milliseconds. */
  readonly hangMs: number;
  readonly taken: TakenFiles;
  /** What was analysed so far; shared by all folders. */
  readonly contents: Contents;
  /** Resolves when there is room for more. */
  readonly emit: (finding: Finding) => Promise<void>;
  /** Something to tell an administrator; `path` is for people. */
  readonly complain: (path: string, detail: string) => void;
  /** Told after each scan what there is to listen to. */
  readonly onScanned: (scan: Scanned) => void;
}

export interface IntakeLoop {
  /** Runs until stopped; rejects only on a defect of the program. */
  run(): Promise<void>;
  stop(): void;
  /** Something happened to this path. Decides nothing: the file, or else the folder, is looked at soon. */
  hint(path: RawPath, renamed: boolean): void;
  rescan(): void;
  status(): FolderStatus;
}

/** Watches one folder: scans it, looks at what is new until it is finished, and emits it. */
export function createIntakeLoop(options: IntakeLoopOptions): IntakeLoop {
  const { folder, taken, contents, pulse, now, complain } = options;
  const root = fromText(folder);
  const room = createWaitingRoom(options.rules);
  const bell = createBell();
  const rounds = createRounds(now);
  const during = <T>(operation: Promise<T>): Promise<T> => rounds.during(pulse.during(operation));
  const tools: LookTools = {
    ...options,
    examine: (errand) => options.examine(errand, during),
    isKnown: (sha256) => contents.has(sha256),
  };
  let stopped = false;
  let nextScanAt: Instant = now();
  let { device } = options;
  let lastScan: (Scanned & { endedAt: Instant; tookMs: number; files: number }) | null = null;
  let state: FolderState = 'starting';
  let detail = '';
  let exhausted = false;

  async function run(): Promise<void> {
    while (!stopped) {
      if (now() >= nextScanAt) await scan();
      const available = state === 'available';
      if (available) await lookAt(room.due(now(), LOOKS_A_ROUND));
      const restMs = Math.max(0, Math.min(nextScanAt, available ? room.nextDueAt() : Infinity) - now());
      rounds.next(restMs);
      await bell.sleep(restMs);
    }
  }

  async function scan(): Promise<void> {
    // Whatever asks for a scan from here on gets another one.
    nextScanAt = Infinity;
    const startedAt = now();
    let files = 0;
    const onFile = (path: RawPath): void => {
      files += 1;
      if (!taken.see(path)) room.arrive(path, startedAt);
    };
    const found = await scanFolder(root, {
      matches: options.matches,
      recursive: true,
      during,
      onFile,
    });
    if (found.kind === 'unavailable') {
      nextScanAt = now() + options.scanMs;
      [state, detail] = ['unavailable', found.detail];
      return;
    }
    const deviceNow = String(found.identity.device);
    if (found.empty && device !== null && deviceNow !== device) {
      nextScanAt = now() + options.scanMs;
      [state, detail] = ['unavailable', 'is empty and on another file system than before: not mounted?'];
      return;
    }
    device = deviceNow;
    [state, detail] = ['available', ''];
    if (found.complete) taken.forgetUnseen();
    const told = new Map(lastScan?.oddities.map((oddity) => [oddity.path, oddity.detail]));
    for (const oddity of found.oddities) {
      if (told.get(oddity.path) !== oddity.detail) complain(toText(oddity.path), oddity.detail);
    }
    options.onScanned(found);
    await checkForChanges();
    const endedAt = now();
    const tookMs = endedAt - startedAt;
    lastScan = { ...found, endedAt, tookMs, files };
    nextScanAt = Math.min(nextScanAt, endedAt + Math.max(options.scanMs, REST * tookMs));
  }

  /** Finds files that were rewritten in place: no list of names tells. */
  async function checkForChanges(): Promise<void> {
    const expected: (readonly [RawPath, Stamp])[] = [...room.resting(now())];
    for (const path of taken.nextToCheck(CHECKS_A_SCAN)) {
      const stamp = taken.stampOf(path);
      if (stamp !== null) expected.push([path, stamp]);
    }
    await inLanes(expected, async ([path, stamp]) => {
      try {
        const found = stampOf(await during(lstat(toBytes(path), { bigint: true })));
        if (found.size !== stamp.size || found.mtimeNs !== stamp.mtimeNs) room.hurry(path, now());
      } catch (error) {
        // Gone or unreadable: the look or the next scan tells.
        errorCode(error);
      }
    });
  }

  async function lookAt(paths: readonly RawPath[]): Promise<void> {
    let spent = false;
    await inLanes(paths, async (path) => {
      const before = room.begin(path);
      if (spent) {
        room.again(path, now() + RETRY_MS, before);
        return;
      }
      const outcome = await look(path, before, tools);
      switch (outcome.kind) {
        case 'wait':
          room.again(path, outcome.until, outcome.settling);
          break;
        case 'refused':
          if (room.refuse(path, now() + RETRY_MS, outcome.detail)) complain(toText(path), outcome.detail);
          break;
        case 'exhausted':
          if (!exhausted) complain(folder, outcome.detail);
          [spent, exhausted] = [true, true];
          room.again(path, now() + RETRY_MS, before);
          break;
        case 'drop':
          room.leave(path);
          break;
        case 'take':
          taken.take(path, outcome.stamp);
          if (outcome.finding.kind === 'analysed') contents.add(outcome.finding.analysis.sha256);
          await rounds.during(options.emit(outcome.finding));
          room.leave(path);
          break;
      }
    });
    if (paths.length > 0) exhausted = spent;
  }

  /** Handles all items, a few at a time; stops early when the loop is stopped. */
  async function inLanes<T>(items: readonly T[], handle: (item: T) => Promise<void>): Promise<void> {
    const rest = items.values();
    const lane = async (): Promise<void> => {
      for (const item of rest) {
        if (stopped) return;
        await handle(item);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  return {
    run,
    stop() {
      stopped = true;
      bell.ring();
    },
    hint(path, renamed) {
      if (options.matches(path)) {
        room.hint(path, now());
      } else if (renamed) {
        const rested = lastScan === null ? 0 : lastScan.endedAt + REST * lastScan.tookMs;
        nextScanAt = Math.min(nextScanAt, Math.max(now() + HINTED_SCAN_MS, rested));
      }
      bell.ring();
    },
    rescan() {
      nextScanAt = now();
      bell.ring();
    },
    status() {
      const stuckMs = pulse.stuckMs();
      const figures = {
        device,
        files: lastScan?.files ?? 0,
        waiting: room.size,
        scanMs: lastScan?.tookMs ?? null,
        overdueMs: rounds.overdueMs(),
      };
      if (stuckMs < options.hangMs) return { folder, state, detail, ...figures };
      const silence = `no answer for ${String(Math.round(stuckMs / 1000))} s`;
      return { folder, state: 'hanging', detail: silence, ...figures };
    },
  };
}
