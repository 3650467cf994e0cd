import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Sighting } from '../../src/store/sightings.ts';
import type { Store } from '../../src/store/store.ts';
import { NOW, analysisOf, later, recordTrace, sha, tempStore, versionOf } from './support.ts';

function insertAnalysis(
  store: Store,
  content: string,
  accession: string | null,
  injectionKey: string | null,
) {
  const facts = { file: `${content}.ab1`, scoredAt: NOW, injectionKey, accession };
  return store.analyses.insert(analysisOf(content), facts);
}

function createResult(store: Store, accession = 'S25-1') {
  const key = store.sequence.nextResultKey(NOW);
  return store.results.create({ key, accession, assay: 'htlv1', createdAt: NOW });
}

describe('a sighting', () => {
  test('keeps a name that is not UTF-8, a time to the nanosecond, and a file that was not read', () => {
    const store = tempStore();
    const sighting: Sighting = {
      path: Uint8Array.of(0x2f, 0x83, 0x65, 0xff, 0x00, 0x2e, 0x61, 0x62, 0x31),
      size: 11_000_000,
      mtimeNs: 1_763_807_415_123_456_789n,
      sha256: null,
    };
    store.sightings.record(sighting, NOW);
    expect([...store.sightings.all()]).toEqual([sighting]);
  });

  test('takes the place of the earlier one on its path', () => {
    const store = tempStore();
    const path = Buffer.from('/srv/a.ab1');
    store.sightings.record({ path, size: 1, mtimeNs: 1n, sha256: sha('a') }, NOW);
    store.sightings.record({ path, size: 2, mtimeNs: 2n, sha256: sha('b') }, later(1000));
    expect([...store.sightings.all()].map(({ size, sha256 }) => ({ size, sha256 }))).toEqual([
      { size: 2, sha256: sha('b') },
    ]);
    // Seen for the first time when it was first seen.
    expect(store.summary(later(500)).files).toBe(0);
    expect(store.summary(NOW).files).toBe(1);
  });

  test('of one content is kept for each path', () => {
    const store = tempStore();
    for (const path of ['/srv/a.ab1', '/srv/copy of a.ab1']) {
      store.sightings.record({ path: Buffer.from(path), size: 1, mtimeNs: 1n, sha256: sha('a') }, NOW);
    }
    expect([...store.sightings.all()]).toHaveLength(2);
  });
});

describe('an analysis', () => {
  test('comes back exactly as it was', () => {
    const store = tempStore();
    const analysis = analysisOf('S25-1');
    const facts = { file: 'S25-1_A01.ab1', scoredAt: NOW, injectionKey: 'key', accession: 'S25-1' };
    const { id } = store.analyses.insert(analysis, facts);
    expect(store.analyses.byId(id)).toEqual({ id, analysis, ...facts });
    expect(store.analyses.byId(id + 1)).toBeNull();
  });

  test('without a value comes back without one', () => {
    const store = tempStore();
    const analysis = analysisOf('broken', {
      ...{ status: 'fail', cvRaw: null, cvInterval: null, junction: null, origin: null },
      reasons: [{ code: 'NOT_ABIF', detail: 'begins with %PDF' }],
    });
    const facts = { file: 'broken.ab1', scoredAt: NOW, injectionKey: null, accession: null };
    const { id } = store.analyses.insert(analysis, facts);
    expect(store.analyses.byId(id)?.analysis).toEqual(analysis);
  });

  test('is stored once for a content and a method, and again for another method', () => {
    const store = tempStore();
    const first = insertAnalysis(store, 'a', 'S25-1', null);
    expect(first.isNew).toBe(true);
    expect(insertAnalysis(store, 'a', 'S25-2', null)).toEqual({ id: first.id, isNew: false });
    const facts = { file: 'a.ab1', scoredAt: NOW, injectionKey: null, accession: 'S25-1' };
    expect(store.analyses.insert(analysisOf('a', { parameters: sha('other') }), facts).isNew).toBe(true);
    expect(store.analyses.bySha256(sha('a')).map(({ accession }) => accession)).toEqual(['S25-1', 'S25-1']);
  });

  test('is found among the others of its injection, and of its accession', () => {
    const store = tempStore();
    const first = insertAnalysis(store, 'a', 'S25-1', 'injection 1').id;
    const reanalysed = insertAnalysis(store, 'a2', 'S25-1', 'injection 1').id;
    const repeated = insertAnalysis(store, 'b', 'S25-1', 'injection 2').id;
    insertAnalysis(store, 'c', null, null);
    expect(store.analyses.byInjection('injection 1', reanalysed).map(({ id }) => id)).toEqual([first]);
    expect(store.analyses.byAccession('S25-1', reanalysed).map(({ id }) => id)).toEqual([first, repeated]);
  });

  test('with a value but a failed status cannot be stored', () => {
    const store = tempStore();
    const facts = { file: 'a.ab1', scoredAt: NOW, injectionKey: null, accession: null };
    expect(() => store.analyses.insert(analysisOf('a', { status: 'fail' }), facts)).toThrow('CHECK');
  });
});

