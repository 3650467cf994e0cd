import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { storyOf } from '../../src/result/story.ts';
import { message, omlO33, oruSil2r } from '../orders/messages.ts';
import { portOf } from '../orders/port.ts';
import { send } from '../orders/sender.ts';
import { createSite } from './site.ts';
import { NO_SIL2R, R4, sample } from './traces.ts';
import { until } from '../until.ts';

async function siteWithOrders(changes: Readonly<Record<string, unknown>> = {}) {
  const site = await createSite();
  await site.configure({ site: { timeZone: 'UTC' }, orders: { mllp: { port: 0 } }, ...changes });
  return site;
}

describe('an order that comes by HL7', () => {
  test('releases the trace that waited for it, and later sIL-2R makes the preliminary result final', async () => {
    const site = await siteWithOrders();
    site.start();
    const port = await portOf(site);
    await site.drop(R4, sample(R4));
    expect(await site.holds(1)).toEqual([['NO_ORDER']]);
    expect(await send(port, omlO33('M1'))).toMatchObject([{ code: 'AA', controlId: 'M1' }]);
    const [first] = await site.receives(1);
    expect(first).toMatchObject({
      order: '25010500123',
      accession: 'S25-000123',
      status: 'P',
      patient: '見本',
    });
    expect(await send(port, oruSil2r('M2'))).toMatchObject([{ code: 'AA', controlId: 'M2' }]);
    const [, second] = await site.receives(2);
    expect(second).toMatchObject({ status: 'F', values: { CVRISK: 'R4' }, resultKey: first?.resultKey });
    const story = site.look((store) => storyOf(store, 'S25-000123')).map(({ text }) => text);
    expect(story).toContain(
      'Message M1 from LIS^HOSP gave an order: order 25010500123, patient P123, smoldering, collected 2025-01-05T00:40:00.',
    );
    expect(story).toContain(
      'Message M2 from LIS^HOSP gave sIL-2R: patient P123, sIL-2R 1480 U/mL of 2025-01-04.',
    );
  });

  test('is still known after a restart, and a message that comes again has no second effect', async () => {
    const site = await siteWithOrders();
    const service = site.start();
    const port = await portOf(site);
    await send(port, omlO33('M1'), oruSil2r('M2'));
    await service.stop();
    site.start();
    const again = await send(await portOf(site, 2), oruSil2r('M2'), omlO33('M1'));
    expect(again.map((answer) => answer?.code)).toEqual(['AA', 'AA']);
    expect(site.look((store) => store.orders.about('S25-000123'))).toHaveLength(1);
    await site.drop(R4, sample(R4));
    expect(await site.receives(1)).toMatchObject([{ status: 'F', values: { CVRISK: 'R4' } }]);
    const result = site.look((store) => store.results.byAccession('S25-000123')[0]);
    const context = site.look((store) => store.results.latest(result?.id ?? 0)?.context);
    expect(context?.provenance?.sil2r).toMatchObject({
      source: 'orders',
      origin: 'message M2 from LIS^HOSP',
    });
  });

  test('has one effect where the service was killed before its sender heard the answer', async () => {
    const site = await siteWithOrders({ orders: { mllp: { port: await freePort() } } });
    const port = site.loaded().config.orders?.mllp.port ?? 0;
    const first = site.spawn();
    await site.sees((store) => store.audit.verify());
    // Nothing reads the answer: the kill comes as soon as the store has the order.
    void listening(port).then(() => send(port, omlO33('M1')));
    await site.sees((store) => (store.orders.about('S25-000123').length > 0 ? true : null));
    first.kill('SIGKILL');
    await once(first, 'exit');
    site.spawn();
    await listening(port);
    expect(await send(port, omlO33('M1'))).toMatchObject([{ code: 'AA' }]);
    expect(site.look((store) => store.orders.about('S25-000123'))).toHaveLength(1);
    await site.drop(R4, sample(R4));
    expect(await site.receives(1)).toMatchObject([{ order: '25010500123', status: 'P' }]);
  });

  test('holds the trace when it was cancelled, or when another source names another patient', async () => {
    const site = await createSite({
      orders: ['S25-000128,ORD128,P128,模型 恵,,1960-01-01,F,carrier,,,,,'],
    });
    await site.configure({
      orders: { mllp: { port: 0 } },
      worklist: { folder: 'worklist', scanSeconds: 0.2 },
    });
    site.start();
    const port = await portOf(site);
    const cancelled = [omlO33('M1'), omlO33('M2', { control: 'CA' })];
    await send(port, ...cancelled, omlO33('M3', { accession: 'S25-000128', order: 'ORD128' }));
    await site.drop(R4, sample(R4));
    await site.drop(NO_SIL2R, sample(NO_SIL2R));
    const held = await site.holds(2);
    expect(held.flat().sort()).toEqual(['CONTRADICTING_SOURCES', 'ORDER_CANCELLED']);
    expect(await site.received()).toEqual([]);
  });
});

describe('a worklist that is gone', () => {
  test('is remembered: what it said still releases a trace after a restart', async () => {
    const order =
      'S25-000123,25010500123,P123,見本 一郎,,1948-07-21,M,smoldering,1480,U/mL,CLEIA,2025-01-04,2025-01-05';
    const site = await createSite({ orders: [order] });
    const service = site.start();
    await site.sees((store) => store.orders.about('S25-000123')[0]);
    await service.stop();
    await site.orders([]);
    site.start();
    await site.drop(R4, sample(R4));
    expect(await site.receives(1)).toMatchObject([
      { order: '25010500123', status: 'F', values: { CVRISK: 'R4' } },
    ]);
  });
});

test('no name, patient id or HL7 text that came in is logged', async () => {
  const site = await siteWithOrders();
  site.start();
  const port = await portOf(site);
  const bad = message('ORU^R01', 'M9', [
    'PID|1||P-SECRET||植木^太郎',
    'OBR|1',
    'OBX|1|NM|SIL2R||植木|U/mL|||||F',
  ]);
  const answers = await send(port, omlO33('M1'), bad, 'MSH|^~\\&|植木', '植木');
  expect(answers.map((answer) => answer?.code ?? null)).toEqual(['AA', 'AE', 'AR', null]);
  const written = JSON.stringify(site.log.lines);
  for (const name of ['植木', 'P-SECRET', '見本', 'ミホン', 'P123', 'S25-000123', 'MSH|'])
    expect(written).not.toContain(name);
});

test('a service that is reloaded in the moment of its start listens for orders, and for no longer than it runs', async () => {
  const port = await freePort();
  const site = await siteWithOrders({ orders: { mllp: { host: 'localhost', port } } });
  const service = site.start();
  await service.reload();
  expect(await portOf(site)).toBe(port);
  expect(site.log.lines.some(({ message }) => message.includes('cannot be listened on'))).toBe(false);
  await service.stop();
  await expect(once(connect({ port, host: 'localhost' }), 'connect')).rejects.toThrow('ECONNREFUSED');
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function listening(port: number): Promise<void> {
  await until(async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  });
}
