import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { openStore } from '../../src/store/store.ts';
import { backUp } from '../../src/upkeep/backup.ts';
import { finishRestore, prepareRestore, RestoreError } from '../../src/upkeep/restore.ts';
import { raisingd } from '../commands/command-line.ts';
import { createSite } from './site.ts';
import { NO_SIL2R, POLYCLONAL, R4, sample } from './traces.ts';

type Site = Awaited<ReturnType<typeof createSite>>;

const databaseOf = (site: Site): string => join(site.root, 'data', 'raisingd.db');

async function backupOf(site: Site): Promise<string> {
  const folder = join(site.root, 'backups');
  const { path } = await backUp({ file: databaseOf(site), folder, keep: 9, now: new Date() });
  return path;
}

const restore = (site: Site, backup: string, ...more: string[]) =>
  raisingd('restore', backup, '--config', site.config, ...more);

/** What the command does between its lock and its words. */
function restored(site: Site, backup: string): string | null {
  const dataDir = join(site.root, 'data');
  const now = new Date();
  return finishRestore(dataDir, prepareRestore(dataDir, backup, now), 'Sato', now).aside;
}

describe('a restored database', () => {
  test('sends nothing anew: what waited keeps its bytes, what it forgot keeps its OBR-3, and a person decides', async () => {
    let answer: Behaviour = { kind: 'accept' };
    const site = await createSite({ behave: () => answer });
    let service = site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    // In the queue when the copy is made, and taken by the LIS soon after.
    answer = { kind: 'answer', code: 'AR' };
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    await site.receives(2);
    const backup = await backupOf(site);
    answer = { kind: 'accept' };
    await site.sees((store) => (store.outbox.stats().length === 0 ? true : null));
    // All of this is forgotten.
    await site.drop(NO_SIL2R, sample(NO_SIL2R));
    await site.sees((store) => (store.results.byAccession('S25-000128').length > 0 ? true : null));
    await site.sees((store) => (store.outbox.stats().length === 0 ? true : null));
    const before = await site.received();
    const waited = before.find(({ accession }) => accession === 'S25-000122');
    const forgotten = before.find(({ accession }) => accession === 'S25-000128');

    const refused = await restore(site, backup, '--yes');
    expect([refused.exitCode, refused.stderr]).toEqual([
      3,
      `raisingd: the service runs on ${join(site.root, 'data')}: stop it first\n`,
    ]);
    await service.stop();
    const unasked = await restore(site, backup);
    expect([unasked.exitCode, unasked.stderr]).toEqual([
      2,
      'raisingd: nobody can be asked here: use --yes\n',
    ]);
    const done = await restore(site, backup, '--yes', '--by', 'Sato');
    expect([done.exitCode, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toMatch(/^raisingd-\d{8}T\d{6}Z\.db is sound, and its audit log whole\./);
    expect(done.stdout).toContain('It has 1 messages that waited, and 0 results that were held.');
    expect(done.stdout).toMatch(/The database has recorded \d+ things since, 1 of them released results/);

    expect(statSync(databaseOf(site)).mode & 0o777).toBe(0o600);
    service = site.start();
    expect(await site.holds(1)).toEqual([['RESTORED']]);
    expect(site.look((store) => store.audit.verify()).ok).toBe(true);
    const held = site.look((store) => store.outbox.list({ limit: 9 }));
    expect(held.map(({ state, controlId }) => [state, controlId])).toEqual([['held', waited?.controlId]]);
    expect(await site.received()).toHaveLength(before.length);

    // Where the LIS lacks it: the same bytes, the same MSH-10.
    const retried = await raisingd('queue', 'retry', String(held[0]?.id), '--config', site.config);
    expect(retried.exitCode).toBe(0);
    const again = (await site.receives(before.length + 1)).at(-1);
    expect(again?.text).toBe(waited?.text);

    // Released, it comes to the LIS as the result that it has.
    const key = site.look((store) => store.results.held(1))[0]?.result.key ?? '';
    expect(key).toBe(forgotten?.resultKey);
    const person = ['--by', 'Sato', '--reason', 'not in the LIS', '--config', site.config];
    expect((await raisingd('review', 'release', key, ...person)).exitCode).toBe(0);
    const released = (await site.receives(before.length + 2)).at(-1);
    expect([released?.resultKey, released?.values]).toEqual([forgotten?.resultKey, forgotten?.values]);
    const controlIds = (await site.received()).map(({ controlId }) => controlId);
    expect(controlIds.filter((id) => id === released?.controlId)).toHaveLength(1);

    await service.stop();
  });

  test('can be undone: the replaced database is a copy like any other', async () => {
    const site = await createSite();
    let service = site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    const backup = await backupOf(site);
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    await site.receives(2);
    await site.sees((store) => (store.outbox.stats().length === 0 ? true : null));
    await service.stop();
    const aside = restored(site, backup);
    expect(site.look((store) => store.outbox.list({ states: ['delivered'], limit: 9 }))).toHaveLength(1);
    restored(site, aside ?? '');
    expect(site.look((store) => store.outbox.list({ states: ['delivered'], limit: 9 }))).toHaveLength(2);
    service = site.start();
    await service.stop();
    expect(await site.received()).toHaveLength(2);
  });
});

test('a database that has lost all that was recorded in it can be restored, so that nothing is sent anew', async () => {
  const site = await createSite();
  const service = site.start();
  await service.stop();
  const lost = join(site.root, 'lost.db');
  const store = openStore(lost, { access: 'service', now: new Date() });
  store.close();
  await site.drop(R4, sample(R4));
  restored(site, lost);
  site.start();
  expect(await site.holds(1)).toEqual([expect.arrayContaining(['RESTORED'])]);
  expect(await site.received()).toEqual([]);
});

describe('restore leaves the database as it is', () => {
  async function stoppedSite() {
    const site = await createSite();
    const service = site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    const backup = await backupOf(site);
    await service.stop();
    return { site, backup, before: readFileSync(databaseOf(site)) };
  }

  test('where the copy is damaged, was changed, is of another program, or is missing', async () => {
    const { site, backup, before } = await stoppedSite();
    const bad = join(site.root, 'bad.db');
    const attempt = (): string => {
      let found = '';
      try {
        restored(site, bad);
      } catch (error) {
        if (!(error instanceof RestoreError)) throw error;
        found = error.message;
      }
      expect(readFileSync(databaseOf(site)).equals(before)).toBe(true);
      expect(readdirSync(join(site.root, 'data')).filter((name) => name.includes('restored'))).toEqual([]);
      return found;
    };
    const { exitCode, stderr } = await restore(site, bad, '--yes');
    expect([exitCode, stderr]).toEqual([1, `raisingd: ${bad} cannot be restored: there is no such file\n`]);

    const content = readFileSync(backup);
    content.fill(0xa5, 3 * 4096, 5 * 4096);
    writeFileSync(bad, content);
    expect(attempt()).toMatch(/cannot be restored: (it is damaged|.*malformed)/);

    copyFileSync(backup, bad);
    const forged = new DatabaseSync(bad, { defensive: false });
    forged.exec("DROP TRIGGER audit_immutable; UPDATE audit SET actor = 'nobody' WHERE seq = 2");
    forged.close();
    expect(attempt()).toBe(`${bad} cannot be restored: its audit log was changed: row 2 was changed`);

    rmSync(bad);
    const foreign = new DatabaseSync(bad);
    foreign.exec('CREATE TABLE notes (text)');
    foreign.close();
    expect(attempt()).toContain('this is no database of raisingd');
  });

  test('and a restore that was cut off between the names is seen at the start, and can be run again', async () => {
    const { site, backup } = await stoppedSite();
    // As a kill leaves it: the copy has the name, and the log of the old database still lies beside it.
    copyFileSync(backup, databaseOf(site));
    writeFileSync(`${databaseOf(site)}-wal`, Buffer.alloc(8192, 1));
    expect(() => site.start()).toThrow('-wal belongs to another database');
    // The log alone, as where the database itself was lost, is no more than that.
    rmSync(databaseOf(site));
    restored(site, backup);
    expect(existsSync(`${databaseOf(site)}-wal`)).toBe(false);
    const [aside = ''] = readdirSync(join(site.root, 'data')).filter((name) => name.startsWith('replaced-'));
    expect(readdirSync(join(site.root, 'data', aside))).toEqual(['raisingd.db-wal']);
    const service = site.start();
    await service.stop();
  });
});
