import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { isAhead } from '../../src/context/worklist-age.ts';
import { mergeWorklists, type Silence, type WorklistRow } from '../../src/context/worklist-reading.ts';
import { parseWorklist } from '../../src/context/worklist.ts';
import { NOTHING_SAID } from '../../src/context/statement.ts';
import { createOrderDesk } from '../../src/orders/desk.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Store } from '../../src/store/store.ts';
import { loggedAlerts } from '../alerts/support.ts';
import { NOW, recordTrace, tempFile, tempStore } from '../store/support.ts';
import { until } from '../until.ts';

/** What is read of a folder of worklists: `orders.csv` alone, or files by name with their times. */
function read(text: string, mtimeMs?: number): Said;
function read(files: Readonly<Record<string, readonly [text: string, mtimeMs: number]>>): Said;
function read(
  files: string | Readonly<Record<string, readonly [text: string, mtimeMs: number]>>,
  mtimeMs = 1,
): Said {
  const all = typeof files === 'string' ? { 'orders.csv': [files, mtimeMs] as const } : files;
  const { rows, silence } = mergeWorklists(
    Object.entries(all).map(([name, [text, ms]]) => ({
      ...{ name, mtimeNs: BigInt(ms) * 1_000_000n, isAhead: isAhead(ms, NOW) },
      ...parseWorklist(Buffer.from(text), name),
    })),
  );
  return [rows, silence];
}

type Said = readonly [readonly WorklistRow[], Silence | null];

/** A desk with a worklist as its source. `looked` are the accessions whose results were looked at again. */
function createDesk(
  store: Store,
  stopping = new AbortController().signal,
  persist = (work: () => unknown): Promise<void> => {
    work();
    return Promise.resolve();
  },
) {
  const clock = { now: () => NOW };
  const looked: string[] = [];
  const desk = createOrderDesk<never>({
    ...{ store, clock, stopping, log: silentLog, alerts: loggedAlerts({ log: silentLog, clock }) },
    config: configSchema.parse({ dataDir: 'd', worklist: { folder: 'w' } }),
    reconsider(accession) {
      looked.push(accession);
      return [];
    },
    persist,
    faultOf: () => null,
    onFatal(error) {
      throw error;
    },
  });
  return { desk, looked };
}

describe('a worklist', () => {
  test('is kept row by row, each change beside what was said before, and what has gone stays', async () => {
    const store = tempStore();
    const { desk } = createDesk(store);
    await desk.takeWorklist(...read('accession,order\nS1,A\nS2,B\n'));
    await desk.takeWorklist(...read('accession,order\nS2,B\nS1,A2\n', 2));
    await desk.takeWorklist(...read('accession,order\n', 3));
    expect(desk.find('S1')?.order).toBe('A2');
    expect(desk.find('S2')?.order).toBe('B');
    expect(desk.find('S3')).toBeNull();
    expect(store.orders.about('S1').map(({ said }) => said.order)).toEqual(['A', 'A2']);
    expect(store.orders.about('S2')).toHaveLength(1);
  });

  test('that is older than what is known does not speak again when the newer file is moved away', async () => {
    const { desk } = createDesk(tempStore());
    await desk.takeWorklist(...read('accession,order\nS1,new\n', 2000));
    await desk.takeWorklist(...read('accession,order\nS1,old\n', 1000));
    expect(desk.find('S1')?.order).toBe('new');
  });

  test('that is saved again while the disk is full waits for its turn', async () => {
    const { promise: room, resolve } = Promise.withResolvers<undefined>();
    let tries = 0;
    const { desk } = createDesk(tempStore(), undefined, async (work) => {
      tries += 1;
      await room;
      work();
    });
    const taken = [desk.takeWorklist(...read('accession,order\nS1,A\n'))];
    taken.push(desk.takeWorklist(...read('accession,order\nS1,B\n', 2)));
    await until(() => expect(tries).toBe(1));
    resolve(undefined);
    await Promise.all(taken);
    expect(desk.find('S1')?.order).toBe('B');
  });

  test('that comes to say two things of a specimen takes back what it said', async () => {
    const { desk } = createDesk(tempStore());
    await desk.takeWorklist(...read('accession,order\nS1,A\n'));
    await desk.takeWorklist(...read('accession,order\nS1,A\nS1,B\n', 2));
    expect(desk.find('S1')).toBeNull();
  });
});

