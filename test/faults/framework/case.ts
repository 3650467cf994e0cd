import type { Verdict } from '../checker/checker.ts';
import type { Ground } from './ground.ts';
import type { Site, SiteOptions } from './site.ts';
import type { Need } from './needs.ts';
import { words } from './wait.ts';

/** What a case measured. Any loss, any duplicate and anything thrown makes it fail. */
export interface Measured {
  /** How many faults really happened; a case that injected none has failed. Null: it is about no fault but a load. */
  readonly injections: number | null;
  /** Finished traces that are in none of: acknowledged, queued, held, rejected. Null: nothing was there to be lost. */
  readonly lost: number | null;
  /** Results that a LIS would show twice for one injection and one analysis version. Null: as above. */
  readonly duplicated: number | null;
  /** Of these, `kill -9` at a system call, as strace has confirmed it. A whole run has to come to so many of them. */
  readonly kills?: number;
  /** Of these, cuts of the power. A whole run has to come to so many of them, too. */
  readonly powerCuts?: number;
  /** The same bytes sent again: allowed, and counted. */
  readonly repeats?: number;
  /** The longest time from a fault's end until everything was where it belongs; null where nothing has to recover. */
  readonly recoveredSeconds: number | null;
  /** One line for the table: what was done and seen, in words. */
  readonly note: string;
}

/** What a case is handed. All that it makes through these is gone when it ends, also after Ctrl-C. */
export interface Bench extends Ground {
  /** A laboratory: watched folder, data folder, config, receiver; see framework/site.ts. */
  site(options?: SiteOptions): Promise<Site>;
  /** Uniform in [0, 1), the same for the same --seed and case. */
  random(): number;
  /** Whether the full numbers are asked for, by --long. */
  readonly long: boolean;
  /** One line of progress, under the case's name. */
  say(line: string): void;
}

/** One row of the fault matrix against the real daemon. */
export interface FaultCase {
  /** Unique, short, lower case: what the filter looks in and the table shows. */
  readonly name: string;
  /** What has to happen, in one sentence without a full stop. */
  readonly expected: string;
  /** What it needs of the machine; installed where that is possible, else the case is skipped with the reason. */
  readonly needs?: readonly Need[];
  /** The case fails when it takes longer; default 300. */
  readonly limitSeconds?: number;
  run(bench: Bench): Promise<Measured>;
}

/**
 * Thrown by a case that finds, before it begins, that it cannot run here: it counts as skipped, with this reason, never
 * as passed. What fails later on is a failure.
 */
export class Skip extends Error {
  override readonly name = 'Skip';
}

/** The first attempt at what not every machine lets one do: a failure of it is no fault of the service. */
export function orSkip<T>(what: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new Skip(`${what}: ${words(error)}`, { cause: error });
  }
}

/** Throws where an expectation is not met. */
export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`expected: ${what}`);
}

/** The part of a measurement that the checker decides; throws where it found what no case may leave behind. */
export function judgement(verdict: Verdict): Readonly<Record<'lost' | 'duplicated' | 'repeats', number>> {
  const { lost, pending, duplicated, problems, repeats } = verdict;
  if (problems.length > 0) throw new Error(problems.join('; '));
  const missing = [...lost, ...pending.map((name) => `${name}: nothing is known of it`)];
  if (missing.length + duplicated.length > 0)
    process.stderr.write(`${[...missing, ...duplicated].join('\n')}\n`);
  return { lost: missing.length, duplicated: duplicated.length, repeats };
}
