import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { analysisOf, enqueueAgain, later, NOW, recordTrace, tempStore, versionOf } from './support.ts';

const { cutoffs } = configSchema.parse({ dataDir: 'd' });

describe('what a destination was sent last', () => {
  test('is the newest message to it that nobody dropped untried', () => {
    const store = tempStore();
    const first = recordTrace(store, 'S25-1');
    const second = enqueueAgain(store, first, later(1000));
    const last = (destination: string) => store.results.lastSent(first.resultId, [destination])?.controlId;
    expect(last('main')).toBe(store.outbox.show(second)?.item.controlId);
    store.outbox.drop(second, NOW);
    expect(last('main')).toBe(first.controlId);
    expect(last('other')).toBeUndefined();
  });

  test('is also what was dropped after it was on the wire, even while it was, and under another name', () => {
    const store = tempStore();
    const first = recordTrace(store, 'S25-1', NOW, 'old');
    const last = () => store.results.lastSent(first.resultId, ['main', 'old'])?.controlId;
    store.outbox.drop(first.entryId, NOW);
    expect(last()).toBeUndefined();
    store.outbox.markRetry(first.entryId, NOW, later(1000), 'no answer within 30 s', false);
    expect(last()).toBe(first.controlId);
    expect(store.outbox.show(first.entryId)?.item).toMatchObject({ state: 'dropped', nextAttemptAt: null });
    expect(store.results.lastSent(first.resultId, ['main'])).toBeNull();
  });

  test('is the value and not its withdrawal where that was dropped: it may still be there', () => {
    const store = tempStore();
    const first = recordTrace(store, 'S25-1');
    const analysis = store.analyses.byAccession('S25-1', 0)[0]?.id ?? 0;
    const none = { disposition: 'rejected', reportStatus: 'X', reportedAt: later(1000) } as const;
    const { id: versionId } = store.results.addVersion(versionOf(first.resultId, analysis, none));
    const withdrawal = enqueueAgain(store, { ...first, versionId }, later(1000));
    const last = () => store.results.lastSent(first.resultId, ['main'])?.version.reportStatus;
    store.outbox.markHeld(withdrawal, later(2000), 'AE');
    expect(last()).toBe('X');
    store.outbox.drop(withdrawal, later(3000));
    expect(last()).toBe('F');
  });

  test('is what the replaced database may have sent, where a restore holds it and a person drops it', () => {
    const store = tempStore();
    const { resultId, entryId, controlId } = recordTrace(store, 'S25-1');
    const restore = { at: later(1000), backup: 'b.db', madeAt: NOW, actor: 'Sato' };
    store.transaction(() => store.restores.apply(restore));
    store.outbox.drop(entryId, later(2000));
    expect(store.results.lastSent(resultId, ['main'])?.controlId).toBe(controlId);
  });
});

describe('a held version that waits', () => {
  test('asks nobody, and is due in the order of its times', () => {
    const store = tempStore();
    const held = { disposition: 'held', reportStatus: null, reportedAt: null } as const;
    for (const [name, ms] of [['S25-1', 2000] as const, ['S25-2', 1000] as const]) {
      const { resultId } = recordTrace(store, name);
      const analysis = store.analyses.byAccession(name, 0)[0]?.id ?? 0;
      store.results.addVersion(versionOf(resultId, analysis, { ...held, waitsUntil: later(ms) }));
    }
    expect(store.results.held(10)).toEqual([]);
    expect(store.results.waiting(10, false).map(({ result }) => result.accession)).toEqual([
      'S25-2',
      'S25-1',
    ]);
    expect([store.results.heldCount(), store.results.waitingCount()]).toEqual([0, 2]);
  });
});

describe('reports of a patient', () => {
  test('are found by the id of the patient, each as it was reported last, and not in shadow', () => {
    const store = tempStore();
    const report = (name: string, cv: number, shadow: boolean): void => {
      const { resultId } = recordTrace(store, name);
      const analysis = store.analyses.byAccession(name, 0)[0]?.id ?? 0;
      const patient = { id: 'P-1', name: null, nameKana: null, birthDate: null, sex: null };
      const context = {
        accession: name,
        order: null,
        patient,
        category: 'ham' as const,
        sil2r: null,
        collected: null,
      };
      const risk = { cv, tier: 'high' as const, region: null, noRegion: null, crossed: [] };
      const version = { context: { ...context, source: 'w' }, risk, shadow, reportedAt: later(1000) };
      store.results.addVersion(versionOf(resultId, analysis, version));
    };
    report('S25-1', 0.6, false);
    report('S25-2', 0.7, true);
    const found = store.results.reportedOf('P-1', NOW);
    expect(found.map(({ result, version }) => [result.accession, version.risk?.cv])).toEqual([
      ['S25-1', 0.6],
    ]);
    expect(store.results.reportedOf('P-1', later(2000))).toEqual([]);
  });
});

describe('what must never change', () => {
  test.each([
    ['controls', "verdict = 'passed'"],
    ['cutoff_versions', "reason = 'none'"],
  ])('a row of %s', (table, change) => {
    const store = tempStore();
    store.cutoffs.adopt(cutoffs, NOW, 'Sato', 'first');
    const about = { file: 'c.ab1', scoredAt: NOW, injectionKey: null, accession: null };
    const { id } = store.analyses.insert(analysisOf('c'), about);
    const judged = { kind: 'positive', verdict: 'failed', detail: 'low', cv: 0.3, judgedAt: NOW } as const;
    store.controls.add({ analysisId: id, group: 'Run 1', sample: 'POS', well: 'A01', ...judged });
    const db = new DatabaseSync(store.file);
    expect(() => db.exec(`UPDATE ${table} SET ${change}`)).toThrow('never changed');
    expect(() => db.exec(`DELETE FROM ${table}`)).toThrow('never deleted');
    db.close();
  });
});
