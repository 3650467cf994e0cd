import { mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { raisingd } from '../commands/command-line.ts';
import { closedPort, startTestLis } from '../deliver/support/servers.ts';
import { createSite } from './site.ts';
import { POLYCLONAL, R4, sample } from './traces.ts';
import { until } from '../until.ts';

const ORDERS = [
  'S25-000123,1,P123,見本 一郎,ミホン イチロウ,1948-07-21,M,smoldering,1480,U/mL,CLEIA,2025-01-04,2025-01-05T09:40',
  'S25-000122,2,P122,見本 二郎,ミホン ジロウ,1950-07-21,M,carrier,,,,,2025-01-05T09:40',
];
const SOON = { retry: { firstSeconds: 0.2, maxSeconds: 0.5 } };

const alarms = ({ log }: Awaited<ReturnType<typeof createSite>>): string[] =>
  log.lines.flatMap(({ fields: { alert, event } }) =>
    typeof alert === 'string' && alert.startsWith('forgotten:') ? [`${alert} ${String(event)}`] : [],
  );

test('a LIS that is down holds up none of the others, and gets all once it is back', async () => {
  const site = await createSite({ orders: ORDERS });
  const port = await closedPort();
  const folder = join(site.root, 'drop');
  mkdirSync(folder);
  await site.configure({
    lis: [
      { name: 'away', mllp: { host: '127.0.0.1', port }, verdicts: { CE: 'done' }, ...SOON },
      { name: 'main', mllp: { host: '127.0.0.1', port: site.port }, ...SOON },
      { name: 'ward', file: { folder: 'drop' }, only: { categories: ['smoldering'] } },
    ],
  });
  site.start();
  expect(site.log.lines).toContainEqual({
    level: 'warn',
    message: 'A setting to know of',
    fields: { setting: expect.stringContaining('lis[0].verdicts.CE: counts a message that the LIS refused') },
  });
  await site.drop(R4, sample(R4));
  await site.drop(POLYCLONAL, sample(POLYCLONAL));
  const received = await site.receives(2);
  expect(received.map(({ accession }) => accession).sort()).toEqual(['S25-000122', 'S25-000123']);
  const waiting = await site.sees((store) => {
    const queues = store.outbox.stats();
    return queues.length === 1 && queues[0]?.queued === 2 ? queues : null;
  });
  expect(waiting).toMatchObject([{ destination: 'away', held: 0 }]);
  // The ward asked for smoldering ATL alone.
  await until(() => {
    expect(filesIn(folder)).toHaveLength(1);
  });

  const back = await startTestLis(undefined, { port });
  await until(async () => {
    expect(await back.received()).toHaveLength(2);
  });
  expect(await site.received()).toHaveLength(2);
});

test('what waits follows its destination to a corrected address, and to a new name when it is moved', async () => {
  const site = await createSite();
  const wrong = { name: 'old', mllp: { host: '127.0.0.1', port: await closedPort() }, ...SOON };
  await site.configure({ lis: [wrong] });
  const service = site.start();
  await site.drop(R4, sample(R4));
  await site.sees((store) => store.outbox.list({ limit: 1 })[0]);

  await site.configure({ lis: [{ ...wrong, mllp: { host: '127.0.0.1', port: site.port } }] });
  await service.reload();
  const [first] = await site.receives(1);
  expect(first?.accession).toBe('S25-000123');

  await site.configure({ lis: [wrong] });
  await service.reload();
  await site.drop(POLYCLONAL, sample(POLYCLONAL));
  const { controlId } = await site.sees((store) => store.outbox.list({ limit: 1 })[0]);
  await site.configure({ lis: [{ ...wrong, name: 'new', mllp: { host: '127.0.0.1', port: site.port } }] });
  const move = [
    'queue',
    'move',
    '--from',
    'old',
    '--to',
    'new',
    '--reason',
    'renamed',
    '--config',
    site.config,
  ];
  const early = await raisingd(...move);
  expect(early).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('SIGHUP') as string });
  await service.reload();
  expect(site.log.lines.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('1 messages wait for old, which is not configured'),
  );
  expect((await raisingd(...move)).stdout).toContain('1 messages wait for new now');
  const second = (await site.receives(2)).at(-1);
  expect(second?.controlId).toBe(controlId);
});

test('a destination that is renamed by its configuration gets what waited before what follows on it', async () => {
  const site = await createSite({ orders: ORDERS });
  const worklist = { worklist: { folder: 'worklist', scanSeconds: 0.2 } };
  const old = { name: 'old', mllp: { host: '127.0.0.1', port: await closedPort() }, ...SOON };
  await site.configure({ ...worklist, lis: [old] });
  const service = site.start();
  await site.drop(R4, sample(R4));
  await site.sees((store) => store.outbox.list({ limit: 1 })[0]);
  const mllp = { host: '127.0.0.1', port: site.port };
  await site.configure({ ...worklist, lis: [{ ...old, name: 'new', formerly: ['old'], mllp }] });
  await service.reload();
  await site.orders(ORDERS.map((order) => order.replace('1480', '300')));
  const received = await site.receives(2);
  expect(received.map(({ status, values }) => [status, values['CVRISK']])).toEqual([
    ['F', 'R4'],
    ['C', 'R2'],
  ]);
  expect(site.look((store) => store.audit.about([received[0]?.controlId ?? '']))).toMatchObject([
    { actor: 'raisingd', action: 'queue.moved', detail: { destination: 'new' } },
  ]);
  expect(alarms(site)).toEqual([]);
});

