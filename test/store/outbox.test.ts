import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { NOW, enqueueAgain, later, recordTrace, tempStore } from './support.ts';

const SECOND = 1000;

function nextId(store: Store, now = later(60 * SECOND), destination = 'main'): number | undefined {
  return store.outbox.next(destination, now)?.id;
}

describe('the outbox', () => {
  test('gives the bytes that were recorded, to their own destination', () => {
    const store = tempStore();
    const { entryId, controlId, key } = recordTrace(store, 'S25-1');
    expect(store.outbox.next('main', NOW)).toMatchObject({
      ...{ id: entryId, controlId, resultKey: key, state: 'queued', destination: 'main' },
      ...{ attempts: 0, rejections: 0, createdAt: NOW, nextAttemptAt: null, lastOutcome: null },
      bytes: new Uint8Array(Buffer.from('MSH|^~\\&|S25-1\r')),
    });
    expect(store.outbox.next('other', NOW)).toBeNull();
  });

  test('gives what has been due longest: untried ones by their age, tried ones by their next time', () => {
    const store = tempStore();
    const a = recordTrace(store, 'A', later(0)).entryId;
    const b = recordTrace(store, 'B', later(1 * SECOND)).entryId;
    const c = recordTrace(store, 'C', later(9 * SECOND)).entryId;
    expect(nextId(store)).toBe(a);
    store.outbox.markRetry(a, later(2 * SECOND), later(7 * SECOND), 'no answer', false);
    expect(nextId(store, later(6 * SECOND))).toBe(b);
    store.outbox.markRetry(b, later(6 * SECOND), later(11 * SECOND), 'no answer', false);
    // A fell due at 7 s, C was made at 9 s, B falls due at 11 s.
    expect(nextId(store, later(10 * SECOND))).toBe(a);
    store.outbox.markDelivered(a, later(10 * SECOND), 'AA');
    expect(nextId(store, later(20 * SECOND))).toBe(c);
    store.outbox.markDelivered(c, later(20 * SECOND), 'AA');
    expect(nextId(store, later(10 * SECOND))).toBeUndefined();
    expect(nextId(store, later(11 * SECOND))).toBe(b);
  });

  test('leaves out what is on its way, and what must not overtake that', () => {
    const store = tempStore();
    const first = recordTrace(store, 'A');
    const correction = enqueueAgain(store, first, later(SECOND));
    const another = recordTrace(store, 'B', later(5 * SECOND)).entryId;
    const next = (...except: number[]) => store.outbox.next('main', later(9 * SECOND), except)?.id;
    expect(next()).toBe(first.entryId);
    expect(next(first.entryId)).toBe(another);
    expect(next(first.entryId, another)).toBeUndefined();
    store.outbox.markRetry(another, later(6 * SECOND), later(7 * SECOND), 'no answer', false);
    expect(next(first.entryId, another)).toBeUndefined();
    store.outbox.markDelivered(first.entryId, later(8 * SECOND), 'AA');
    expect(next(another)).toBe(correction);
  });

  test('several marks become durable together or not at all', () => {
    const store = tempStore();
    const [a, b] = [recordTrace(store, 'A').entryId, recordTrace(store, 'B').entryId];
    expect(() =>
      store.outbox.together(() => {
        store.outbox.markDelivered(a, NOW, 'AA');
        store.outbox.markDelivered(b + 1000, NOW, 'AA');
      }),
    ).toThrow();
    expect(nextId(store)).toBe(a);
    expect(
      store.outbox.together(() => {
        for (const id of [a, b]) store.outbox.markDelivered(id, NOW, 'AA');
        return 'noted';
      }),
    ).toBe('noted');
    expect(nextId(store)).toBeUndefined();
  });

  test('gives a batch of what is due in the order of one after another, and no two of one result', () => {
    const store = tempStore();
    const first = recordTrace(store, 'A', later(SECOND));
    const correction = enqueueAgain(store, first, later(2 * SECOND));
    const b = recordTrace(store, 'B', later(4 * SECOND)).entryId;
    const c = recordTrace(store, 'C', later(5 * SECOND)).entryId;
    const due = (now: number, most = 9) => store.outbox.due('main', later(now * SECOND), most);
    expect(due(9)).toEqual([first.entryId, b, c]);
    expect(due(9, 2)).toEqual([first.entryId, b]);
    expect(store.outbox.due('other', later(9 * SECOND), 9)).toEqual([]);
    store.outbox.markRetry(b, later(6 * SECOND), later(8 * SECOND), 'no answer', false);
    expect(due(7)).toEqual([first.entryId, c]);
    expect(due(9)).toEqual([first.entryId, c, b]);
    // The clock goes back to before the last try.
    expect(due(5)).toEqual([first.entryId, c, b]);
    store.outbox.markDelivered(first.entryId, later(9 * SECOND), 'AA');
    expect(due(9)).toEqual([correction, c, b]);
    store.outbox.hold(c);
    expect(due(9)).toEqual([correction, b]);
    expect([store.outbox.queued(b)?.controlId, store.outbox.queued(c)]).toEqual([expect.any(String), null]);
  });

  test('gives an untried entry at once, whatever the clock says now', () => {
    const store = tempStore();
    const { entryId } = recordTrace(store, 'A', later(3600 * SECOND));
    expect(nextId(store, NOW)).toBe(entryId);
  });

  test('does not wait for a time that the clock was put back from', () => {
    const store = tempStore();
    const a = recordTrace(store, 'A').entryId;
    const b = recordTrace(store, 'B', later(SECOND)).entryId;
    for (const id of [a, b]) store.outbox.markRetry(id, later(60 * SECOND), later(65 * SECOND), 'AR', true);
    expect(nextId(store, later(61 * SECOND))).toBeUndefined();
    // The clock goes back to 3 s: each is tried once more, and then waits as after any other try.
    for (const id of [b, a]) {
      expect(nextId(store, later(3 * SECOND))).toBe(id);
      store.outbox.markRetry(id, later(3 * SECOND), later(8 * SECOND), 'AR', true);
    }
    expect(nextId(store, later(4 * SECOND))).toBeUndefined();
    expect(nextId(store, later(8 * SECOND))).toBe(a);
  });

  test('never lets a correction overtake what it corrects: queued, waiting or held', () => {
    const store = tempStore();
    const first = recordTrace(store, 'A');
    const correction = enqueueAgain(store, first, later(SECOND));
    const elsewhere = enqueueAgain(store, first, later(2 * SECOND), 'other');
    const another = recordTrace(store, 'B', later(5 * SECOND)).entryId;

    store.outbox.markRetry(first.entryId, later(6 * SECOND), later(30 * SECOND), 'AR', true);
    expect(nextId(store, later(20 * SECOND))).toBe(another);
    expect(nextId(store, later(20 * SECOND), 'other')).toBe(elsewhere);
    store.outbox.markHeld(first.entryId, later(31 * SECOND), 'AR');
    expect(nextId(store)).toBe(another);
    store.outbox.markDelivered(another, later(40 * SECOND), 'AA');
    expect(nextId(store)).toBeUndefined();
    expect(store.outbox.nextDueAt('main')).toBeNull();

    store.outbox.drop(first.entryId, later(50 * SECOND));
    expect(nextId(store)).toBe(correction);
  });

  test('keeps a waiting correction behind what it corrects, however long that waits', () => {
    const store = tempStore();
    const first = recordTrace(store, 'A');
    const correction = enqueueAgain(store, first, later(SECOND));
    store.outbox.markRetry(correction, later(2 * SECOND), later(3 * SECOND), 'AR', true);
    store.outbox.markRetry(first.entryId, later(2 * SECOND), later(100 * SECOND), 'AR', true);
    expect(nextId(store, later(50 * SECOND))).toBeUndefined();
    expect(nextId(store, later(200 * SECOND))).toBe(first.entryId);
  });

  test('tells when the next entry falls due, leaving out what stands behind another', () => {
    const store = tempStore();
    expect(store.outbox.nextDueAt('main')).toBeNull();
    const first = recordTrace(store, 'A', later(5 * SECOND));
    enqueueAgain(store, first, later(6 * SECOND));
    expect(store.outbox.nextDueAt('main')).toEqual(later(5 * SECOND));
    store.outbox.markRetry(first.entryId, later(7 * SECOND), later(12 * SECOND), 'no answer', false);
    expect(store.outbox.nextDueAt('main')).toEqual(later(12 * SECOND));
    store.outbox.markHeld(first.entryId, later(12 * SECOND), 'AE');
    expect(store.outbox.nextDueAt('main')).toBeNull();
  });

  test('counts tries and rejections, and remembers what happened', () => {
    const store = tempStore();
    const { entryId } = recordTrace(store, 'A');
    store.outbox.markRetry(entryId, later(SECOND), later(6 * SECOND), 'no answer within 30 s', false);
    store.outbox.markRetry(entryId, later(7 * SECOND), later(17 * SECOND), 'AR', true);
    expect(store.outbox.show(entryId)?.item).toMatchObject({
      ...{ state: 'queued', attempts: 2, rejections: 1, lastOutcome: 'AR', finishedAt: null },
      ...{ lastAttemptAt: later(7 * SECOND), nextAttemptAt: later(17 * SECOND) },
    });
    store.outbox.markDelivered(entryId, later(18 * SECOND), 'AA');
    expect(store.outbox.show(entryId)?.item).toMatchObject({
      ...{ state: 'delivered', attempts: 3, nextAttemptAt: null, finishedAt: later(18 * SECOND) },
    });
    expect(() => store.outbox.markDelivered(999, NOW, 'AA')).toThrow('no row');
  });

  test('sends a held message again when a person asks, before younger ones and with a clean count', () => {
    const store = tempStore();
    const { entryId } = recordTrace(store, 'A');
    recordTrace(store, 'B', later(SECOND));
    store.outbox.markRetry(entryId, later(SECOND), later(2 * SECOND), 'AR', true);
    store.outbox.markHeld(entryId, later(2 * SECOND), 'AR');
    expect(store.outbox.retry(entryId)).toMatchObject({
      kind: 'done',
      item: { state: 'queued', rejections: 0, attempts: 2, lastOutcome: 'AR' },
    });
    expect(nextId(store, later(3 * SECOND))).toBe(entryId);
  });

  test('does not wait for the next try where a person asks for it now', () => {
    const store = tempStore();
    const { entryId } = recordTrace(store, 'A');
    store.outbox.markRetry(entryId, later(SECOND), later(300 * SECOND), 'no answer', false);
    expect(nextId(store, later(2 * SECOND))).toBeUndefined();
    store.outbox.retry(entryId);
    expect(nextId(store, later(2 * SECOND))).toBe(entryId);
  });

  test('refuses to send again, or to drop, what was delivered or dropped', () => {
    const store = tempStore();
    const delivered = recordTrace(store, 'A').entryId;
    const dropped = recordTrace(store, 'B').entryId;
    store.outbox.markDelivered(delivered, later(SECOND), 'AA');
    expect(store.outbox.drop(dropped, later(SECOND))).toMatchObject({
      kind: 'done',
      item: { state: 'dropped' },
    });
    for (const id of [delivered, dropped]) {
      expect(store.outbox.retry(id).kind).toBe('not-possible');
      expect(store.outbox.drop(id, later(2 * SECOND)).kind).toBe('not-possible');
    }
    expect(store.outbox.retry(999)).toEqual({ kind: 'unknown' });
    expect(nextId(store)).toBeUndefined();
  });

  test('records the truth where a person drops what is just being sent', () => {
    const store = tempStore();
    const [taken, refused] = [recordTrace(store, 'A').entryId, recordTrace(store, 'B').entryId];
    for (const id of [taken, refused]) store.outbox.drop(id, later(SECOND));
    store.outbox.markDelivered(taken, later(2 * SECOND), 'AA');
    store.outbox.markRetry(refused, later(2 * SECOND), later(7 * SECOND), 'AR', true);
    store.outbox.markHeld(refused, later(2 * SECOND), 'AE');
    expect(store.outbox.show(taken)?.item.state).toBe('delivered');
    expect(store.outbox.show(refused)?.item.state).toBe('dropped');
  });

  test('lists what waits, oldest first, by destination, state and page', () => {
    const store = tempStore();
    const ids = ['A', 'B', 'C', 'D'].map((name) => recordTrace(store, name).entryId);
    const elsewhere = recordTrace(store, 'E', NOW, 'other').entryId;
    store.outbox.markDelivered(ids[0] ?? 0, NOW, 'AA');
    store.outbox.markHeld(ids[1] ?? 0, NOW, 'AE');
    const list = (filter: Partial<Parameters<typeof store.outbox.list>[0]> = {}): number[] =>
      store.outbox.list({ limit: 10, ...filter }).map(({ id }) => id);
    expect(list()).toEqual([ids[1], ids[2], ids[3], elsewhere]);
    expect(list({ destination: 'main', limit: 2 })).toEqual([ids[1], ids[2]]);
    expect(list({ destination: 'main', afterId: ids[2] ?? 0 })).toEqual([ids[3]]);
    expect(list({ states: ['delivered'] })).toEqual([ids[0]]);
    expect(store.outbox.stats()).toEqual([
      { destination: 'main', queued: 2, held: 1, oldestQueuedAt: NOW },
      { destination: 'other', queued: 1, held: 0, oldestQueuedAt: NOW },
    ]);
  });

  test('gives one control ID to one message only', () => {
    const store = tempStore();
    const { key, versionId, controlId } = recordTrace(store, 'A');
    const twin = {
      controlId,
      destination: 'main',
      resultKey: key,
      resultVersionId: versionId,
      createdAt: NOW,
    };
    expect(() => store.outbox.enqueue({ ...twin, bytes: Buffer.from('MSH|') })).toThrow('UNIQUE');
  });

  test.each([
    ['are not those that were recorded', "UPDATE messages SET bytes = CAST('MSH|^~\\&|B' AS BLOB)"],
    ['are gone', 'DELETE FROM messages'],
  ])('gives no bytes where they %s, and goes on', (_, damage) => {
    const store = tempStore();
    const { entryId, controlId } = recordTrace(store, 'A');
    const db = new DatabaseSync(store.file);
    db.exec(`DROP TRIGGER messages_immutable; DROP TRIGGER messages_unsent_kept; ${damage}`);
    db.close();
    const another = recordTrace(store, 'B', later(SECOND)).entryId;
    expect(store.outbox.next('main', NOW)).toMatchObject({ controlId, bytes: null });
    expect(store.outbox.show(entryId)).toMatchObject({ item: { bytesRemovedAt: null }, bytes: null });
    expect(store.outbox.holdsAny('main')).toBe(false);
    store.outbox.markHeld(entryId, later(SECOND), 'damaged');
    expect(store.outbox.holdsAny('main')).toBe(true);
    expect(nextId(store)).toBe(another);
  });

  test('finds the next entry as fast behind 20,000 finished and held ones and 10,000 waiting as alone', () => {
    const store = tempStore();
    const medianMs = (): number => {
      const times = Array.from({ length: 101 }, () => {
        const began = performance.now();
        store.outbox.next('main', later(1));
        store.outbox.nextDueAt('main');
        return performance.now() - began;
      });
      return times.sort((a, b) => a - b)[50] ?? Infinity;
    };
    recordTrace(store, 'alone');
    const alone = medianMs();
    store.transaction(() => {
      const first = recordTrace(store, 'first');
      for (let i = 0; i < 30_000; i += 1) {
        const key = store.sequence.nextResultKey(NOW);
        store.results.create({ key, accession: null, assay: 'htlv1', createdAt: NOW });
        const id = enqueueAgain(store, { ...first, key }, later(-i));
        if (i % 3 === 0) store.outbox.markDelivered(id, NOW, 'AA');
        if (i % 3 === 1) store.outbox.markHeld(id, NOW, 'AE');
        if (i % 3 === 2) store.outbox.markRetry(id, NOW, later(3600 * SECOND + i), 'AR', true);
      }
    });
    // A scan of 30,000 rows takes several milliseconds; the room is for a busy machine.
    expect(medianMs()).toBeLessThan(10 * alone + 1);
  });
});
