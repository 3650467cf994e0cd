/** Milliseconds of a monotonic clock: a file's own times and the wall clock may jump, and decide nothing. */
export type Instant = number;

export interface SettleRules {
  /** How long a file must stay the same before it is taken. */
  readonly quietMs: number;
  /** How long an unfinished file may stay the same before it is given up. */
  readonly giveUpMs: number;
}

/** What a file was at one look. */
export interface Content {
  readonly size: number;
  readonly mtimeNs: bigint;
  /** Null where the file was too large to read. */
  readonly sha256: string | null;
}

/** A file on its way: what it was at the last look, and since when it has been that. */
export interface Settling {
  readonly content: Content;
  readonly since: Instant;
}

export interface Wait {
  readonly kind: 'wait';
  readonly until: Instant;
}

/**
 * Judges one more look at a file. It has settled when size, time and content are those of an earlier look at
 * least `quietMs` ago. Content has to be compared because on shares the size can be final, and the time
 * unchanging, while parts of the file are still zeros.
 */
export function settle(
  before: Settling | null,
  content: Content,
  at: Instant,
  rules: SettleRules,
): { readonly settling: Settling; readonly verdict: Wait | { readonly kind: 'settled' } } {
  const settling = before !== null && sameContent(before.content, content) ? before : { content, since: at };
  const settled = settling === before && isRipe(before, at, rules);
  const until = settling.since + rules.quietMs;
  return { settling, verdict: settled ? { kind: 'settled' } : { kind: 'wait', until } };
}

/** Whether a file has settled that is still what it was at the last look. */
export function isRipe(before: Settling, at: Instant, rules: SettleRules): boolean {
  return at >= before.since + rules.quietMs;
}

/**
 * What to do with a settled file that is not finished: its directory is missing or it is empty. It is looked at
 * ever less often, as nothing but its content may tell when it goes on.
 */
export function outwait(
  settling: Settling,
  at: Instant,
  rules: SettleRules,
): Wait | { readonly kind: 'give-up' } {
  const quietFor = at - settling.since;
  if (quietFor >= rules.giveUpMs) return { kind: 'give-up' };
  const pause = Math.min(Math.max(quietFor / 2, rules.quietMs), Math.max(rules.giveUpMs / 10, rules.quietMs));
  return { kind: 'wait', until: Math.min(at + pause, settling.since + rules.giveUpMs) };
}

export function sameContent(a: Content, b: Content): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.sha256 === b.sha256;
}
