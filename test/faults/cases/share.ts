import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { alarms } from '../framework/alarms.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { inState, mainDestination } from '../framework/destination.ts';
import { mountShare, type Share } from '../framework/share.ts';
import type { Site, SiteOptions } from '../framework/site.ts';
import { secondsOf, seconds } from '../framework/stopwatch.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

/** What nobody has to wait longer for than this, whatever the share does, in seconds. */
const DELIVERY = 5;
const STATUS = 5;
const SHUTDOWN = 10;

/** A laboratory whose sequencer writes to a share; traces are put behind it and seen through it. */
export async function siteOn(share: Share, bench: Bench, config: SiteOptions['config'] = {}): Promise<Site> {
  const watch = { folders: [share.mount], scanSeconds: 0.3, quietSeconds: 0.1 };
  return bench.site({ incoming: share.behind, config: { watch, ...config } });
}

async function acknowledged(site: Site, bench: Bench, count: number, what: string): Promise<void> {
  await until(() => site.check().places.acknowledged >= count, {
    ...{ signal: bench.signal, everyMs: 50 },
    what,
  });
}

async function statusSeconds(site: Site): Promise<number> {
  const began = performance.now();
  const { code, stderr } = await site.command('status');
  expect(code === 0, `status works beside it: exit code ${code} ${stderr}`);
  return seconds(began);
}

async function hangs(bench: Bench): Promise<Measured> {
  const share = await mountShare(bench);
  const site = await siteOn(share, bench);
  let daemon = site.start();
  await daemon.ready();
  await site.lis.close();
  site.drop(20);
  await until(() => site.check().places.queued === 20, { signal: bench.signal, what: '20 are queued' });

  share.be('hang');
  const delivery = await secondsOf(async () => {
    await site.lis.listen();
    await acknowledged(site, bench, 20, 'what was queued is delivered beside a share that hangs');
  });
  site.drop(5);
  const status = await statusSeconds(site);
  const alarm = await secondsOf(() =>
    until(() => daemon.log.some((line) => String(line['alert']).startsWith('folder:')), {
      ...{ signal: bench.signal, seconds: 60 },
      what: 'an alarm says that the folder hangs',
    }),
  );
  const shutdown = await secondsOf(() => daemon.stop());
  expect((await daemon.ended).code === 0, 'it ends with exit code 0 beside a share that hangs');
  daemon = site.start();
  const ready = await secondsOf(() => daemon.ready());
  const second = await secondsOf(() => daemon.stop());
  daemon = site.start();
  await daemon.ready();

  share.be('ok');
  const began = performance.now();
  const verdict = await site.settled(60);
  const words = { delivery, status, alarm, ready, shutdown: Math.max(shutdown, second) };
  expect(delivery < DELIVERY && status < STATUS && words.shutdown < SHUTDOWN, inWords(words));
  return {
    injections: 3,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `while it hung: ${inWords(words)}`,
  };
}

/** In the middle of a crowd, where a second thread of the intake waits for the share by itself. */
async function hangsInACrowd(bench: Bench): Promise<Measured> {
  const share = await mountShare(bench);
  const local = join(share.behind, 'local');
  mkdirSync(local);
  const watch = { folders: [share.mount, local], scanSeconds: 0.3, quietSeconds: 0.1 };
  const site = await siteOn(share, bench, { watch });
  const daemon = site.start();
  await daemon.ready();
  // By the LIS itself: whoever looked from outside could come when the crowd is over.
  site.lis.behave((exchange) => {
    if (exchange.index === 100) share.be('hang');
    exchange.commit();
    exchange.answer();
  });
  site.drop(600);
  await acknowledged(site, bench, 100, 'the crowd is on its way');

  let before = 0;
  let since = performance.now();
  const isStill = (): boolean => {
    const { acknowledged: count } = site.check().places;
    if (count !== before) since = performance.now();
    before = count;
    return performance.now() - since > 2000;
  };
  await until(isStill, { signal: bench.signal, what: 'what was read before is delivered' });
  expect(before < 600, 'it hung in the middle of the crowd');
  const beside = 100;
  const delivery = await secondsOf(async () => {
    for (let nth = 0; nth < beside; nth += 1) {
      const { file, bytes } = traceOf(10_000 + nth);
      site.put(join('local', file), bytes);
    }
    await acknowledged(site, bench, before + beside, 'the other folder is served beside a share that hangs');
  });
  const status = await statusSeconds(site);

  share.be('ok');
  const began = performance.now();
  const verdict = await site.settled(60);
  const words = { delivery, status };
  expect(delivery < DELIVERY && status < STATUS, inWords(words));
  expect(verdict.places.acknowledged === 600 + beside, JSON.stringify(verdict.places));
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `after ${before} of 600; ${beside} traces in a folder beside it: ${inWords(words)}`,
  };
}

