import { expect, test } from 'vitest';
import { removeOld } from '../../src/upkeep/retention.ts';
import { later, recordTrace, tempStore } from '../store/support.ts';

const DAY = 86_400_000;
const days = (all: number) => ({ messageDays: all, figureDays: all });

test('removes the bytes of what was delivered long ago, and keeps everything else about it', async () => {
  const store = tempStore();
  const entries = store.transaction(() =>
    Array.from({ length: 450 }, (_, i) => recordTrace(store, `S25-${i}`)),
  );
  store.transaction(() => {
    for (const { entryId } of entries) store.outbox.markDelivered(entryId, later(DAY), 'AA');
  });
  const recent = recordTrace(store, 'recent').entryId;
  store.outbox.markDelivered(recent, later(10 * DAY), 'AA');

  expect((await removeOld(store, days(30), later(31 * DAY))).messages).toBe(0);
  expect((await removeOld(store, days(30), later(31 * DAY + 1))).messages).toBe(450);
  expect((await removeOld(store, days(30), later(31 * DAY + 1))).messages).toBe(0);
  const old = store.outbox.show(entries[0]?.entryId ?? 0);
  expect(old?.bytes).toBeNull();
  expect(old?.item).toMatchObject({ state: 'delivered', controlId: entries[0]?.controlId });
  expect(store.outbox.show(recent)?.bytes).not.toBeNull();
});

test('never touches what was not delivered, however old: queued, held or dropped', async () => {
  const store = tempStore();
  const [queued, held, dropped] = [recordTrace(store, 'A'), recordTrace(store, 'B'), recordTrace(store, 'C')];
  store.outbox.markHeld(held.entryId, later(1), 'AE');
  store.outbox.drop(dropped.entryId, later(1));
  expect((await removeOld(store, days(1), later(10_000 * DAY))).messages).toBe(0);
  for (const { entryId } of [queued, held, dropped]) expect(store.outbox.show(entryId)?.bytes).not.toBeNull();
  expect(store.outbox.next('main', later(10_000 * DAY))?.id).toBe(queued.entryId);
});

test('removes old pictures, and keeps the others', async () => {
  const store = tempStore();
  const analysisId = (sample: string): number => {
    recordTrace(store, sample);
    return store.analyses.byAccession(sample, 0)[0]?.id ?? 0;
  };
  const [old, recent] = [analysisId('A'), analysisId('B')];
  store.pictures.add(old, Uint8Array.of(1), later(0));
  store.pictures.add(recent, Uint8Array.of(2, 3), later(10 * DAY));
  expect((await removeOld(store, days(30), later(31 * DAY))).figures).toBe(1);
  expect(store.pictures.of(old)).toBeNull();
  expect(store.pictures.of(recent)).toEqual(Uint8Array.of(2, 3));
});
