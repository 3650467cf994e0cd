import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { storyOf } from '../../src/result/story.ts';
import { createReview, type Review } from '../../src/result/review.ts';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { openStore } from '../../src/store/store.ts';
import {
  accession,
  AFTER_EDIT,
  bytesOf,
  CONTROLS_A,
  CONTROLS_B,
  NTC_AGAIN,
  ntcAgain,
  RUN_A,
  RUN_B,
  type DayTrace,
} from './day-traces.ts';
import { createSite, type Received } from './site.ts';
import { injectedAgain, reanalysed } from './traces.ts';

const PAGE = new URL('../../docs/day.md', import.meta.url);

/** A row of the worklist; every fourth patient is a carrier. */
function order(
  number: number,
  sil2r: string,
  category = number % 4 === 0 ? 'carrier' : 'smoldering',
): string {
  const about = `${accession(number)},ORD${number},P${number},見本 ${number},,1950-01-01,M,${category}`;
  return `${about},${sil2r},${sil2r === '' ? ',,' : 'U/mL,CLEIA,2025-01-04'},2025-01-05T09:00`;
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a day of forty traces: what the LIS receives, in order, with its statuses', async () => {
  // 113-115 have no sIL-2R yet, 121 no order; of 118 the sIL-2R will be corrected.
  const orders = new Map<number, string>();
  const late = new Set([113, 114, 115]);
  for (const number of [...numbers(101, 120), ...numbers(201, 211), 301]) {
    orders.set(
      number,
      late.has(number) ? order(number, '', 'smoldering') : order(number, number % 2 === 0 ? '1480' : '420'),
    );
  }
  const settings = {
    controls: { required: ['positive', 'negative'] },
    release: { rejected: 'no-result' },
  };
  const site = await createSite({ orders: [...orders.values()] });
  await site.configure(settings);
  const service = site.start();
  const phases: { title: string; messages: Received[] }[] = [];
  let seen = 0;

  /** One part of the day, which brings so many messages. */
  const phase = async (title: string, count: number, work: () => Promise<void> | void): Promise<void> => {
    await work();
    const all = await site.receives(seen + count);
    const messages = all.slice(seen).sort((a, b) => (a.accession < b.accession ? -1 : 1));
    expect(messages.length, title).toBe(count);
    seen = all.length;
    phases.push({ title, messages });
  };
  const drop = async (traces: readonly DayTrace[]): Promise<void> => {
    for (const one of traces) await site.drop(one.file, bytesOf(one));
  };
  const recorded = (count: number): Promise<unknown> =>
    site.sees((store) => ([...store.sightings.all()].length === count ? true : null));
  const person = <T>(work: (review: Review, key: (number: number) => string) => T): T => {
    const store = openStore(join(site.root, 'data', DATABASE_FILE), { access: 'write', now: new Date() });
    try {
      const { config, texts } = site.loaded();
      const review = createReview({
        store,
        config,
        texts,
        clock: systemClock,
        software: { version: 'x', build: '' },
      });
      return work(review, (number) => store.results.byAccession(accession(number))[0]?.key ?? '');
    } finally {
      store.close();
    }
  };
  const tell = (number: number, row: string): Promise<void> => {
    orders.set(number, row);
    return site.orders([...orders.values()]);
  };

  await phase('Run A: the traces come before their controls, and wait', 0, async () => {
    await drop(RUN_A);
    await recorded(21);
  });
  await phase('Run A: both controls pass, and what is clean goes out by itself', 18, () => drop(CONTROLS_A));
  expect((await site.holds(3)).flat().sort()).toEqual(
    [...new Set(['ANCHOR_NOT_FOUND', 'NO_ORDER', ...doubts()])].sort(),
  );
  await phase('sIL-2R arrives for two of the three that lacked it', 2, async () => {
    orders.set(113, order(113, '1480', 'smoldering'));
    await tell(114, order(114, '420', 'smoldering'));
  });
  await phase('The other laboratory corrects the sIL-2R of 118', 1, () => tell(118, order(118, '640')));
  await phase('The order of 121 arrives', 1, () => tell(121, order(121, '1480', 'smoldering')));
  await phase('A technician releases the weak trace 119, and rejects 120', 2, () => {
    const who = { by: 'Sato', reason: 'clean at the junction' };
    expect(person((review, key) => review.release(key(119), who, null)).kind).toBe('done');
    expect(person((review, key) => review.reject(key(120), { by: 'Sato', reason: 'no LTR' })).kind).toBe(
      'done',
    );
  });
  const [first, second] = RUN_A;
  if (first === undefined || second === undefined) throw new Error('run A is empty');
  await phase('101 is injected again and 102 is analysed again: both are held', 0, async () => {
    await site.drop('S25-000101_H12.ab1', injectedAgain(bytesOf({ ...first, recipe: second.recipe })));
    await site.drop(second.file, reanalysed(bytesOf(second)));
    await site.holds(2);
  });
  await phase('The second injection of 101 counts, the new analysis of 102 does not', 1, () => {
    const who = { by: 'Sato', reason: 'the first tube was mixed up' };
    expect(person((review, key) => review.release(key(101), who, null)).kind).toBe('done');
    expect(person((review, key) => review.reject(key(102), { by: 'Sato', reason: 'same trace' })).kind).toBe(
      'done',
    );
  });
  await phase('Run B: its negative control shows a provirus, and the whole run is held', 0, async () => {
    await drop([...CONTROLS_B, ...RUN_B]);
    expect(new Set((await site.holds(11)).flat())).toEqual(new Set(['CONTROL_FAILED']));
  });
  expect(site.log.lines.filter(({ fields }) => fields['event'] === 'raised')).toHaveLength(1);
  await phase('The negative control, injected again, is clean: run B goes out by itself', 11, () =>
    site.drop(NTC_AGAIN.file, ntcAgain()),
  );
  await phase(
    'The cut-off of Cv is edited to 0.80: what was sent stays, 301 is judged by it',
    1,
    async () => {
      await site.configure({ ...settings, cutoffs: { cv: { high: 0.8 } } });
      await service.reload();
      await drop([AFTER_EDIT]);
    },
  );

  const table = phases.map(({ title, messages }) => [title, ...messages.map(rowOf)].join('\n')).join('\n\n');
  const story = site.look((store) => storyOf(store, accession(118)));
  const text = page(
    phases,
    story.map((one) => one.text),
  );
  if (process.env['WRITE_DAY'] === '1') writeFileSync(PAGE, text);

  const statuses = phases.map(({ messages }) => messages.map(({ status }) => status).join(''));
  expect(statuses, table).toEqual([
    '',
    'F'.repeat(12) + 'PPPFFF',
    'FF',
    'C',
    'F',
    'FX',
    '',
    'C',
    '',
    'F'.repeat(11),
    'F',
  ]);
  expect(phases.at(-1)?.messages[0]?.values['CVTIER']).toBe('INTERMEDIATE');
  const all = phases.flatMap(({ messages }) => messages);
  expect(all.filter((one) => one.accession.startsWith('POS') || one.accession.startsWith('NEG'))).toEqual([]);
  expect(
    site.look((store) => [store.results.heldCount(), store.results.waitingCount(), store.audit.verify().ok]),
  ).toEqual([0, 0, true]);
  expect(skeleton(readFileSync(PAGE, 'utf8')), 'WRITE_DAY=1 vitest run test/service/day.test.ts').toEqual(
    skeleton(text),
  );

  function doubts(): string[] {
    const [result] = site.look((store) => store.results.byAccession(accession(119)));
    const latest = site.look((store) => store.results.latest(result?.id ?? 0));
    return latest?.reasons.map(({ code }) => code) ?? [];
  }
});