describe('a result', () => {
  test('keeps every version, and the last one counts', () => {
    const store = tempStore();
    const analysis = insertAnalysis(store, 'a', 'S25-1', null).id;
    const result = createResult(store);
    const held = versionOf(result.id, analysis, {
      ...{ disposition: 'held', reportStatus: null, reportedAt: null, waitsUntil: later(1000), shadow: true },
      reasons: [{ code: 'NO_ORDER', detail: 'S25-1' }],
    });
    const context = {
      ...({ accession: 'S25-1', order: 'P1', category: 'smoldering', collected: '2025-11-20' } as const),
      patient: {
        id: '1',
        name: '山田^太郎',
        nameKana: 'ヤマダ^タロウ',
        birthDate: '1955-12-03',
        sex: 'M',
      } as const,
      sil2r: { value: 1520, unit: 'U/mL', method: 'CLEIA', date: '2025-11-19' },
      source: 'worklist orders.csv line 3',
    };
    const released = versionOf(result.id, analysis, {
      ...{ context, decidedBy: 'Sato', waitsUntil: null, shadow: false },
    });
    const first = store.results.addVersion(held);
    expect(store.results.latest(result.id)).toEqual({ ...held, id: first.id, version: 1 });
    const second = store.results.addVersion(released);
    expect(store.results.versions(result.id)).toEqual([
      { ...held, id: first.id, version: 1 },
      { ...released, id: second.id, version: 2 },
    ]);
    expect(store.results.latest(result.id)).toEqual({ ...released, id: second.id, version: 2 });
    expect(store.results.byKey(result.key)).toEqual(result);
    expect(store.results.byAccession('S25-1')).toEqual([result]);
  });

  test('is held until a later version says otherwise', () => {
    const store = tempStore();
    const analysis = insertAnalysis(store, 'a', 'S25-1', null).id;
    const nothing = { reportStatus: null, reportedAt: null };
    const [a, b, c] = [createResult(store, 'A'), createResult(store, 'B'), createResult(store, 'C')];
    for (const { id } of [a, b, c]) {
      store.results.addVersion(versionOf(id, analysis, { disposition: 'held', ...nothing }));
    }
    store.results.addVersion(versionOf(a.id, analysis));
    store.results.addVersion(versionOf(b.id, analysis, { disposition: 'rejected', ...nothing }));
    expect(store.results.held(10).map(({ result, version }) => [result.accession, version.version])).toEqual([
      ['C', 1],
    ]);
    expect(store.results.heldCount()).toBe(1);
    store.results.addVersion(versionOf(a.id, analysis, { disposition: 'held', ...nothing }));
    expect(store.results.held(10).map(({ result }) => result.accession)).toEqual(['C', 'A']);
    expect(store.results.held(1).map(({ result }) => result.accession)).toEqual(['C']);
  });

  test('that is held, or a control, has nothing to report', () => {
    const store = tempStore();
    const analysis = insertAnalysis(store, 'a', 'S25-1', null).id;
    const { id } = createResult(store);
    for (const disposition of ['held', 'control'] as const) {
      expect(() => store.results.addVersion(versionOf(id, analysis, { disposition }))).toThrow('CHECK');
    }
    const withoutTime = versionOf(id, analysis, { reportedAt: null });
    expect(() => store.results.addVersion(withoutTime)).toThrow('CHECK');
  });

  test('is reported strictly later than before, to the second, even where the clock went back', () => {
    const store = tempStore();
    const analysis = insertAnalysis(store, 'a', 'S25-1', null).id;
    const { id } = createResult(store);
    const report = (now: Date): string => {
      const reportedAt = store.results.nextReportedAt(id, now);
      store.results.addVersion(versionOf(id, analysis, { reportedAt, reportStatus: 'C' }));
      return reportedAt.toISOString();
    };
    const at = (text: string): Date => new Date(`2025-11-22T${text}Z`);
    expect(report(at('10:30:15.900'))).toBe('2025-11-22T10:30:15.000Z');
    expect(report(at('10:30:15.950'))).toBe('2025-11-22T10:30:16.000Z');
    expect(report(at('10:30:16.000'))).toBe('2025-11-22T10:30:17.000Z');
    expect(report(at('09:00:00.000'))).toBe('2025-11-22T10:30:18.000Z');
    expect(report(at('11:00:00.000'))).toBe('2025-11-22T11:00:00.000Z');
    // Another result has a time of its own.
    expect(store.results.nextReportedAt(createResult(store).id, at('09:00:00.000'))).toEqual(
      at('09:00:00.000'),
    );
  });

  test.each([
    ['analyses', 'cv_raw = 0.9'],
    ['result_versions', "risk = 'null'"],
    ['outbox', "control_id = 'X'"],
    ['messages', "bytes = x'00'"],
    ['conversation', "event = 'AA'"],
    ['audit', "actor = 'nobody'"],
  ])('leaves rows in %s that no later statement can change or delete', (table, change) => {
    const store = tempStore();
    store.transaction(() => {
      const { entryId } = recordTrace(store, 'S25-1');
      store.outbox.markHeld(entryId, NOW, 'AE');
    });
    const db = new DatabaseSync(store.file);
    expect(() => db.exec(`DELETE FROM ${table}`)).toThrow('never deleted');
    expect(() => db.exec(`UPDATE ${table} SET ${change}`)).toThrow('never changed');
    db.close();
  });
});

