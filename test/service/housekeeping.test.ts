import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createSite } from './site.ts';
import { CONTROL, R4, sample } from './traces.ts';
import { until } from '../until.ts';

/** A webhook that keeps what it gets. */
async function webhook() {
  const got: string[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      got.push(JSON.stringify(body));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

test('the weekly summary comes to the alert channels, the daily one to the log, and neither is an alarm', async () => {
  const { got, url } = await webhook();
  const site = await createSite();
  await site.configure({});
  const service = site.start();
  await site.drop(R4, sample(R4));
  await site.drop(CONTROL, sample(CONTROL));
  await site.receives(1);
  await site.sees((store) => store.controls.since(new Date(0))[0]);
  await site.sees((store) => (store.outbox.stats().length === 0 ? true : null));
  await site.configure({
    alerts: { channels: [{ name: 'team', webhook: { url } }] },
    upkeep: { summary: { cron: '* * * * * *' }, weekly: { cron: '* * * * * *' } },
  });
  await service.reload();

  const told = await until(() => {
    const found = got.find((text) => text.includes('The last 7 days'));
    if (found === undefined) throw new Error('no summary yet');
    return found;
  });
  expect(told).toMatch(
    /The last 7 days: 2 traces \(2 pass, 0 review, 0 fail\); released 0 low, 0 intermediate, 1 high; 1 delivered, /,
  );
  expect(told).toContain('controls: positive 1 passed, 0 failed, Cv 1.00-1.00');
  expect(told).not.toMatch(/S25-|TLOM1|ab1/);
  expect(got.some((text) => text.includes('The last 24 hours'))).toBe(false);
  const daily = await until(() => {
    const line = site.log.lines.find(({ message }) => message === 'The last 24 hours');
    if (line === undefined) throw new Error('not logged yet');
    return line;
  });
  expect(daily).toMatchObject({ level: 'info', fields: { pass: 2, high: 1, delivered: 1 } });
  expect(site.log.lines.filter(({ message }) => message.startsWith('The last 7 days:'))).toEqual([]);
});
