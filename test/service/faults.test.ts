import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { DATABASE_FILE } from '../../src/store/file.ts';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { createSite } from './site.ts';
import { NO_SIL2R, POLYCLONAL, R4, sample } from './traces.ts';
import { until } from '../until.ts';

describe('while the LIS is away', () => {
  test('results wait, survive a restart, and arrive once each under their first message id', async () => {
    let answers: Behaviour = { kind: 'close-before-commit' };
    const site = await createSite({ behave: () => answers });
    const service = site.start();
    await site.drop(R4, sample(R4));
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    const waiting = await site.sees((store) => {
      const items = store.outbox.list({ limit: 10 });
      return items.length === 2 && items.some(({ attempts }) => attempts > 0) ? items : null;
    });
    await service.stop();
    answers = { kind: 'accept' };
    site.start();
    const received = await site.receives(2);
    expect(received.map(({ controlId }) => controlId).sort()).toEqual(
      waiting.map(({ controlId }) => controlId).sort(),
    );
  });

  test('one alarm is raised when it goes down and one when it is back', async () => {
    let answers: Behaviour = { kind: 'close-before-commit' };
    const site = await createSite({ behave: () => answers });
    site.start();
    await site.drop(R4, sample(R4));
    await site.sees((store) => store.outbox.list({ limit: 1 }).find(({ attempts }) => attempts > 2));
    answers = { kind: 'accept' };
    await site.receives(1);
    await until(() => {
      const alarms = site.log.lines.filter(({ fields }) => fields['alert'] === 'lis:main');
      expect(alarms.map(({ fields }) => fields['event'])).toEqual(['raised', 'cleared']);
    });
  });

  test('a message that it refuses for good is held and does not block the next one', async () => {
    const refused: string[] = [];
    const site = await createSite({
      behave: (controlId) => {
        if (refused.length === 0 || refused[0] === controlId) {
          refused[0] = controlId;
          return { kind: 'answer', code: 'AE' };
        }
        return { kind: 'accept' };
      },
    });
    site.start();
    await site.drop(R4, sample(R4));
    const held = await site.sees((store) => store.outbox.list({ states: ['held'], limit: 1 })[0]);
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    const delivered = await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
    expect(held.controlId).toBe(refused[0]);
    expect(delivered.controlId).not.toBe(held.controlId);
  });
});

