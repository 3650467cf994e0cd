import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { alarms } from '../framework/alarms.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { mountShare } from '../framework/share.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** Backups every second into a folder so slow that each takes several. */
async function overrun(bench: Bench): Promise<Measured> {
  const share = await mountShare(bench);
  const folder = join(share.mount, 'backups');
  const site = await bench.site();
  mkdirSync(join(share.behind, 'backups'));
  site.configure({ upkeep: { backup: { folder, cron: '* * * * * *' } } });
  const daemon = site.start();
  await daemon.ready();
  share.be('slow 250');
  site.drop(10);
  let most = 0;
  // Copies that are being made: a process may also be one that only looks for the newest.
  const drafts = (): readonly string[] =>
    readdirSync(join(share.behind, 'backups')).filter((name) => name.endsWith('.db.tmp'));
  const left = (): number =>
    Math.max(0, ...daemon.log.map((line) => (line['job'] === 'backup' ? Number(line['skipped'] ?? 0) : 0)));
  await until(
    () => {
      most = Math.max(most, drafts().length);
      return left() >= 5;
    },
    { signal: bench.signal, what: 'five runs are left out and counted' },
  );
  expect(most === 1, `there is one at a time: ${most}`);
  expect(alarms(daemon, 'backup', 'raised') === 1, 'one alarm tells of it');
  await until(() => site.check().places.acknowledged === 10, {
    signal: bench.signal,
    what: 'results flow meanwhile',
  });
  share.be('ok');
  const began = performance.now();
  await until(() => alarms(daemon, 'backup', 'cleared') === 1, {
    signal: bench.signal,
    what: 'the alarm ends once it is fast again',
  });
  expect(
    readdirSync(join(share.behind, 'backups')).some((one) => one.endsWith('.db')),
    'a backup was made',
  );
  return {
    injections: left(),
    ...judgement(await site.settled()),
    recoveredSeconds: seconds(began),
    note: `${left()} runs were left out and counted, with one alarm, while one lasted; never two at once`,
  };
}

export const jobCases: readonly FaultCase[] = [
  {
    name: 'time: a job overruns its slot',
    expected: 'left out, counted, with an alarm; never two at once',
    needs: ['root', 'mount'],
    run: overrun,
  },
];
