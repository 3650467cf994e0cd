import { readFileSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createReview } from '../../src/result/review.ts';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { openStore } from '../../src/store/store.ts';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { dayClock, dayMachine, ENDS_SOON, receivers, RENEWED } from './bad-day-world.ts';
import { bytesOf, CONTROLS_B, NTC_AGAIN, ntcAgain } from './day-traces.ts';
import { createSite } from './site.ts';
import { POLYCLONAL, R4, sample } from './traces.ts';
import { until } from '../until.ts';

const PAGE = new URL('../../docs/bad-day.md', import.meta.url);
const DOUBTFUL = 'S25-000131_C02.ab1';
const PLANTED = ['植木', 'ウエキ', 'UEKI', 'P-SECRET', 'S25-000123', 'S25-000131', 'NEG-NTC'];

/** What happens, and what is heard of it: messages on the screen and in the mailbox. */
interface Step {
  readonly time: string;
  readonly what: string;
  readonly posts: readonly string[][];
  readonly mails: readonly string[][];
}

test('a bad day: every fault is told once, its end is told, and nobody is woken for what can wait', async () => {
  let answers: Behaviour = { kind: 'accept' };
  const order = (accession: string): string =>
    `${accession},ORD1,P-SECRET${accession.slice(-1)},植木 太郎,ウエキ タロウ,1948-07-21,M,smoldering,1480,U/mL,CLEIA,2025-01-04,`;
  const site = await createSite({
    orders: ['S25-000122', 'S25-000123', 'S25-000131'].map(order),
    behave: () => answers,
  });
  const clock = dayClock('2026-01-05T23:30:00.000Z');
  const machine = dayMachine();
  const heard = await receivers();
  const lis = {
    ...{ name: 'main', mllp: { host: '127.0.0.1', port: site.port } },
    ...{ retry: { firstSeconds: 0.1, maxSeconds: 0.2 }, timeouts: { ackSeconds: 0.3 } },
  };
  const settings = {
    site: { timeZone: 'Asia/Tokyo' },
    watch: { folders: ['incoming'], scanSeconds: 0.3, quietSeconds: 0.1, maxFileMiB: 1 },
    lis: [lis],
    alerts: { channels: heard.channels },
  };
  await site.configure(settings);
  const start = () => site.start({ clock, machine, elapsed: clock.elapsed, lookMs: 40 });
  let service = start();

  const steps: Step[] = [];
  /** One thing that happens, and how many messages it brings to the screen and to the mailbox. */
  const at = async (
    time: string,
    what: string,
    [posts, mails]: readonly [number, number],
    work: () => Promise<void> | void = () => undefined,
  ): Promise<void> => {
    const day = time < '08:30' ? '07' : '06';
    // Half a minute past, so that a slow machine makes no duration shorter.
    clock.to(
      `2026-01-${day}T${time}:${/again|back|frees|clean|releases|renewed|another|mended/.test(what) ? '30' : '00'}+09:00`,
    );
    await work();
    await until(() => {
      const now = `${time} ${what}: ${JSON.stringify([heard.posts, heard.mails])}`;
      expect([heard.posts.length, heard.mails.length], now).toEqual([posts, mails]);
    });
    steps.push({ time, what, posts: heard.posts.splice(0), mails: heard.mails.splice(0) });
  };
  const reload = async (changes: object): Promise<void> => {
    await site.configure({ ...settings, ...changes });
    await service.reload();
  };
  const incoming = join(site.root, 'incoming');
  const aside = join(site.root, 'aside');

  await at('08:30', 'The service starts; the day is new', [0, 0]);
  await at('09:05', 'The LIS stops answering as a result goes out', [1, 1], async () => {
    answers = { kind: 'silence' };
    await site.drop(R4, sample(R4));
  });
  await at('09:20', 'The service is restarted; the LIS is still away', [0, 0], async () => {
    await service.stop();
    service = start();
    await until(() => expect(site.log.lines.at(-1)?.message).toContain('gave no answer'));
  });
  await at('09:36', 'The result has waited for half an hour', [1, 1]);
  await at('11:15', 'The LIS answers again', [2, 2], () => {
    answers = { kind: 'accept' };
  });
  await at('11:40', 'The share is gone', [1, 1], () => rename(incoming, aside));
  await at('12:02', 'The share is back', [1, 1], () => rename(aside, incoming));
  await at('13:00', 'A file of 2 MB is in the folder, with a name that may be a patient', [1, 1], () =>
    site.drop('UEKI.ab1', new Uint8Array(2_000_000)),
  );
  await at('13:30', 'The negative control of a run shows a provirus', [1, 1], async () => {
    for (const one of CONTROLS_B) await site.drop(one.file, bytesOf(one));
  });
  await at('14:05', 'The control, injected again, is clean', [1, 1], () =>
    site.drop(NTC_AGAIN.file, ntcAgain()),
  );
  await at('14:30', 'A weak trace is held for a person', [0, 0], async () => {
    await site.drop(DOUBTFUL, sample(DOUBTFUL));
    await site.holds(1);
  });
  await at('15:00', 'The disk is nearly full', [1, 1], () => {
    machine.free = 212;
  });
  await at('15:25', 'Somebody frees space', [1, 1], () => {
    machine.free = 40_000;
  });
  await at('16:00', 'The time server is gone', [0, 0], async () => {
    machine.synchronised = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  await at('16:16', 'A quarter of an hour without it', [1, 1]);
  await at('16:40', 'The time server is back, and sets the clock by four minutes', [2, 2], async () => {
    machine.synchronised = true;
    await until(() => expect(heard.mails).toHaveLength(1));
    clock.jump(4);
  });
  await at('18:31', 'The weak trace has waited for four hours', [1, 1]);
  await at('18:50', 'A technician releases it', [1, 1], () => {
    const store = openStore(join(site.root, 'data', DATABASE_FILE), { access: 'write', now: new Date() });
    const { config, texts } = site.loaded();
    const review = createReview({ store, config, texts, clock, software: { version: 'x', build: '' } });
    const key = store.results.held(1)[0]?.result.key ?? '';
    expect(review.release(key, { by: 'Sato', reason: 'clean' }, null).kind).toBe('done');
    store.close();
  });
  const portal = {
    name: 'portal',
    mllp: { host: '127.0.0.1', port: 1, tls: { ca: 'portal.pem' } },
    only: { statuses: ['X'] },
  };
  await at('19:00', 'A destination is added whose certificate ends soon', [1, 1], async () => {
    await writeFile(join(site.root, 'portal.pem'), ENDS_SOON);
    await reload({ lis: [lis, portal] });
  });
  await at('19:30', 'The certificate is renewed', [1, 1], async () => {
    await writeFile(join(site.root, 'portal.pem'), RENEWED);
    await reload({ lis: [lis, { ...portal, minIntervalMs: 1 }] });
  });
  await at('20:00', 'The folder of the backups turns out to be a file', [1, 1], async () => {
    await writeFile(join(site.root, 'copies'), '');
    await reload({ upkeep: { backup: { folder: 'copies' } } });
  });
  await at('20:30', 'The backups get another folder', [1, 1], () =>
    reload({ upkeep: { backup: { folder: 'copies2' } } }),
  );
  await at('21:00', 'A fault is written into the configuration', [1, 1], async () => {
    await writeFile(site.config, 'dataDir: data\nlis: [{ name: main }]\n');
    await service.reload();
  });
  await at('21:10', 'The fault is mended', [1, 1], () => reload({}));
  await at('22:30', 'The disk is nearly full again; quiet hours have begun', [1, 0], () => {
    machine.free = 300;
  });
  await at('23:10', 'The LIS stops answering: that does not wait', [1, 1], async () => {
    answers = { kind: 'silence' };
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
  });
  await at('23:25', 'The LIS answers again', [1, 1], () => {
    answers = { kind: 'accept' };
  });
  await at('02:00', 'The time server is gone', [0, 0], async () => {
    machine.synchronised = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  await at('02:16', 'A quarter of an hour without it', [1, 0]);
  await at('03:00', 'The time server is back', [1, 0], () => {
    machine.synchronised = true;
  });
  await at('07:00', 'Quiet hours are over: the disk is still full', [0, 1]);
  await at('07:45', 'Somebody frees space', [1, 1], () => {
    machine.free = 40_000;
  });
  await at('08:15', 'Somebody has edited the audit log', [1, 1], async () => {
    const db = new DatabaseSync(join(site.root, 'data', DATABASE_FILE), { timeout: 5000 });
    db.exec("DROP TRIGGER audit_immutable; UPDATE audit SET actor = 'nobody' WHERE seq = 2");
    db.close();
    await reload({ upkeep: { audit: { cron: '*/5 * * * * *' } } });
  });

  const sent = heard.raw.join('\n');
  expect(PLANTED.filter((name) => sent.includes(name))).toEqual([]);
  const logged = JSON.stringify(site.log.lines);
  expect(PLANTED.filter((name) => logged.includes(name))).toEqual([]);

  const page = pageOf(steps).replaceAll(site.root, '/srv');
  if (process.env['WRITE_DAY'] === '1') writeFileSync(PAGE, page);
  expect(skeleton(readFileSync(PAGE, 'utf8')), 'WRITE_DAY=1 vitest run test/service/bad-day.test.ts').toEqual(
    skeleton(page),
  );
});

function pageOf(steps: readonly Step[]): string {
  const messages = (of: 'posts' | 'mails'): number => steps.reduce((sum, step) => sum + step[of].length, 0);
  const episodes = new Set(steps.flatMap(({ posts }) => posts.flat())).size;
  const rows = steps.map(({ time, what, posts, mails }) => {
    const [post, mail] = [posts, mails].map((all) => all.flat().join('<br>'));
    const same = mail === post ? (post === '' ? '' : 'the same') : (mail ?? '');
    return `| ${time} | ${what} | ${post ?? ''} | ${same === '' ? 'nothing' : same} |`.replace(
      '|  |',
      '| nothing |',
    );
  });
  return [
    '# A bad day, alert by alert',
    '',
    'What people hear on a scripted day of faults (`test/service/bad-day.test.ts`, which plays it on a running service and writes this page). The faults are real ones: the LIS falls silent, the folder is renamed, a control fails, the audit log is edited; only the clock, the free space and the time server are the script’s. Two channels: a screen in the room (webhook), and a mailbox with quiet hours from 22:00 to 07:00.',
    '',
    `${messages('posts')} messages to the screen with ${episodes} lines, ${messages('mails')} to the mailbox. No line names a patient, a sample or a file.`,
    '',
    '| time | what happens | screen | mailbox |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** The page without what a slow machine may write otherwise: minutes of the clock and durations. */
function skeleton(page: string): string[] {
  return page
    .replaceAll(/\(2026-01-\d\d \d\d:\d\d\)/g, '(time)')
    .replaceAll(/(after|for) [^|<(]*(min|h|s)\b/g, '$1 …')
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim());
}
