import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { createBlockDevice, type BlockDevice } from '../framework/block-device.ts';
import type { Daemon } from '../framework/daemon.ts';
import { mainDestination } from '../framework/destination.ts';
import { wellBehaved, type Exchange } from '../framework/receiver.ts';
import type { Site } from '../framework/site.ts';
import { createTally } from '../framework/tally.ts';
import { expectWholeFiles } from '../framework/whole-files.ts';
import { until } from '../framework/wait.ts';
import { inLanes, recover } from './kill-chain.ts';

const CUTS = 112;
/** After so many cuts everything has to come to rest; then another installation begins, on an empty folder. */
const CHAIN = 5;
const TRACES = 6;
/** Within so many milliseconds after a message its delivery is noted, with those of its neighbours. */
const NOTED_MS = 150;
const RETRY = { firstSeconds: 0.1, maxSeconds: 0.5 };

/** How long things usually take on this machine, in milliseconds. */
interface Pace {
  /** From the start to when the service runs. */
  readonly start: number;
  /** From when traces come to when all of them are delivered. */
  readonly work: number;
}

/** One life of a daemon, which a power cut ends. */
interface Life {
  readonly bench: Bench;
  readonly site: Site;
  readonly pace: Pace;
  /** Waits until the service runs and lets traces come; ends earlier where the power is cut before. */
  begin(): Promise<void>;
  cut(): void;
}

type Moment = (life: Life) => Promise<void>;

/** Cuts when some message of this start is at a point of its exchange. */
const atMessage =
  (act: (exchange: Exchange, cut: () => void) => void): Moment =>
  async ({ bench, site, begin, cut }) => {
    const which = Math.floor(bench.random() * TRACES);
    let seen = 0;
    site.lis.behave((exchange) => {
      if (seen++ < which) void wellBehaved(exchange);
      else if (seen === which + 1) act(exchange, cut);
    });
    await begin();
    await until(() => seen > which, {
      signal: bench.signal,
      everyMs: 5,
      what: 'the message comes at which the power is cut',
    });
  };

const MOMENTS: Readonly<Record<string, Moment>> = {
  'while it worked': async ({ bench, pace, begin, cut }) => {
    await begin();
    await pause(pace.work * bench.random());
    cut();
  },
  'stored and not acknowledged': atMessage((exchange, cut) => {
    exchange.commit();
    cut();
  }),
  'after the first message': async ({ bench, site, begin, cut }) => {
    const before = site.lis.received();
    await begin();
    await until(() => site.lis.received() > before, {
      signal: bench.signal,
      everyMs: 1,
      what: 'the first message comes',
    });
    await pause(NOTED_MS * bench.random());
    cut();
  },
  'acknowledged just now': atMessage((exchange, cut) => {
    exchange.commit();
    exchange.answer();
    setImmediate(cut);
  }),
  'a message came': atMessage((_exchange, cut) => {
    cut();
  }),
  'while it started': async ({ bench, site, pace, cut }) => {
    site.drop(TRACES);
    await pause(pace.start * bench.random());
    cut();
  },
};