describe('the destination of a message', () => {
  test('can change while it waits, and never once it is delivered or dropped', () => {
    const store = tempStore();
    const ids = ['A', 'B', 'C'].map((name) => recordTrace(store, name).entryId);
    const [waits = 0, delivered = 0, dropped = 0] = ids;
    store.outbox.markDelivered(delivered, NOW, 'AA');
    store.outbox.drop(dropped, NOW);
    const db = new DatabaseSync(store.file);
    const give = (id: number) => db.exec(`UPDATE outbox SET destination = 'other' WHERE id = ${id}`);
    give(waits);
    for (const id of [delivered, dropped]) expect(() => give(id)).toThrow('stays with its destination');
    db.close();
    expect(store.outbox.list({ limit: 9 })).toMatchObject([{ id: waits, destination: 'other' }]);
  });
});

describe('the summary', () => {
  test('counts what happened since a time and what waits now', () => {
    const store = tempStore();
    const yesterday = later(-86_400_000);
    store.transaction(() => {
      const old = recordTrace(store, 'old', yesterday);
      store.outbox.markDelivered(old.entryId, yesterday, 'AA');
      const sent = recordTrace(store, 'sent', NOW);
      store.outbox.markDelivered(sent.entryId, NOW, 'AA');
      recordTrace(store, 'waiting', NOW);
      const failed = analysisOf('failed', { status: 'fail', cvRaw: null, cvInterval: null });
      const { id } = store.analyses.insert(failed, {
        ...{ file: 'failed.ab1', scoredAt: NOW, injectionKey: null, accession: null },
      });
      store.results.addVersion(
        versionOf(createResult(store).id, id, {
          ...{ disposition: 'held', reportStatus: null, reportedAt: null, risk: null },
        }),
      );
    });
    expect(store.summary(later(-1000))).toEqual({
      files: 2,
      analyses: { pass: 2, review: 0, fail: 1 },
      released: { low: 0, intermediate: 2, high: 0 },
      delivered: 1,
      // Its file is far older than a day.
      latency: null,
      controls: [],
      heldResults: 1,
      waitingResults: 0,
      queues: [{ destination: 'main', queued: 1, held: 0, oldestQueuedAt: NOW }],
    });
  });
});