describe('a worklist whose time is still to come', () => {
  const AHEAD = NOW.getTime() + 86_400_000;
  const SAVED = NOW.getTime() - 1000;

  test('does not answer for a specimen of which a worklist that was saved now says something else', async () => {
    const { desk } = createDesk(tempStore());
    await desk.takeWorklist(...read({ 'a.csv': ['accession,patientId\nS1,PWRONG\n', AHEAD] }));
    expect(desk.find('S1')?.patient?.id).toBe('PWRONG');
    const b = ['accession,patientId\nS1,PRIGHT\n', SAVED] as const;
    await desk.takeWorklist(...read({ 'a.csv': ['accession,patientId\nS1,PWRONG\n', AHEAD], 'b.csv': b }));
    expect(desk.find('S1')).toBeNull();
    await desk.takeWorklist(...read({ 'b.csv': b }));
    expect(desk.find('S1')?.patient?.id).toBe('PRIGHT');
  });

  test('does not take the place of one that was moved away since, nor does a restart change that', async () => {
    const store = tempStore();
    const { desk } = createDesk(store);
    await desk.takeWorklist(...read({ 'b.csv': ['accession,patientId\nS1,PRIGHT\n', SAVED] }));
    const ahead = read({ 'a.csv': ['accession,patientId\nS1,PWRONG\n', AHEAD] });
    await desk.takeWorklist(...ahead);
    expect(desk.find('S1')).toBeNull();
    const again = createDesk(store);
    await again.desk.takeWorklist(...ahead);
    expect(again.desk.find('S1')).toBeNull();
    await again.desk.takeWorklist(...read({ 'c.csv': ['accession,patientId\nS1,PRIGHT\n', SAVED + 1] }));
    expect(again.desk.find('S1')?.patient?.id).toBe('PRIGHT');
  });

  test('that was taken by an earlier version of the program is corrected all the same', async () => {
    const store = tempStore();
    const asOf = new Date(AHEAD).toISOString();
    const said = { ...NOTHING_SAID, order: 'WRONG' };
    const like = { source: 'worklist', accession: 'S1', patientId: null, key: '', origin: 'a.csv' } as const;
    store.transaction(() => store.orders.say({ ...like, kind: 'order', said, asOf }, NOW));
    const { desk } = createDesk(store);
    await desk.takeWorklist(...read('accession,order\nS1,RIGHT\n', SAVED));
    expect(desk.find('S1')?.order).toBe('RIGHT');
  });
});

test('while a worklist cannot be understood no older one is heard, not even one that was moved away', async () => {
  const store = tempStore();
  const { desk } = createDesk(store);
  await desk.takeWorklist(...read('accession,order\nS1,A\nS2,B\n', 1000));
  const unclear = ['accession;order\nS1;A2\n', 2000] as const;
  const newer = ['accession,order\nS2,B\nS3,C\n', 3000] as const;
  await desk.takeWorklist(...read({ 'b.csv': unclear, 'c.csv': newer }));
  expect(desk.find('S1')).toBeNull();
  expect(desk.find('S2')?.order).toBe('B');
  expect(desk.find('S3')?.order).toBe('C');
  await desk.takeWorklist(...read({ 'b.csv': ['accession,order\nS1,A2\n', 4000], 'c.csv': newer }));
  expect(desk.find('S1')?.order).toBe('A2');
});

test('what waited for worklists that could not be heard is looked at when they are, also after a restart', async () => {
  const store = tempStore();
  store.orders.waiting = () => ['S1'];
  const { desk, looked } = createDesk(store);
  const old = ['accession,order\nS1,A\n', 1000] as const;
  await desk.takeWorklist(...read({ 'a.csv': old, 'b.csv': ['accession;order\n', 2000] }));
  looked.length = 0;
  await desk.takeWorklist(...read({ 'a.csv': old }));
  expect(looked).toEqual(['S1']);
  const after = createDesk(store);
  await after.desk.takeWorklist(...read({ 'a.csv': old }));
  expect(after.looked).toEqual(['S1']);
});

test('only results that something new was said of are looked at again, also after a crash in between', async () => {
  const store = tempStore();
  recordTrace(store, 'S1');
  const stopped = new AbortController();
  stopped.abort();
  const before = createDesk(store, stopped.signal);
  await before.desk.takeWorklist(...read('accession,order\nS1,A\nS2,B\n'));
  expect(before.looked).toEqual([]);
  expect(store.orders.stirred(10)).toEqual(['S1', 'S2']);

  const after = createDesk(store);
  after.desk.start();
  await until(() => expect(store.orders.stirred(10)).toEqual([]));
  expect(after.looked).toEqual(['S1']);
  await after.desk.takeWorklist(...read('accession,order\nS1,A\nS2,B\n'));
  expect(after.looked).toEqual(['S1']);
  await after.desk.stop();
});

test('what was said can be neither changed nor deleted', async () => {
  const file = tempFile();
  const store = tempStore(file);
  await createDesk(store).desk.takeWorklist(...read('accession,order\nS1,A\n'));
  const db = new DatabaseSync(file);
  expect(() => db.exec("UPDATE statements SET accession = 'S2'")).toThrow('never changed');
  expect(() => db.exec('DELETE FROM statements')).toThrow('never deleted');
  db.close();
});
