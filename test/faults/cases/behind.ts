import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { finishedBackups } from '../framework/backups.ts';
import { refusesToStart } from '../framework/refusal.ts';
import type { Site } from '../framework/site.ts';
import { until } from '../framework/wait.ts';

export const TRACES = 3;
const EVERY_SECOND = { upkeep: { backup: { cron: '* * * * * *' } } };

/** A site with traces in the database, whose daemon delivers as many again and is killed with those in the -wal file. */
export async function killedWithLog(bench: Bench): Promise<Site> {
  const site = await bench.site();
  site.drop(TRACES);
  await site.recovered();
  const daemon = site.start();
  await daemon.ready();
  site.drop(TRACES);
  await until(() => site.lis.received() === 2 * TRACES && noted(site) === written(site), {
    signal: bench.signal,
    what: 'everything is delivered, and noted beside the database',
  });
  await daemon.kill();
  return site;
}

async function logRemoved(bench: Bench): Promise<Measured> {
  const found = await killedWithLog(bench);
  const log = `${found.database}-wal`;
  const aside = join(found.root, 'aside-wal');
  renameSync(log, aside);
  await refused(found);
  for (const suffix of ['-wal', '-shm']) rmSync(`${found.database}${suffix}`, { force: true });
  renameSync(aside, log);
  const began = performance.now();
  const putBack = judgement(await found.recovered());
  const recoveredSeconds = (performance.now() - began) / 1000;
  expect(found.lis.received() === 2 * TRACES, 'with its -wal file nothing is sent again');

  const lost = await killedWithLog(bench);
  rmSync(`${lost.database}-wal`);
  await refused(lost);
  const old = join(lost.root, 'old.db');
  renameSync(lost.database, old);
  const verdict = await restored(lost, old);
  return {
    injections: 2,
    lost: putBack.lost + verdict.lost,
    duplicated: putBack.duplicated + verdict.duplicated,
    recoveredSeconds,
    note: `refused with an alarm, nothing sent; with the file put back as before, and restored without it ${TRACES} traces were held that may have been sent`,
  };
}

async function olderCopy(bench: Bench): Promise<Measured> {
  const site = await bench.site({ config: EVERY_SECOND });
  site.drop(TRACES);
  await site.recovered();
  const backups = join(site.dataDir, 'backups');
  const newest = (): string => finishedBackups(site).at(-1) ?? '';
  const before = newest();
  const daemon = site.start();
  await daemon.ready();
  await until(() => newest() > before, { signal: bench.signal, what: 'there is a backup with these traces' });
  const copy = join(site.root, 'copy.db');
  copyFileSync(join(backups, newest()), copy);
  site.drop(TRACES);
  await until(() => site.lis.received() === 2 * TRACES, { signal: bench.signal, what: 'all is delivered' });
  await daemon.stop();
  copyFileSync(copy, site.database);
  await refused(site);
  const began = performance.now();
  const verdict = await restored(site, copy);
  return {
    injections: 1,
    ...verdict,
    recoveredSeconds: (performance.now() - began) / 1000,
    note: `refused with an alarm, nothing sent; restored as it should be, ${TRACES} traces were held that may have been sent`,
  };
}

/** No start succeeds, the doctor says so too, and nothing is sent. */
async function refused(site: Site): Promise<void> {
  const received = site.lis.received();
  await refusesToStart(site, 'a database behind', ['not as the service left it', 'raisingd restore']);
  const doctor = await site.command('doctor');
  expect(/^fail +database .*not as the service left it/m.test(doctor.stdout), 'the doctor names it');
  expect(site.lis.received() === received, 'nothing is sent');
}

/** Restores a copy; what it has forgotten has to be held, and not one message to come again under a new id. */
export async function restored(site: Site, copy: string): Promise<ReturnType<typeof judgement>> {
  const received = site.lis.received();
  const { code, stderr } = await site.command('restore', copy, '--yes');
  expect(code === 0, `the copy is restored: ${stderr}`);
  const verdict = await site.recovered();
  expect(site.lis.received() === received, 'what may have been sent is not sent again');
  expect(verdict.places.held === TRACES, `what was forgotten is held: ${JSON.stringify(verdict.places)}`);
  // The LIS has messages that a restored database cannot know of: that is what was restored.
  const { problems, ...rest } = verdict;
  expect(problems.length === TRACES, `only ${TRACES} messages are unknown to it: ${problems.join('; ')}`);
  return judgement({ ...rest, problems: [] });
}

/** Row of the audit log that is noted beside the database. */
function noted({ database }: Site): number {
  const note = JSON.parse(readFileSync(`${database}.witness`, 'utf8')) as { seq: number };
  return note.seq;
}

function written({ database }: Site): number {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    return Number(db.prepare('SELECT max(seq) AS seq FROM audit').get()?.['seq']);
  } finally {
    db.close();
  }
}

export const behindCases: readonly FaultCase[] = [
  {
    name: 'database behind: its -wal file removed after a crash',
    expected: 'refuses to start and names the remedy; nothing that was sent goes out again as new',
    run: logRemoved,
  },
  {
    name: 'database behind: an older copy put in its place',
    expected: 'refuses to start and names the remedy; nothing that was sent goes out again as new',
    run: olderCopy,
  },
];