/** The data folder, the backups and a file destination on a disk of its own; LIS and sequencer have other power. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const cuts = Array.from({ length: CUTS }, (_, cut) => cut);
  const [moments, whole] = [Object.entries(MOMENTS), { messages: 0, backups: 0, torn: 0 }];
  let inFlight = 0;
  await inLanes(cuts, async (mine) => {
    const disk = createBlockDevice(bench);
    const pace = await paceOf(bench, disk);
    for (let at = 0; at < mine.length; at += CHAIN) {
      const { site, ward } = await siteOn(bench, disk, `${at}`);
      for (const cut of mine.slice(at, at + CHAIN)) {
        const [name, moment] = moments[(cut >> 1) % moments.length] ?? [];
        if (name === undefined || moment === undefined) continue;
        const daemon = await cutDuring(moment, { bench, site, pace }, disk);
        tally.hit(name);
        const verdict = site.check({ whole: true });
        const { lost, duplicated } = judgement({ ...verdict, pending: [] });
        expect(lost + duplicated === 0, 'what was committed is there when the power is back');
        const isOpen = verdict.pending.length + verdict.places.queued > 0;
        if (runs(daemon) && isOpen) inFlight += 1;
        const files = expectWholeFiles(site, 'ward', ward);
        whole.messages += files.messages;
        whole.backups += files.backups;
        whole.torn += files.torn;
      }
      await recover(site, tally);
      // The disk is small; a backup may still be at its end.
      for (const folder of [site.dataDir, ward]) rmSync(folder, { recursive: true, maxRetries: 5 });
    }
  });
  const measured = tally.measured(
    `${tally.told()}; at ${inFlight} of the cuts the service ran with work in flight; ` +
      `${whole.messages} message files and ${whole.backups} backups were found whole after them, ` +
      `${whole.torn} notes that are not synced (state.json, witness) were torn and did not matter; `,
  );
  expect(2 * inFlight >= CUTS, `work is in flight at half of the cuts at least, not at ${inFlight}`);
  expect(whole.messages > 0 && whole.backups > 0, 'message files and backups were there to be looked at');
  return { ...measured, powerCuts: measured.injections };
}

const runs = ({ log }: Daemon): boolean => log.some(({ message }) => message === 'The service runs');

/** A site whose results also go into files, with a backup each second. */
async function siteOn(
  bench: Bench,
  disk: BlockDevice,
  name: string,
): Promise<{ readonly site: Site; readonly ward: string }> {
  const site = await bench.site({ dataDir: join(disk.folder, `data-${name}`) });
  const ward = disk.makeFolder(`ward-${name}`);
  site.configure({
    lis: [mainDestination(site.lis), { name: 'ward', file: { folder: ward }, retry: RETRY }],
    upkeep: { backup: { cron: '* * * * * *', keep: 3 } },
  });
  return { site, ward };
}

/** Plays a start and some traces without a cut. */
async function paceOf(bench: Bench, disk: BlockDevice): Promise<Pace> {
  const { site } = await siteOn(bench, disk, 'pace');
  const began = performance.now();
  const daemon = site.start();
  await daemon.ready();
  const start = performance.now() - began;
  site.drop(TRACES);
  await site.settled();
  const work = performance.now() - began - start;
  await daemon.stop();
  return { start, work };
}

async function cutDuring(
  moment: Moment,
  where: Pick<Life, 'bench' | 'site' | 'pace'>,
  disk: BlockDevice,
): Promise<Daemon> {
  const { bench, site } = where;
  const daemon = site.start();
  const power = Promise.withResolvers<null>();
  let isCut = false;
  const cut = (): void => {
    if (isCut) return;
    isCut = true;
    disk.cut();
    power.resolve(null);
  };
  const begin = async (): Promise<void> => {
    await Promise.race([daemon.ready(), power.promise]);
    if (!isCut) site.drop(TRACES);
  };
  // A daemon that is still starting when its disk goes away is as good a moment as any.
  const died = daemon.ended.then(() => {
    if (isCut) return;
    const said = JSON.stringify(daemon.log.at(-1));
    throw new Error(`the daemon ended by itself before the power was cut: ${daemon.stderr()} ${said}`);
  });
  await Promise.race([moment({ ...where, begin, cut }), died]);
  cut();
  await daemon.kill(true);
  await disk.powerOn(bench.signal);
  site.lis.behave(wellBehaved);
  return daemon;
}

export const powerCases: readonly FaultCase[] = [
  {
    name: 'power cut: at any moment',
    expected:
      'what was committed is still there, what was not is done again under the same message id or never was sent; every file that has its last name is whole',
    needs: ['root', 'python3', 'losetup', 'mkfs.ext4'],
    limitSeconds: 900,
    run,
  },
];