test('a name that is gone, and that results were delivered to, is told until its successor names it', async () => {
  const site = await createSite();
  const main = { name: 'old', mllp: { host: '127.0.0.1', port: site.port }, ...SOON };
  await site.configure({ lis: [main] });
  const first = site.start();
  await site.drop(R4, sample(R4));
  await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
  await first.stop();

  await site.configure({ lis: [{ ...main, name: 'new' }] });
  const service = site.start();
  expect(site.log.lines).toContainEqual({
    level: 'error',
    message: expect.stringContaining('Write formerly: [old] at the destination') as string,
    fields: { alert: 'forgotten:old', event: 'raised' },
  });
  await site.configure({ lis: [{ ...main, name: 'new', formerly: ['old'] }] });
  await service.reload();
  expect(alarms(site)).toEqual(['forgotten:old raised', 'forgotten:old cleared']);
});

test('what a LIS says in words is kept with the message for a person to read, and is in no log', async () => {
  const text = 'unknown patient 見本 一郎';
  const site = await createSite({ behave: () => ({ kind: 'answer', code: 'AE', error: '204', text }) });
  site.start();
  await site.drop(R4, sample(R4));
  const { id } = await site.sees((store) => store.outbox.list({ states: ['held'], limit: 1 })[0]);
  expect(site.look((store) => store.outbox.show(id)?.conversation)).toMatchObject([
    { actor: null, event: 'AE, 204 unknown key identifier', answer: expect.stringContaining(text) },
  ]);
  const log = JSON.stringify(site.log.lines);
  expect(log).toContain('AE, 204 unknown key identifier');
  expect(log).not.toContain('見本');
});

/** What a receiver that looks into the folder sees. */
const filesIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.hl7'));

test('a message of an open batch is queued, and no crash, new name or change of the batch loses it', async () => {
  const site = await createSite();
  const [folder, away] = [join(site.root, 'drop'), join(site.root, 'away')];
  mkdirSync(folder);
  const ward = { name: 'ward', file: { folder: 'drop', batch: { seconds: 3600 } }, ...SOON };
  await site.configure({ lis: [ward] });
  const child = site.spawn();
  await site.drop(R4, sample(R4));
  const { controlId } = await site.sees((store) => store.outbox.list({ states: ['queued'], limit: 1 })[0]);
  const killed = once(child, 'exit');
  child.kill('SIGKILL');
  await killed;
  expect(filesIn(folder)).toEqual([]);

  await site.configure({ lis: [{ ...ward, file: { folder: 'drop' } }] });
  const service = site.start();
  await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
  expect(filesIn(folder)).toEqual([`${controlId}.hl7`]);

  // In a batch again, and given another name while the folder is away.
  await site.configure({ lis: [ward] });
  await service.reload();
  await site.drop(POLYCLONAL, sample(POLYCLONAL));
  await site.sees((store) => store.outbox.list({ states: ['queued'], limit: 1 })[0]);
  renameSync(folder, away);
  await site.configure({ lis: [{ ...ward, name: 'ward2' }] });
  await service.reload();
  renameSync(away, folder);
  expect(site.look((store) => store.outbox.stats())).toMatchObject([{ destination: 'ward', queued: 1 }]);
  expect(site.log.lines.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('1 messages wait for ward, which is not configured'),
  );
});

test('a batch that cannot be written is an alarm of its destination, until it is written', async () => {
  const site = await createSite();
  const [folder, away] = [join(site.root, 'drop'), join(site.root, 'away')];
  mkdirSync(away);
  await site.configure({ lis: [{ name: 'ward', file: { folder: 'drop', batch: { seconds: 1 } }, ...SOON }] });
  site.start();
  await site.drop(R4, sample(R4));
  const alarms = () => site.log.lines.filter(({ fields }) => fields['alert'] === 'lis:ward');
  await until(() => expect(alarms().map(({ fields }) => fields['event'])).toEqual(['raised']));
  expect(site.look((store) => store.outbox.list({ limit: 1 }))).toMatchObject([{ state: 'queued' }]);
  renameSync(away, folder);
  await until(() => expect(alarms().map(({ fields }) => fields['event'])).toEqual(['raised', 'cleared']));
  await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
  expect(filesIn(folder)).toHaveLength(1);
});

test('a share that is away is an alarm, nothing is written below it, and doctor and check say so', async () => {
  const site = await createSite();
  const [folder, away] = [join(site.root, 'drop'), join(site.root, 'away')];
  mkdirSync(folder);
  await site.configure({ lis: [{ name: 'ward', file: { folder: 'drop' }, ...SOON }] });
  const first = site.start();
  await site.drop(R4, sample(R4));
  await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
  await first.stop();

  // As an unmounted share leaves its mount point.
  renameSync(folder, away);
  mkdirSync(folder);
  site.start();
  await site.drop(POLYCLONAL, sample(POLYCLONAL));
  const alarms = () => site.log.lines.filter(({ fields }) => fields['alert'] === 'lis:ward');
  await until(() => expect(alarms().map(({ fields }) => fields['event'])).toEqual(['raised']));
  expect(alarms()[0]?.message).toContain('it lacks its .raisingd: is its share mounted?');
  expect(readdirSync(folder)).toEqual([]);
  const doctor = await raisingd('doctor', '--config', site.config);
  expect(doctor.stdout).toMatch(
    /^fail +lis +ward: .*drop lacks the \.raisingd that the service left in it\n +Mount/m,
  );
  const check = await raisingd('check', '--config', site.config);
  expect(check.stdout).toContain('lis[0].file.folder: is not the folder that was written to: not mounted?');

  rmdirSync(folder);
  renameSync(away, folder);
  await until(() => expect(alarms().map(({ fields }) => fields['event'])).toEqual(['raised', 'cleared']));
  await until(() => expect(filesIn(folder)).toHaveLength(2));
  expect((await raisingd('doctor', '--config', site.config)).stdout).toMatch(/ward: .*drop may be written/);
});
