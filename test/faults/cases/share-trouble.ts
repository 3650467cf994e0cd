import { alarms } from '../framework/alarms.ts';
import { expect, judgement, type FaultCase } from '../framework/case.ts';
import { mountShare, type Mood } from '../framework/share.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';
import { siteOn } from './share.ts';

/** One way in which a share misbehaves for some seconds. */
interface Trouble {
  readonly mood: Mood;
  /** Whether nothing that arrives meanwhile may be believed; else it may be scored through the trouble. */
  readonly isUnusable: boolean;
  /** Whether an alarm has to say that the folder is away. */
  readonly isTold: boolean;
}

const ERRORS: readonly Trouble[] = [
  { mood: 'EIO', isUnusable: true, isTold: true },
  { mood: 'ESTALE', isUnusable: true, isTold: true },
  { mood: 'flaky EIO 3', isUnusable: false, isTold: false },
  { mood: 'slow 100', isUnusable: false, isTold: false },
];

/** To whom the share is what it says: no error, so that there is nothing to tell of. */
const LIES: readonly Trouble[] = [
  { mood: 'half', isUnusable: true, isTold: false },
  { mood: 'double', isUnusable: true, isTold: false },
  { mood: 'zeros', isUnusable: true, isTold: false },
];

const ARRIVING = 4;
/** How long each lasts and how many calls it has to meet: what is believed of a lie would have been taken by then. */
const [LASTS_SECONDS, CALLS] = [4, 10];

/** The share does to each call as the mood says, while traces arrive; nothing may be rejected, and then all is well. */
function trouble(troubles: readonly Trouble[]): FaultCase['run'] {
  return async (bench) => {
    const share = await mountShare(bench);
    const site = await siteOn(share, bench);
    const daemon = site.start();
    await daemon.ready();
    site.drop(3);
    await site.settled();
    const folder = `folder:${share.mount}`;
    let longest = 0;
    for (const { mood, isUnusable, isTold } of troubles) {
      const before = daemon.log.length;
      const { acknowledged: known } = site.check().places;
      share.be(mood);
      site.drop(ARRIVING);
      const over = performance.now() + 1000 * LASTS_SECONDS;
      await until(() => performance.now() > over && share.treated(mood) >= CALLS, {
        signal: bench.signal,
        what: `${mood}: ${CALLS} calls are treated so`,
      });
      if (isTold)
        await until(() => alarms(daemon, folder, 'raised', before) > 0, {
          signal: bench.signal,
          what: `${mood}: an alarm tells`,
        });
      const { places, rejections } = site.check();
      expect(rejections === 0, `nothing is rejected for ${mood}`);
      expect(
        !isUnusable || places.pending === ARRIVING,
        `${mood}: nothing is taken that cannot be believed: ${JSON.stringify(places)}`,
      );
      share.be('ok');
      const began = performance.now();
      // After a slow scan it rests for nine times as long.
      const verdict = await site.settled(120);
      longest = Math.max(longest, seconds(began));
      // The next trouble raises an alarm only where this one is over.
      if (isTold)
        await until(() => alarms(daemon, folder, 'cleared', before) > 0, {
          signal: bench.signal,
          what: `${mood}: the alarm is cleared`,
        });
      expect(
        verdict.places.acknowledged === known + ARRIVING,
        `${mood}: all is scored: ${JSON.stringify(verdict.places)}`,
      );
    }
    const told = troubles.filter(({ isTold }) => isTold).map(({ mood }) => mood);
    const counted = troubles.map(({ mood }) => `${mood} (${share.treated(mood)} calls)`);
    return {
      injections: troubles.length,
      ...judgement(site.check({ whole: true })),
      recoveredSeconds: longest,
      note:
        `${counted.join(', ')}, for ${LASTS_SECONDS} s each, while four traces arrived` +
        (told.length === 0
          ? '; none of them was taken before it was over'
          : `; ${told.join(' and ')} with an alarm`),
    };
  };
}

export const shareTroubleCases: readonly FaultCase[] = [
  {
    name: 'share: errors',
    expected: 'nothing is rejected for an error of the share, and all is scored once it is over',
    needs: ['root', 'mount'],
    limitSeconds: 600,
    run: trouble(ERRORS),
  },
  {
    name: 'share: lies about files',
    expected: 'no half-true file is scored or rejected, and all is scored once the truth is told',
    needs: ['root', 'mount'],
    run: trouble(LIES),
  },
];
