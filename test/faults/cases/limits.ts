import { execFileSync } from 'node:child_process';
import { alarms, alarmText } from '../framework/alarms.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** Sets limits of a process that runs, as prlimit names them. */
function limit(pid: number, what: string): void {
  execFileSync('prlimit', ['--pid', String(pid), what]);
}

/** First the service, then its reading process may not open one file more, and then both may again. */
async function tooManyFiles(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  site.drop(2);
  await site.settled();
  // Below any that is free: what is open stays open, and not even one that is closed can be had again.
  const none = '--nofile=3:4096';
  const intake = await until(() => daemon.children('intake.ts')[0], {
    signal: bench.signal,
    what: 'there is an intake process',
  });

  const received = site.lis.received();
  await site.lis.close();
  limit(daemon.pid, none);
  await site.lis.listen();
  site.drop(2);
  await until(() => alarmText(daemon, 'lis:main').includes('EMFILE'), {
    signal: bench.signal,
    what: 'an alarm says that no connection can be opened (EMFILE)',
  });
  limit(intake, none);
  site.drop(4);
  const folder = `folder:${site.incoming}`;
  await until(() => alarmText(daemon, folder).includes('EMFILE'), {
    signal: bench.signal,
    what: 'an alarm says that no file of the folder can be opened (EMFILE)',
  });
  expect(daemon.isRunning(), `it runs on: ${daemon.stderr()}`);
  expect(site.lis.received() === received, 'nothing was sent meanwhile');
  const { places } = site.check();
  expect(
    places.queued === 2 && places.pending === 4 && places.rejected === 0,
    `what was scored is queued, the others wait, none is rejected: ${JSON.stringify(places)}`,
  );

  for (const pid of [daemon.pid, ...daemon.children('intake.ts')]) limit(pid, '--nofile=4096:4096');
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 8, JSON.stringify(verdict.places));
  for (const key of ['lis:main', folder])
    await until(() => alarms(daemon, key, 'cleared') === 1, { signal: bench.signal, what: `${key} is over` });
  return {
    injections: 2,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'the service could open no connection, then its reading process no file (EMFILE): an alarm for each, two messages queued and four files left where they were until there were files again',
  };
}

/** The database may not grow beyond a size that it soon reaches (ulimit -f). */
async function fileTooBig(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const first = site.start();
  await first.ready();
  site.drop(2);
  await site.settled();
  limit(first.pid, '--fsize=4096:unlimited');
  site.drop(4);
  await until(() => alarms(first, 'disk', 'raised') > 0, { signal: bench.signal, what: 'an alarm tells' });
  const wait = performance.now() + 6000;
  await until(() => performance.now() > wait, { signal: bench.signal, what: 'it lasts' });
  expect(first.isRunning(), `it runs on: ${first.stderr()}`);
  expect(site.check().places.acknowledged === 2, 'scoring waits');
  limit(first.pid, '--fsize=unlimited:unlimited');
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 6, JSON.stringify(verdict.places));
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'ulimit -f below the size of the database for 6 s: alarm, scoring waited, and it healed without a restart',
  };
}

export const limitCases: readonly FaultCase[] = [
  {
    name: 'space: too many open files',
    expected: 'nothing is rejected for it, and all goes on when there are some again',
    needs: ['root', 'prlimit'],
    run: tooManyFiles,
  },
  {
    name: 'space: file too big',
    expected: 'scoring waits with an alarm, and it heals itself once files may grow again',
    needs: ['root', 'prlimit'],
    run: fileTooBig,
  },
];
