import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createSite } from '../service/site.ts';
import { raisingd } from './command-line.ts';
import { until } from '../until.ts';

async function webhook() {
  const got: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      got.push((JSON.parse(body) as { text: string }).text);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret` };
}

test('raisingd alerts test tries each channel and ends with 1 where one does not take it', async () => {
  const site = await createSite();
  expect(await raisingd('alerts', 'test', '--config', site.config)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('alerts.channels is empty'),
  });
  const { got, url } = await webhook();
  await site.configure({
    alerts: {
      channels: [
        { name: 'team', webhook: { url } },
        { name: 'away', webhook: { urlFile: 'nowhere' } },
      ],
    },
  });
  const both = await raisingd('alerts', 'test', '--config', site.config);
  expect(both.exitCode).toBe(1);
  expect(both.stdout).toMatch(/^team {2}webhook \(json\) at 127\.0\.0\.1:\d+: taken, \d+ ms$/m);
  expect(both.stdout).toMatch(/^away {2}.*: webhook\.urlFile cannot be read \(ENOENT\)/m);
  expect(both.stdout).not.toContain('s3cret');
  const one = await raisingd('alerts', 'test', '--channel', 'team', '--json', '--config', site.config);
  expect(JSON.parse(one.stdout)).toMatchObject({ channel: 'team', arrived: true, problem: null });
  expect(one.exitCode).toBe(0);
  expect(got).toHaveLength(2);
  expect(got.every((line) => line.startsWith('This is a test of raisingd'))).toBe(true);
  expect((await raisingd('alerts', 'test', '--channel', 'x', '--config', site.config)).exitCode).toBe(2);
});

test('raisingd alerts list tells what lasts beside the service; a start that fails is told once', async () => {
  const site = await createSite();
  const { got, url } = await webhook();
  const alerts = { channels: [{ name: 'team', webhook: { url } }] };
  await site.configure({ watch: { folders: ['incoming', 'gone'], scanSeconds: 0.3 }, alerts });
  const run = (...args: string[]) => raisingd('alerts', ...args, '--config', site.config);
  expect((await run('list')).stdout).toBe('nothing calls for a person\n');
  const service = site.start();
  await until(() => expect(got).toEqual([expect.stringContaining('gone is unavailable: ENOENT')]));
  expect((await run()).stdout).toMatch(
    /^folder:\S+gone {2}since .*: .*gone is unavailable: ENOENT\n {4}raisingd doctor/,
  );
  expect(JSON.parse((await run('list', '--json')).stdout)).toMatchObject({ kind: 'folder' });
  expect((await raisingd('status', '--config', site.config)).stdout).toMatch(/alarm folder:\S+gone/);
  await service.stop();

  for (const suffix of ['', '-wal', '-shm'])
    await writeFile(join(site.root, 'data', `raisingd.db${suffix}`), 'x');
  for (const _ of [1, 2]) expect((await raisingd('run', '--config', site.config)).exitCode).toBe(1);
  expect(got.filter((line) => line.includes('cannot start'))).toHaveLength(1);
  expect(got).toHaveLength(2);
});
