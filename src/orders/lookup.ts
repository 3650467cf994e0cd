import type { Context } from '../context/context.ts';
import { retryDelay } from '../outbox/retry.ts';
import { createBell } from '../platform/bell.ts';
import type { Log } from '../platform/log.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Answer } from './ask.ts';

export interface LookupDeps {
  readonly ask: (accession: string) => Promise<Answer>;
  /** Keeps what was said and looks again at the results that it changes. */
  readonly keep: (statements: Extract<Answer, { kind: 'answered' }>['statements']) => Promise<void>;
  /** What is known now. */
  readonly find: (accession: string) => Context | null;
  readonly cacheMs: number;
  /** For how long an accession that lacks something is asked about. */
  readonly patienceMs: number;
  readonly stopping: AbortSignal;
  readonly log: Log;
  readonly alerts: Alerts;
}

/** Asks a server in the background; nothing waits for it. */
export interface Lookup {
  /** A result is being decided on this. Asks, where something is lacking that was not asked for lately. Never waits. */
  consider(accession: string, known: Context | null): void;
  /** Runs until stopped; rejects only where the store fails. */
  run(): Promise<void>;
}

const RETRY = { firstSeconds: 5, maxSeconds: 300, rejections: 1 };
const LONGEST_SLEEP_MS = 60_000;

interface Wanted {
  /** When it is asked about next, or forgotten; on the clock of performance.now(). */
  dueAt: number;
  readonly since: number;
  /** Nothing is lacking any more, or it was asked about for long enough. */
  enough: boolean;
}

export function createLookup(deps: LookupDeps): Lookup {
  const { ask, keep, find, cacheMs, patienceMs, stopping, log, alerts } = deps;
  const bell = createBell();
  const wanted = new Map<string, Wanted>();
  let failures = 0;
  let pausedUntil = 0;

  const nextDue = (now: number): string | null => {
    for (const [accession, { dueAt, enough }] of wanted) {
      if (dueAt > now) continue;
      if (!enough) return now < pausedUntil ? null : accession;
      wanted.delete(accession);
    }
    return null;
  };

  const sleep = async (now: number): Promise<void> => {
    let next = now + LONGEST_SLEEP_MS;
    for (const { dueAt } of wanted.values()) next = Math.min(next, Math.max(dueAt, pausedUntil));
    await bell.sleep(Math.max(1, next - now));
  };

  const askAbout = async (accession: string): Promise<void> => {
    const answer = await ask(accession);
    const entry = wanted.get(accession);
    if (stopping.aborted || entry === undefined) return;
    const now = performance.now();
    if (answer.kind === 'failed') {
      failures += 1;
      pausedUntil = now + retryDelay(failures, RETRY);
      log.info('A look-up failed', { problem: answer.problem, failures });
      alerts.raise('lookup', `Look-ups fail (${answer.problem}); results that need none go on`);
      // Last in the row: one accession that a server stumbles over must not keep the others waiting.
      wanted.delete(accession);
      wanted.set(accession, entry);
      return;
    }
    failures = 0;
    alerts.clear('lookup', 'Look-ups work again');
    if (answer.problem !== null)
      log.warn('A look-up gave nothing that is clear', { problem: answer.problem });
    entry.dueAt = now + cacheMs;
    await keep(answer.statements);
    entry.enough = !lacks(find(accession)) || now - entry.since > patienceMs;
  };

  return {
    consider(accession, known) {
      if (wanted.has(accession) || !lacks(known)) return;
      const now = performance.now();
      wanted.set(accession, { dueAt: now, since: now, enough: false });
      bell.ring();
    },
    async run() {
      stopping.addEventListener('abort', () => bell.ring());
      while (!stopping.aborted) {
        const now = performance.now();
        const accession = nextDue(now);
        if (accession === null) await sleep(now);
        else await askAbout(accession);
      }
    },
  };
}

/** Whether a server could add something that the result needs. sIL-2R is needed for smoldering ATL alone. */
function lacks(known: Context | null): boolean {
  if (known?.patient == null || known.category === 'unknown') return true;
  return known.category === 'smoldering' && known.sil2r === null;
}
