import { chownSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { readBook } from '../../src/alerts/book-file.ts';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { backUp } from '../../src/upkeep/backup.ts';
import { raisingd } from '../commands/command-line.ts';
import { until } from '../until.ts';
import { createSite } from './site.ts';
import { POLYCLONAL, R4, sample } from './traces.ts';

type Site = Awaited<ReturnType<typeof createSite>>;

const databaseOf = (site: Site): string => join(site.root, 'data', DATABASE_FILE);

/** Takes the database away from all others until it is given back. */
function occupy(site: Site): () => void {
  const other = new DatabaseSync(databaseOf(site));
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

const logged = (site: Site, start: string): boolean =>
  site.log.lines.some(({ message }) => message.startsWith(start));

describe('a database that takes nothing for a while', () => {
  test('does not keep the service from starting: it goes on once the database can be written', async () => {
    const site = await createSite({ behave: () => ({ kind: 'answer', code: 'AR' }) });
    const first = site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await first.stop();
    const giveBack = occupy(site);
    site.start();
    expect(logged(site, 'The start of the service was not audited')).toBe(true);
    giveBack();
    await site.receives(2);
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    await site.sees((store) => (store.results.byAccession('S25-000122').length > 0 ? true : null));
  });

  test('does not leave a reloaded service without its intake', async () => {
    const site = await createSite();
    const service = site.start();
    await site.configure({ cutoffs: { cv: { high: 0.9 } } });
    const reloading = service.reload();
    await site.sees((store) =>
      store.audit.about(['service']).some(({ action }) => action === 'config.changed') ? true : null,
    );
    const giveBack = occupy(site);
    await reloading;
    giveBack();
    await site.drop(R4, sample(R4));
    await site.receives(1);
  });
});

test('a configuration that met a busy database is taken once it is free, with an alarm until then', async () => {
  const site = await createSite();
  const service = site.start();
  const alarms = (): readonly string[] =>
    readBook(join(site.root, 'data'))
      .book.episodes.filter(({ ended }) => ended === null)
      .map(({ key }) => key);
  await site.configure({ cutoffs: { cv: { high: 0.9 } } });
  const giveBack = occupy(site);
  await service.reload('saved');
  await until(() => expect(alarms()).toEqual(['config']));
  giveBack();
  await site.sees((store) =>
    store.audit.about(['service']).some(({ action }) => action === 'config.changed') ? true : null,
  );
  await until(() => expect(alarms()).toEqual([]));
});

test('an alarm about a faulty configuration is over when the service is started on a good one', async () => {
  const site = await createSite();
  const service = site.start();
  await site.configure({ cutoffs: { cv: { high: 7 } } });
  await service.reload();
  await service.stop();
  const alarms = (): unknown =>
    readBook(join(site.root, 'data')).book.episodes.map(({ key, ended }) => [key, ended]);
  expect(alarms()).toEqual([['config', null]]);
  await site.configure({});
  site.start();
  await until(() => expect(alarms()).not.toContainEqual(['config', null]));
});

test('a start that fails once the database is open ends the service with an alarm, and frees the data folder', async () => {
  const site = await createSite();
  await site.start().stop();
  const db = new DatabaseSync(databaseOf(site));
  db.exec("CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted'); END");
  db.close();
  const failed = await site.start().ended;
  expect(String(failed)).toContain('planted');
  const book = readFileSync(join(site.root, 'data', 'alerts.json'), 'utf8');
  expect(book).toContain('The service ended because of an error');
  const status = await raisingd('status', '--config', site.config);
  expect([status.exitCode, status.stdout]).toEqual([
    1,
    expect.stringMatching(/^raisingd does not run\nalarm start: The service ended because of an error/),
  ]);
  const again = new DatabaseSync(databaseOf(site));
  again.exec('DROP TRIGGER planted');
  again.close();
  site.start();
  await site.drop(R4, sample(R4));
  await site.receives(1);
});

test.each(['2400-01-01', '1601-01-01'])(
  'a trace that was written in %s is scored as any other',
  async (date) => {
    const site = await createSite();
    const service = site.start();
    await site.drop(R4, sample(R4));
    utimesSync(join(site.incoming, R4), new Date(date), new Date(date));
    await site.receives(1);
    await service.stop();
    site.start();
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    await site.receives(2);
    expect(await site.received()).toHaveLength(2);
  },
);

describe('a database that is not what it was', () => {
  test('is named by every command, not shown as if nothing had happened', async () => {
    const site = await createSite();
    const service = site.start();
    const folder = join(site.root, 'backups');
    const { path } = await backUp({ file: databaseOf(site), folder, keep: 9, now: new Date() });
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await service.stop();
    await copyFile(path, databaseOf(site));
    for (const command of [['status'], ['queue', 'list'], ['audit', 'verify']]) {
      const { exitCode, stderr } = await raisingd(...command, '--config', site.config);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('is not as the service left it')]);
    }
    await rm(databaseOf(site));
    const gone = await raisingd('doctor', '--config', site.config);
    expect([gone.exitCode, gone.stdout]).toEqual([1, expect.stringMatching(/^fail +database .*is gone/m)]);
  });
});

test.skipIf(process.getuid?.() !== 0)(
  'a picture that root asked for belongs to the owner of the data folder, who has to delete it one day',
  async () => {
    const site = await createSite();
    const service = site.start();
    await site.drop(R4, sample(R4));
    const [sent] = await site.receives(1);
    await service.stop();
    const data = join(site.root, 'data');
    chownSync(data, 65_534, 65_534);
    const { exitCode, stderr } = await raisingd(
      'review',
      'show',
      sent?.resultKey ?? '',
      '--config',
      site.config,
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    const pictures = join(data, 'pictures');
    const [name = ''] = readdirSync(pictures);
    expect([pictures, join(pictures, name)].map((path) => statSync(path).uid)).toEqual([65_534, 65_534]);
  },
);
