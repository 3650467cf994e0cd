import type { Verdict } from '../checker/checker.ts';
import { expect, judgement, type Bench, type Measured } from '../framework/case.ts';
import type { StartOptions } from '../framework/daemon.ts';
import type { Site } from '../framework/site.ts';
import { until } from '../framework/wait.ts';

/** One moment at which the daemon is killed. */
export type KillPoint = (site: Site) => StartOptions;

/** So many data folders are worked on at once: while one daemon waits, the other works. */
const LANES = 2;
/** After so many kills in a row the daemon is left alone until everything is where it belongs. */
const CHAIN = 8;
/** New finished traces before each kill. */
export const TRACES_A_KILL = 2;

/** Deals items to the lanes, which work at the same time. */
export async function inLanes<T>(
  items: readonly T[],
  work: (mine: readonly T[]) => Promise<void>,
): Promise<void> {
  const lanes = Array.from({ length: LANES }, (_, lane) => items.filter((_item, at) => at % LANES === lane));
  await Promise.all(lanes.map((mine) => work(mine)));
}

/** What many kills did, together. */
export function createTally() {
  let [kills, notReached, longest] = [0, 0, 0];
  // The last verdict on each site tells of all that happened there.
  const verdicts = new Map<Site, ReturnType<typeof judgement>>();
  const sum = (what: 'lost' | 'duplicated' | 'repeats'): number =>
    [...verdicts.values()].reduce((total, verdict) => total + verdict[what], 0);
  return {
    killed() {
      kills += 1;
    },
    notReached() {
      notReached += 1;
    },
    judged(site: Site, verdict: Verdict, seconds: number) {
      verdicts.set(site, judgement(verdict));
      longest = Math.max(longest, seconds);
    },
    measured(note = ''): Measured {
      const missed =
        notReached === 0 ? '' : `; ${notReached} points more were not reached and are not counted`;
      const repeats = sum('repeats');
      return {
        ...{ injections: kills, lost: sum('lost'), duplicated: sum('duplicated'), repeats },
        recoveredSeconds: longest,
        note: `${note}${repeats} messages came twice with the same bytes${missed}`,
      };
    },
  };
}

export type Tally = ReturnType<typeof createTally>;

/**
 * Kills the daemon at every point. Each start is the recovery from the kill before it and is killed itself; the
 * checker judges after each kill, and after each chain of them once everything has come to rest.
 */
export async function killAtEach(
  bench: Bench,
  points: readonly KillPoint[],
  note?: string,
): Promise<Measured> {
  const tally = createTally();
  await inLanes(points, async (mine) => {
    const site = await bench.site();
    await site.recovered();
    for (let at = 0; at < mine.length; at += CHAIN) {
      for (const point of mine.slice(at, at + CHAIN)) await kill(bench, site, point, tally);
      await recover(site, tally);
    }
  });
  return tally.measured(note);
}

async function kill(bench: Bench, site: Site, point: KillPoint, tally: Tally): Promise<void> {
  site.drop(TRACES_A_KILL);
  const daemon = site.start(point(site));
  const isAtRest = (): boolean => {
    const { pending, places } = site.check();
    return pending.length === 0 && places.queued === 0;
  };
  await until(() => !daemon.isRunning() || isAtRest(), {
    signal: bench.signal,
    everyMs: 40,
    what: 'the daemon comes to the call at which it is killed, or past it',
  });
  const wasKilled = !daemon.isRunning();
  const { signal, code } = await daemon.kill(true);
  if (wasKilled && signal !== 'SIGKILL') throw new Error(`it ended by itself (${code}): ${daemon.stderr()}`);
  if (wasKilled) tally.killed();
  else tally.notReached();
  const { lost, duplicated } = site.check();
  if (lost.length + duplicated.length > 0) throw new Error([...lost, ...duplicated].join('; '));
}

/** Starts the daemon and leaves it alone until everything is where it belongs. */
export async function recover(site: Site, tally: Tally): Promise<void> {
  const began = performance.now();
  const verdict = await site.recovered();
  tally.judged(site, verdict, (performance.now() - began) / 1000);
  const { code, stdout } = await site.command('audit', 'verify');
  expect(code === 0, `the audit log is whole: ${stdout}`);
}
