import { hash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { createBell } from '../platform/bell.ts';
import type { FolderState, FolderStatus } from './finding.ts';
import { baseName, fromText, toBytes, toText } from './path.ts';
import type { RawPath } from './path.ts';
import type { Pulse } from './pulse.ts';
import { errorCode, readWholeFile, stampOf } from './read-file.ts';
import { scanFolder } from './scan.ts';
import { createRounds } from './rounds.ts';
import { settle } from './settle.ts';
import type { Instant, SettleRules, Settling } from './settle.ts';

/** One finished file and what its bytes mean, or one that cannot be read. */
export interface Interpreted<T> {
  readonly name: string;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  readonly isAhead: boolean;
  readonly value: T;
}

export interface FileSetOptions<T> {
  readonly folder: string;
  readonly scanMs: number;
  readonly rules: SettleRules;
  readonly maxBytes: number;
  readonly matches: (name: RawPath) => boolean;
  readonly pulse: Pulse;
  readonly hangMs: number;
  readonly now: () => Instant;
  readonly interpret: (bytes: Uint8Array, name: string) => T;
  /** What a file means that is there and cannot be read. */
  readonly unread: T;
  /** Whether a file's time is still to come; the set is told again when it has come. */
  readonly isAhead: (mtimeNs: bigint) => boolean;
  /** The whole set, when the folder has been read for the first time and whenever a file came, changed or went. */
  readonly onChange: (files: readonly Interpreted<T>[]) => void;
  readonly complain: (path: string, detail: string) => void;
}

export interface FileSet {
  /** Runs until stopped; rejects only on a defect of the program. */
  run(): Promise<void>;
  stop(): void;
  rescan(): void;
  status(): FolderStatus;
}

interface Finished<T> {
  /** Null where it cannot be read. */
  readonly sha256: string | null;
  readonly mtimeNs: bigint;
  readonly isAhead: boolean;
  readonly value: T;
}

interface Member<T> {
  settling: Settling | null;
  /** What the file said when it was last finished; it stays so while the file is being changed. */
  finished: Finished<T> | null;
  refusal: string | null;
}

/**
 * Keeps the finished files of one folder (not of its subfolders), all of them together: for few and small files.
 * While the folder is not there, the last set stays.
 */
export function createFileSet<T>(options: FileSetOptions<T>): FileSet {
  const { folder, now, pulse, rules } = options;
  const bell = createBell();
  const members = new Map<RawPath, Member<T>>();
  const rounds = createRounds(now);
  const during = <U>(operation: Promise<U>): Promise<U> => rounds.during(pulse.during(operation));
  let stopped = false;
  let told = false;
  let state: FolderState = 'starting';
  let detail = '';
  let waiting = 0;

  async function run(): Promise<void> {
    while (!stopped) {
      await lookAround();
      const restMs = waiting > 0 ? rules.quietMs : options.scanMs;
      rounds.next(restMs);
      await bell.sleep(restMs);
    }
  }

  async function lookAround(): Promise<void> {
    const present: RawPath[] = [];
    const found = await scanFolder(fromText(folder), {
      matches: options.matches,
      recursive: false,
      onFile: (path) => present.push(path),
      during,
    });
    if (found.kind === 'unavailable') {
      [state, detail] = ['unavailable', found.detail];
      return;
    }
    let changed = forgetAllBut(new Set(present));
    waiting = 0;
    for (const path of present) {
      const outcome = await lookAt(path);
      if (outcome === 'changed') changed = true;
      if (outcome === 'waiting') waiting += 1;
    }
    [state, detail] = ['available', ''];
    if (!changed && (told || waiting > 0)) return;
    told = true;
    options.onChange([...members].flatMap(([path, { finished }]) => interpreted(path, finished)));
  }

  function forgetAllBut(present: ReadonlySet<RawPath>): boolean {
    let forgotten = false;
    for (const [path, member] of members) {
      if (present.has(path)) continue;
      members.delete(path);
      forgotten ||= member.finished !== null;
    }
    return forgotten;
  }

  async function lookAt(path: RawPath): Promise<'same' | 'changed' | 'waiting'> {
    const member = members.get(path) ?? { settling: null, finished: null, refusal: null };
    members.set(path, member);
    const read = await during(readWholeFile(toBytes(path), options.maxBytes));
    if (read.kind === 'gone' || read.kind === 'changing') return 'waiting';
    if (read.kind !== 'read') {
      const why = read.kind === 'unreadable' || read.kind === 'exhausted' ? `: ${read.code}` : '';
      const refusal = `is ${read.kind}${why} and is not read`;
      if (member.refusal !== refusal) options.complain(toText(path), refusal);
      member.refusal = refusal;
      if (read.kind === 'too-large') return finish(member, null, read.mtimeNs, () => options.unread);
      return read.kind === 'unreadable' ? giveUp(path, member) : 'same';
    }
    member.refusal = null;
    const { bytes, size, mtimeNs } = read;
    const sha256 = hash('sha256', bytes);
    const { settling, verdict } = settle(member.settling, { size, mtimeNs, sha256 }, now(), rules);
    member.settling = settling;
    const isNew = member.finished?.sha256 !== sha256 || member.finished.mtimeNs !== mtimeNs;
    if (isNew && verdict.kind === 'wait') return 'waiting';
    return finish(member, sha256, mtimeNs, () => options.interpret(bytes, toText(baseName(path))));
  }

  /** Where not even its time can be asked for it is the share that fails, and what the file said stays. */
  async function giveUp(path: RawPath, member: Member<T>): Promise<'same' | 'changed'> {
    try {
      const { mtimeNs } = stampOf(await during(lstat(toBytes(path), { bigint: true })));
      return finish(member, null, mtimeNs, () => options.unread);
    } catch (error) {
      errorCode(error);
      return 'same';
    }
  }

  function finish(
    member: Member<T>,
    sha256: string | null,
    mtimeNs: bigint,
    interpret: () => T,
  ): 'same' | 'changed' {
    const before = member.finished;
    const ahead = options.isAhead(mtimeNs);
    const isKnown = before?.sha256 === sha256 && before.mtimeNs === mtimeNs;
    if (isKnown && before.isAhead === ahead) return 'same';
    member.finished = { sha256, mtimeNs, isAhead: ahead, value: isKnown ? before.value : interpret() };
    return 'changed';
  }

  function interpreted(path: RawPath, finished: Member<T>['finished']): Interpreted<T>[] {
    if (finished === null) return [];
    const { mtimeNs, isAhead, value } = finished;
    return [{ name: toText(baseName(path)), mtimeNs, isAhead, value }];
  }

  return {
    run,
    stop() {
      stopped = true;
      bell.ring();
    },
    rescan: () => bell.ring(),
    status() {
      const stuckMs = pulse.stuckMs();
      const figures = {
        device: null,
        files: members.size,
        waiting,
        scanMs: null,
        overdueMs: rounds.overdueMs(),
      };
      if (stuckMs < options.hangMs) return { folder, state, detail, ...figures };
      const silence = `no answer for ${String(Math.round(stuckMs / 1000))} s`;
      return { folder, state: 'hanging', detail: silence, ...figures };
    },
  };
}
