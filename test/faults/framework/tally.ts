import type { Verdict } from '../checker/checker.ts';
import { expect, judgement, type Measured } from './case.ts';
import type { Site } from './site.ts';

/** What a case of kills at system calls has to reach, or it has failed. */
export interface Wanted {
  /** Kills in all. */
  readonly atLeast: number;
  /** Each of these was hit. */
  readonly stations: Iterable<string>;
  readonly note?: string;
}

type Judgement = ReturnType<typeof judgement>;

/** What many faults did, together. */
export function createTally() {
  const hits = new Map<string, number>();
  let [notReached, longest] = [0, 0];
  // The last verdict on each site tells of all that happened there.
  const verdicts = new Map<Site, Judgement>();
  const sum = (what: 'lost' | 'duplicated' | 'repeats'): number =>
    [...verdicts.values()].reduce((total, verdict) => total + verdict[what], 0);
  const tally = {
    /** A fault happened, at this station. */
    hit(station: string) {
      hits.set(station, (hits.get(station) ?? 0) + 1);
    },
    /** All stations with their hits, in words. */
    told: (): string => [...hits].map(([station, count]) => `${station} ${count}`).join(', '),
    hitsAt: (station: string): number => hits.get(station) ?? 0,
    notReached() {
      notReached += 1;
    },
    /** Everything has come to rest: the traces are all good and the LIS takes them all, so it has to have them all. */
    judged(site: Site, verdict: Verdict, seconds: number) {
      const { contents, places } = verdict;
      expect(places.acknowledged === contents, `all ${contents} are acknowledged: ${JSON.stringify(places)}`);
      tally.add(site, judgement(verdict), seconds);
    },
    /** The same where the case has seen by itself that everything is where it belongs. */
    add(site: Site, judged: Judgement, seconds: number) {
      verdicts.set(site, judged);
      longest = Math.max(longest, seconds);
    },
    measured(note = ''): Measured & { readonly injections: number } {
      const missed =
        notReached === 0 ? '' : `; ${notReached} points more were not reached and are not counted`;
      const repeats = sum('repeats');
      return {
        injections: [...hits.values()].reduce((total, count) => total + count, 0),
        ...{ lost: sum('lost'), duplicated: sum('duplicated'), repeats },
        recoveredSeconds: longest,
        note: `${note}${repeats} messages came twice with the same bytes${missed}`,
      };
    },
    /** The same where each hit was a kill -9 at a system call that strace confirmed. */
    kills({ atLeast, stations, note }: Wanted): Measured {
      const missing = [...new Set(stations)].filter((station) => tally.hitsAt(station) === 0);
      expect(missing.length === 0, `a kill at each station, also at ${missing.join(', ')}`);
      const measured = tally.measured(note);
      const kills = measured.injections;
      expect(kills >= atLeast, `at least ${atLeast} kills at system calls, not ${kills}`);
      return { ...measured, kills };
    },
  };
  return tally;
}

export type Tally = ReturnType<typeof createTally>;
