import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { finishedBackups } from '../framework/backups.ts';
import { refusesToStart } from '../framework/refusal.ts';
import type { Site } from '../framework/site.ts';
import { until } from '../framework/wait.ts';

const PAGE = 4096;
const QUEUED = 3;

type Damage = (site: Site, bench: Bench) => void;

/** What happens to the file while nothing runs. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  'the header is overwritten': (site) => overwrite(site.database, 0, 100),
  'the first page is zero': (site) => overwrite(site.database, 0, PAGE, 0),
  'a page of the outbox is overwritten': (site) =>
    overwrite(site.database, pageOf(site, 'outbox') * PAGE, PAGE),
  'a page of an index is overwritten': (site) =>
    overwrite(site.database, pageOf(site, 'outbox_ready') * PAGE, 200),
  'the page of the counters is overwritten': (site) =>
    overwrite(site.database, pageOf(site, 'sequence') * PAGE, 200),
  'every page has a flipped byte': (site) => {
    for (let at = 0; at < statSync(site.database).size; at += PAGE) overwrite(site.database, at + 3, 2, 0x5a);
  },
  'half of the file is cut off': (site) => truncateSync(site.database, statSync(site.database).size / 2),
  'the file is empty': (site) => truncateSync(site.database, 0),
  "the file is another program's": (site) => {
    rmSync(site.database);
    const other = new DatabaseSync(site.database);
    other.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)');
    other.close();
  },
  'the file is gone': (site) => rmSync(site.database),
};

/** A folder with a queue, a finished backup, and a LIS that is there again: everything a wrong start could send. */
async function siteWithQueue(bench: Bench): Promise<Site> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  await site.lis.close();
  site.drop(QUEUED);
  await until(() => site.check().places.queued === QUEUED, {
    signal: bench.signal,
    what: 'messages are queued',
  });
  await until(() => finishedBackups(site).length > 0, { signal: bench.signal, what: 'there is a backup' });
  await daemon.stop();
  await site.lis.listen();
  return site;
}

async function atStart(bench: Bench): Promise<Measured> {
  let recovered = 0;
  const verdicts = { lost: 0, duplicated: 0 };
  for (const [what, damage] of Object.entries(DAMAGES)) {
    const site = await siteWithQueue(bench);
    const sound = join(bench.folder(), 'sound.db');
    copyFileSync(site.database, sound);
    damage(site, bench);
    const before = existsSync(site.database) ? readFileSync(site.database) : null;
    await refusesToStart(site, what, [site.database]);
    expect(site.lis.received() === 0, `${what}: nothing is sent`);
    const after = existsSync(site.database) ? readFileSync(site.database) : null;
    expect(
      before === null ? after === null : after?.equals(before) === true,
      `${what}: the file is not made anew`,
    );
    const kept = damagedCopies(site);
    // Another program's file is nobody's damage.
    const isOurs = before !== null && !what.includes('another program');
    expect(!isOurs || kept.some((copy) => copy.equals(before)), `${what}: a copy of it is kept beside it`);
    expect(kept.length <= 1, `${what}: two starts keep one copy, not ${kept.length}`);

    const began = performance.now();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${site.database}${suffix}`, { force: true });
    copyFileSync(sound, site.database);
    const verdict = judgement(await site.recovered());
    recovered = Math.max(recovered, (performance.now() - began) / 1000);
    verdicts.lost += verdict.lost;
    verdicts.duplicated += verdict.duplicated;
  }
  return {
    injections: Object.keys(DAMAGES).length,
    ...verdicts,
    recoveredSeconds: recovered,
    note: 'refused with exit code 1 and an alarm, one copy kept, nothing sent; the queue went out once the file was back',
  };
}

/** Damage under a running daemon, which has most pages in memory: whoever reads the disk finds it. */
async function whileRunning(bench: Bench): Promise<Measured> {
  const site = await bench.site({ config: { upkeep: { backup: { cron: '* * * * * *' } } } });
  site.drop(QUEUED);
  await site.recovered();
  const daemon = site.start();
  await daemon.ready();
  await until(() => finishedBackups(site).length > 0, { signal: bench.signal, what: 'there is a backup' });
  const at = pageOf(site, 'analyses') * PAGE;
  const page = readFileSync(site.database).subarray(at, at + PAGE);
  overwrite(site.database, at, PAGE);
  const began = performance.now();
  await until(() => !daemon.isRunning(), {
    signal: bench.signal,
    seconds: 20,
    what: 'the service ends because its database is damaged',
  });
  const seconds = (performance.now() - began) / 1000;
  expect((await daemon.ended).code === 1, 'the service ends with exit code 1');
  const messages = site.lis.received();
  const alarm = daemon.log.some(({ alert, event }) => alert === 'start' && event === 'raised');
  expect(alarm, 'an alarm tells of it');
  site.drop(1);
  expect((await site.start().gone()).code === 1, 'the next start is refused');
  expect(site.lis.received() === messages, 'nothing more is sent');
  expect(damagedCopies(site).length === 1, 'a copy is kept');

  const mended = performance.now();
  write(site.database, at, page);
  const verdict = judgement(await site.recovered());
  return {
    injections: 1,
    ...verdict,
    recoveredSeconds: (performance.now() - mended) / 1000,
    note: `found by the next backup; the service ended ${seconds.toFixed(1)} s after the damage, and started again once it was mended`,
  };
}

function damagedCopies({ dataDir }: Site): Buffer[] {
  return readdirSync(dataDir)
    .filter((name) => name.startsWith('damaged-'))
    .map((name) => readFileSync(join(dataDir, name, 'raisingd.db')));
}

/** The first page of a table or index, counted from 0. */
function pageOf({ database }: Site, name: string): number {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const row = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name);
    return Number(row?.['rootpage']) - 1;
  } finally {
    db.close();
  }
}

function overwrite(file: string, at: number, length: number, value = 0xa5): void {
  write(file, at, Buffer.alloc(length, value));
}

function write(file: string, at: number, bytes: Buffer): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
}

export const damageCases: readonly FaultCase[] = [
  {
    name: 'database damaged: found at the start',
    expected: 'refuses to start, alarm, a copy is kept, nothing is sent, and it is never made anew',
    run: atStart,
  },
  {
    name: 'database damaged: while it runs',
    expected:
      'the service ends as soon as anyone finds the damage, sends nothing more and does not start again',
    run: whileRunning,
  },
];
