import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { mergeWorklists } from '../../src/context/worklist-reading.ts';
import { parseWorklist } from '../../src/context/worklist.ts';
import { createOrderDesk } from '../../src/orders/desk.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Store } from '../../src/store/store.ts';
import { loggedAlerts } from '../alerts/support.ts';
import { NOW, recordTrace, tempFile, tempStore } from '../store/support.ts';
import { until } from '../until.ts';

function rows(text: string, mtimeMs = 1): ReturnType<typeof mergeWorklists>['rows'] {
  const file = { name: 'orders.csv', mtimeNs: BigInt(mtimeMs) * 1_000_000n };
  return mergeWorklists([{ ...file, ...parseWorklist(Buffer.from(text), file.name) }]).rows;
}

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
    await desk.takeWorklist(rows('accession,order\nS1,A\nS2,B\n'));
    await desk.takeWorklist(rows('accession,order\nS2,B\nS1,A2\n', 2));
    await desk.takeWorklist(rows('accession,order\n', 3));
    expect(desk.find('S1')?.order).toBe('A2');
    expect(desk.find('S2')?.order).toBe('B');
    expect(desk.find('S3')).toBeNull();
    expect(store.orders.about('S1').map(({ said }) => said.order)).toEqual(['A', 'A2']);
    expect(store.orders.about('S2')).toHaveLength(1);
  });

  test('that is older than what is known does not speak again when the newer file is moved away', async () => {
    const { desk } = createDesk(tempStore());
    await desk.takeWorklist(rows('accession,order\nS1,new\n', 2000));
    await desk.takeWorklist(rows('accession,order\nS1,old\n', 1000));
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
    const taken = [desk.takeWorklist(rows('accession,order\nS1,A\n'))];
    taken.push(desk.takeWorklist(rows('accession,order\nS1,B\n', 2)));
    await until(() => expect(tries).toBe(1));
    resolve(undefined);
    await Promise.all(taken);
    expect(desk.find('S1')?.order).toBe('B');
  });

  test('that comes to say two things of a specimen takes back what it said', async () => {
    const { desk } = createDesk(tempStore());
    await desk.takeWorklist(rows('accession,order\nS1,A\n'));
    await desk.takeWorklist(rows('accession,order\nS1,A\nS1,B\n', 2));
    expect(desk.find('S1')).toBeNull();
  });
});

test('only results that something new was said of are looked at again, also after a crash in between', async () => {
  const store = tempStore();
  recordTrace(store, 'S1');
  const stopped = new AbortController();
  stopped.abort();
  const before = createDesk(store, stopped.signal);
  await before.desk.takeWorklist(rows('accession,order\nS1,A\nS2,B\n'));
  expect(before.looked).toEqual([]);
  expect(store.orders.stirred(10)).toEqual(['S1', 'S2']);

  const after = createDesk(store);
  after.desk.start();
  await until(() => expect(store.orders.stirred(10)).toEqual([]));
  expect(after.looked).toEqual(['S1']);
  await after.desk.takeWorklist(rows('accession,order\nS1,A\nS2,B\n'));
  expect(after.looked).toEqual(['S1']);
  await after.desk.stop();
});

test('what was said can be neither changed nor deleted', async () => {
  const file = tempFile();
  const store = tempStore(file);
  await createDesk(store).desk.takeWorklist(rows('accession,order\nS1,A\n'));
  const db = new DatabaseSync(file);
  expect(() => db.exec("UPDATE statements SET accession = 'S2'")).toThrow('never changed');
  expect(() => db.exec('DELETE FROM statements')).toThrow('never deleted');
  db.close();
});