/** Not the watched folder hangs but those that are written to. */
async function outputHangs(bench: Bench): Promise<Measured> {
  const share = await mountShare(bench);
  mkdirSync(join(share.behind, 'out'));
  mkdirSync(join(share.behind, 'backups'));
  const site = await bench.site();
  const main = mainDestination(site.lis);
  site.configure({
    lis: [main, { name: 'files', file: { folder: join(share.mount, 'out') }, timeouts: { ackSeconds: 1 } }],
    upkeep: { backup: { folder: join(share.mount, 'backups'), cron: '*/2 * * * * *' } },
  });
  let daemon = site.start();
  await daemon.ready();
  site.drop(3);
  await until(() => inState(site.database, 'files', 'delivered') === 3, {
    signal: bench.signal,
    what: 'three files are written',
  });
  await until(() => daemon.log.some(({ message }) => message.includes('the copy verified')), {
    signal: bench.signal,
    what: 'a backup is made',
  });

  share.be('hang');
  const delivery = await secondsOf(async () => {
    site.drop(20);
    await until(() => inState(site.database, 'main', 'delivered') === 23, {
      ...{ signal: bench.signal, everyMs: 50 },
      what: 'the LIS gets everything while the other destination hangs',
    });
  });
  await until(() => daemon.log.some((line) => line['alert'] === 'lis:files'), {
    ...{ signal: bench.signal, seconds: 60 },
    what: 'an alarm says that the destination is down',
  });
  await until(() => daemon.log.some((line) => line['alert'] === 'backup'), {
    ...{ signal: bench.signal, seconds: 60 },
    what: 'an alarm says that the backup does not end',
  });
  const status = await statusSeconds(site);
  const shutdown = await secondsOf(() => daemon.stop());
  expect((await daemon.ended).code === 0, 'it ends with exit code 0');
  daemon = site.start();
  const ready = await secondsOf(() => daemon.ready());

  share.be('ok');
  const began = performance.now();
  await until(() => inState(site.database, 'files', 'delivered') === 23, {
    ...{ signal: bench.signal, seconds: 60, everyMs: 50 },
    what: 'the files are written once the share answers',
  });
  const recoveredSeconds = seconds(began);
  const words = { delivery, status, ready, shutdown };
  expect(delivery < DELIVERY && status < STATUS && shutdown < SHUTDOWN, inWords(words));
  return {
    injections: 2,
    ...judgement(await site.settled()),
    recoveredSeconds,
    note: `while the folders of a file destination and of the backups hung: ${inWords(words)}`,
  };
}

function inWords(words: Readonly<Record<string, number>>): string {
  return Object.entries(words)
    .map(([name, value]) => `${name} ${value.toFixed(1)} s`)
    .join(', ');
}

async function disappears(bench: Bench): Promise<Measured> {
  const share = await mountShare(bench);
  const site = await siteOn(share, bench);
  const daemon = site.start();
  await daemon.ready();
  let longest = 0;
  const rounds = 3;
  for (let round = 1; round <= rounds; round += 1) {
    site.drop(4);
    await site.settled();
    const before = daemon.log.length;
    share.unmount();
    site.drop(4);
    const told = (event: 'raised' | 'cleared'): number =>
      alarms(daemon, `folder:${share.mount}`, event, before);
    await until(() => told('raised') > 0, {
      signal: bench.signal,
      what: 'an alarm says that the share is away',
    });
    await share.mountAgain();
    const began = performance.now();
    await site.settled(60);
    longest = Math.max(longest, seconds(began));
    await until(() => told('cleared') > 0, { signal: bench.signal, what: 'the alarm ends' });
    expect(told('raised') === 1, `one alarm each time: ${told('raised')}`);
  }
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 8 * rounds, JSON.stringify(verdict.places));
  return {
    injections: rounds,
    ...judgement(verdict),
    recoveredSeconds: longest,
    note: `unmounted and mounted anew ${rounds} times, with traces arriving behind it; alarm raised and cleared each time`,
  };
}

export const shareCases: readonly FaultCase[] = [
  {
    name: 'share: hangs',
    expected:
      'delivery, status, start and shutdown wait for it no moment, and what arrived meanwhile is scored later',
    needs: ['root', 'mount'],
    limitSeconds: 600,
    run: hangs,
  },
  {
    name: 'share: hangs in a crowd',
    expected: 'another folder is served as before, and the crowd is scored once the share answers',
    needs: ['root', 'mount'],
    run: hangsInACrowd,
  },
  {
    name: 'share: an output folder hangs',
    expected: 'the other destinations, status and shutdown do not wait for it, an alarm tells',
    needs: ['root', 'mount'],
    limitSeconds: 600,
    run: outputHangs,
  },
  {
    name: 'share: disappears and comes back',
    expected: 'its files count as unavailable and not as deleted, and the work goes on when it is back',
    needs: ['root', 'mount'],
    run: disappears,
  },
];