function rowOf({ accession: name, status, values, text }: Received): string {
  const why =
    /NTE\|\d+\|L\|(CORRECTED: .*?)(?:\r|$)/.exec(text)?.[1]?.replace(/\(message \w+\)/, '(message …)') ?? '';
  const by = text.includes('|AUTO|') ? 'by itself' : 'Sato';
  const { CV = '', CVTIER = '', CVRISK = '', CVQC = '' } = values;
  return `| ${[name, status, CV, CVTIER, CVRISK, by, why || CVQC].join(' | ')} |`;
}

function page(
  phases: readonly { title: string; messages: readonly Received[] }[],
  story: readonly string[],
): string {
  const head =
    '| accession | status | Cv | tier | region | released | remark |\n| --- | --- | --- | --- | --- | --- | --- |';
  const parts = phases.map(({ title, messages }) =>
    [
      `## ${title}`,
      messages.length === 0 ? 'Nothing is sent.' : [head, ...messages.map(rowOf)].join('\n'),
    ].join('\n\n'),
  );
  return [
    '# A day, message by message',
    'What the LIS receives on a scripted day of forty simulated traces (`test/service/day.test.ts`, which writes this page). ' +
      'Two runs with controls, `controls.required: [positive, negative]`, `release.rejected: no-result`; all else is default. ' +
      'Status: P preliminary, F final, C corrected, X no result. Messages of one step are in the order of their accessions.',
    ...parts,
    `## The story of ${accession(118)}, as \`raisingd audit show\` tells it`,
    story.map((sentence) => `- ${sentence}`).join('\n'),
    '',
  ].join('\n\n');
}

/** The page without what differs from day to day, or with the estimator. */
function skeleton(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| S25') || line.startsWith('## '))
    .map((line) =>
      line
        .split('|', 3)
        .map((cell) => cell.trim())
        .join(' '),
    );
}