describe('the running service', () => {
  test('holds a message whose bytes are damaged, with an alarm, and sends the others', async () => {
    let answers: Behaviour = { kind: 'close-before-commit' };
    const site = await createSite({ behave: () => answers });
    const first = site.start();
    await site.drop(R4, sample(R4));
    const [damaged] = await site.sees((store) => {
      const items = store.outbox.list({ limit: 1 });
      return items.length === 1 ? items : null;
    });
    await first.stop();
    const db = new DatabaseSync(join(site.root, 'data', DATABASE_FILE));
    db.exec('DROP TRIGGER messages_immutable; UPDATE messages SET bytes = zeroblob(length(bytes))');
    db.close();
    answers = { kind: 'accept' };
    const second = site.start();
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    const received = await site.receives(1);
    expect(received[0]?.controlId).not.toBe(damaged?.controlId);
    const held = await site.sees((store) => store.outbox.list({ states: ['held'], limit: 1 })[0]);
    expect(held).toMatchObject({ controlId: damaged?.controlId });
    await until(() => {
      const alarms = site.log.lines.map(({ fields }) => fields['alert']);
      expect(alarms).toEqual(expect.arrayContaining([`damaged:${held.controlId}`, 'held:main']));
    });
    await second.stop();
  });

  test('loses nothing and repeats nothing but bytes when it is killed again and again', async () => {
    const site = await createSite();
    const names = ['S25-000121_A01.ab1', POLYCLONAL, R4, 'S25-000124_D01.ab1', 'S25-000127_G01.ab1'];
    for (const [round, name] of names.entries()) {
      const child = site.spawn();
      await site.drop(name, sample(name));
      // Killed at another moment of the journey each time: once recorded, or once the LIS has it.
      if (round % 2 === 0)
        await site
          .sees((store) => (store.analyses.byAccession(name.slice(0, 10), 0).length > 0 ? true : null))
          .catch(() => null);
      else await site.receives(1);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    site.spawn();
    const received = await until(async () => {
      const all = await site.received();
      expect(new Set(all.map(({ accession }) => accession)).size).toBe(names.length);
      return all;
    });
    const versions = new Map(received.map(({ controlId, text }) => [controlId, text]));
    expect(versions.size).toBe(names.length);
    expect(received.every(({ controlId, text }) => versions.get(controlId) === text)).toBe(true);
  });

  test('ends with exit code 0 on SIGTERM, and a second one on its data folder with 3', async () => {
    const site = await createSite();
    const first = site.spawn();
    await site.sees((store) => store.audit.verify());
    const second = site.spawn();
    expect(await once(second, 'exit')).toEqual([3, null]);
    first.kill('SIGTERM');
    expect(await once(first, 'exit')).toEqual([0, null]);
  });

  test('keeps its configuration when a reload finds faults, and takes a good one', async () => {
    const site = await createSite();
    const service = site.start();
    await writeFile(site.config, 'dataDir: data\nlis: [{ name: main }]\n');
    await service.reload();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await site.configure({ cutoffs: { cv: { high: 0.9 } } });
    await service.reload();
    await site.drop('S25-000127_G01.ab1', sample('S25-000127_G01.ab1'));
    const [, second] = await site.receives(2);
    expect(second?.values['CVTIER']).toBe('INTERMEDIATE');
    expect(site.log.lines.some(({ message }) => message.includes('refused'))).toBe(true);
  });

  test('logs the id of a trace on each of its lines, and never a name, an accession or HL7 text', async () => {
    const planted = ['ウエキ', '植木', 'UEKI', 'P-SECRET', 'S25-000123', 'Sentence'];
    const site = await createSite({
      orders: [
        'S25-000123,ORD1,P-SECRET,植木 太郎,ウエキ タロウ,1948-07-21,M,smoldering,1480,U/mL,CLEIA,2025-01-04,',
        'S25-000124,,UEKI Sentence,,,bad date,Q,,,,,,',
      ],
    });
    site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await site.drop('UEKI_C01.ab1', sample(POLYCLONAL));
    await site.holds(1);
    await until(() => {
      const trace = site.log.lines.find(({ fields }) => fields['report'] === 'F')?.fields['trace'];
      expect(trace).toMatch(/^[0-9a-f]{12}$/);
      expect(site.log.lines.filter(({ fields }) => fields['trace'] === trace)).toHaveLength(2);
    });
    const written = JSON.stringify(site.log.lines);
    expect(planted.filter((name) => written.includes(name))).toEqual([]);
    expect(written).not.toContain('MSH|');
  });

  test('outlives a reload while another process keeps the database busy, and takes it afterwards', async () => {
    const site = await createSite();
    const service = site.start();
    await site.configure({ cutoffs: { cv: { high: 0.9 } } });
    const other = new DatabaseSync(join(site.root, 'data', DATABASE_FILE));
    other.exec('BEGIN IMMEDIATE');
    await service.reload();
    other.exec('ROLLBACK');
    other.close();
    expect(site.log.lines.some(({ message }) => message === 'The configuration was not taken')).toBe(true);
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await service.reload();
    await site.drop('S25-000127_G01.ab1', sample('S25-000127_G01.ab1'));
    const [, second] = await site.receives(2);
    expect(second?.values['CVTIER']).toBe('INTERMEDIATE');
  });

  test('names a rejected file again after a restart, and calls for a person and is audited only once', async () => {
    const site = await createSite();
    await site.configure({
      watch: { folders: ['incoming'], scanSeconds: 0.5, quietSeconds: 0.1, maxFileMiB: 0.01 },
    });
    for (const round of [1, 2]) {
      const service = site.start();
      if (round === 1) await site.drop(R4, sample(R4));
      await until(() => {
        const named = site.log.lines.filter(({ message }) => message.startsWith('Something in a folder'));
        expect(named).toHaveLength(round);
      });
      await service.stop();
    }
    const alarms = site.log.lines.filter(({ fields }) => String(fields['alert']).startsWith('file:'));
    expect(alarms).toHaveLength(1);
    const rejected = site.look((store) =>
      store.audit.about([R4]).filter(({ action }) => action === 'file.rejected'),
    );
    expect(rejected).toHaveLength(1);
  });
});

test.each(['nobody reads it', 'its disk is full'])(
  'a service goes on where it cannot log: %s',
  async (why) => {
    const site = await createSite();
    const full = openSync('/dev/full', 'w');
    const service = site.spawn(why === 'its disk is full' ? full : 'pipe');
    closeSync(full);
    service.stdout?.destroy();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    // Words to be logged, again and again.
    for (const name of [POLYCLONAL, NO_SIL2R]) await site.drop(name, sample(name));
    await site.receives(3);
    expect(service.exitCode).toBeNull();
    service.kill('SIGTERM');
    expect(await once(service, 'exit')).toEqual([0, null]);
    expect(site.look((store) => store.audit.about(['service']).at(-1)?.action)).toBe('service.stopped');
  },
);
