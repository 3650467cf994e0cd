import type { RawPath } from './path.ts';
import type { Content, Instant, SettleRules, Settling } from './settle.ts';

/** A file is looked at when its events have paused for so long. */
const LULL_MS = 100;

interface Guest {
  /** When to look at it next; Infinity while somebody does. */
  due: Instant;
  settling: Settling | null;
  /** When the first event came that no look has followed yet. */
  hintedAt: Instant | null;
  /** For what it was last refused; null where it was not. */
  refusal: string | null;
}

/** Files on their way: seen, but not finished, or not yet looked at for long enough. */
export interface WaitingRoom {
  readonly size: number;
  /** Puts a file in, to be looked at now; changes nothing for one that is there. */
  arrive(path: RawPath, at: Instant): void;
  /** Something happened to the file: look when it pauses, but do not wait for that much longer than usual. */
  hint(path: RawPath, at: Instant): void;
  /** Has the file looked at now, whatever was planned. */
  hurry(path: RawPath, at: Instant): void;
  /** Up to `count` files whose time has come; those that may be finished by now first. */
  due(at: Instant, count: number): readonly RawPath[];
  nextDueAt(): Instant;
  /** Begins a look: hands out what the last one showed. */
  begin(path: RawPath): Settling | null;
  /** Ends a look that has to be followed by another. */
  again(path: RawPath, until: Instant, settling: Settling | null): void;
  /** Ends a look at a file that could not be read; true where that is news. */
  refuse(path: RawPath, until: Instant, why: string): boolean;
  /** Ends the last look, unless something happened to the file meanwhile. */
  leave(path: RawPath): void;
  /** Files that are not looked at before `at`, with what they were at the last look. */
  resting(at: Instant): readonly (readonly [RawPath, Content])[];
}

export function createWaitingRoom(rules: SettleRules): WaitingRoom {
  const guests = new Map<RawPath, Guest>();

  function guest(path: RawPath): Guest {
    let found = guests.get(path);
    if (found === undefined) {
      found = { due: Infinity, settling: null, hintedAt: null, refusal: null };
      guests.set(path, found);
    }
    return found;
  }

  return {
    get size() {
      return guests.size;
    },
    arrive(path, at) {
      if (!guests.has(path)) guest(path).due = at;
    },
    hint(path, at) {
      const file = guest(path);
      file.hintedAt ??= at;
      file.due = Math.min(at + LULL_MS, file.hintedAt + rules.quietMs);
    },
    hurry(path, at) {
      const file = guest(path);
      file.due = Math.min(file.due, at);
    },
    due(at, count) {
      const begun: RawPath[] = [];
      const fresh: RawPath[] = [];
      for (const [path, { due, settling }] of guests) {
        if (due <= at) (settling === null ? fresh : begun).push(path);
        if (begun.length === count) break;
      }
      return [...begun, ...fresh].slice(0, count);
    },
    nextDueAt() {
      let next = Infinity;
      for (const { due } of guests.values()) next = Math.min(next, due);
      return next;
    },
    begin(path) {
      const file = guest(path);
      file.due = Infinity;
      file.hintedAt = null;
      return file.settling;
    },
    again(path, until, settling) {
      const file = guest(path);
      file.settling = settling;
      file.refusal = null;
      // A hint that came during the look has set a time already.
      file.due = Math.min(file.due, until);
    },
    refuse(path, until, why) {
      const file = guest(path);
      const news = file.refusal !== why;
      file.settling = null;
      file.refusal = why;
      file.due = Math.min(file.due, until);
      return news;
    },
    leave(path) {
      const file = guest(path);
      if (file.due === Infinity) guests.delete(path);
      else file.settling = null;
    },
    resting(at) {
      const found: (readonly [RawPath, Content])[] = [];
      for (const [path, { due, settling }] of guests) {
        if (settling !== null && due !== Infinity && due > at) found.push([path, settling.content]);
      }
      return found;
    },
  };
}
