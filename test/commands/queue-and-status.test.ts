import { describe, expect, test } from 'vitest';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { createSite } from '../service/site.ts';
import { FAILED, R4, sample } from '../service/traces.ts';
import { raisingd } from './command-line.ts';

describe('raisingd queue', () => {
  test('lists a message that the LIS refused, shows its text, and sends it again on request', async () => {
    let answers: Behaviour = { kind: 'answer', code: 'AE', error: '101' };
    const site = await createSite({ behave: () => answers });
    site.start();
    await site.drop(R4, sample(R4));
    const { id, controlId } = await site.sees(
      (store) => store.outbox.list({ states: ['held'], limit: 1 })[0],
    );

    const list = await raisingd('queue', 'list', '--config', site.config);
    expect(list.stdout).toContain(`${id}  held  main  ${controlId}`);
    const shown = await raisingd('queue', 'show', String(id), '--config', site.config);
    expect(shown.stdout).toContain(controlId);
    expect(shown.stdout).toContain(`MSH-10  control ID                  ${controlId}`);

    answers = { kind: 'accept' };
    const retried = await raisingd('queue', 'retry', String(id), '--by', 'tester', '--config', site.config);
    expect(retried.exitCode).toBe(0);
    await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
    expect((await site.received()).map((message) => message.controlId)).toEqual([controlId, controlId]);
  });

  test('drops a message only with a reason, and then never sends it', async () => {
    const site = await createSite({ behave: () => ({ kind: 'answer', code: 'AE' }) });
    site.start();
    await site.drop(R4, sample(R4));
    const { id } = await site.sees((store) => store.outbox.list({ states: ['held'], limit: 1 })[0]);
    const refused = await raisingd('queue', 'drop', String(id), '--config', site.config);
    expect(refused.exitCode).toBe(2);
    const dropped = await raisingd(
      'queue',
      'drop',
      String(id),
      '--reason',
      'entered by hand',
      '--config',
      site.config,
    );
    expect(dropped.exitCode).toBe(0);
    const again = await raisingd('queue', 'retry', String(id), '--config', site.config);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('dropped') as string });
  });

  test('says so where there is no such message, no database, or no number', async () => {
    const site = await createSite();
    const absent = await raisingd('queue', 'list', '--config', site.config);
    expect(absent).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no database yet') as string,
    });
    await site.start().stop();
    expect((await raisingd('queue', 'show', '7', '--config', site.config)).exitCode).toBe(1);
    expect((await raisingd('queue', 'show', 'seven', '--config', site.config)).exitCode).toBe(2);
  });
});

describe('raisingd status', () => {
  test('tells of a running service its folders, its LIS, what waits and what is held', async () => {
    const site = await createSite();
    const service = site.start();
    await site.drop(FAILED, sample(FAILED));
    await site.holds(1);
    const running = await raisingd('status', '--config', site.config);
    expect(running.exitCode).toBe(0);
    expect(running.stdout).toMatch(/^raisingd runs, process \d+/);
    expect(running.stdout).toContain('S25-000129_A02.ab1');
    expect(running.stdout).toContain('ANCHOR_NOT_FOUND (');
    await service.stop();
    const stopped = await raisingd('status', '--json', '--config', site.config);
    expect(stopped.exitCode).toBe(1);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ running: null, held: [{ accession: 'S25-000129' }] });
  });
});
