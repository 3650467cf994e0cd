import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { maintain } from '../../src/upkeep/maintenance.ts';
import { removeOld, retentionDue } from '../../src/upkeep/retention.ts';
import { summaryFields, summaryText } from '../../src/upkeep/summary.ts';
import { NOW, later, recordTrace, sha, tempStore } from '../store/support.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const never = new AbortController().signal;

describe('retention', () => {
  test('shows by class what would go, and then removes just that', async () => {
    const store = tempStore();
    const [old, recent, queued] = ['A', 'B', 'C'].map((name) => recordTrace(store, name));
    store.outbox.markDelivered(old?.entryId ?? 0, later(0), 'AA');
    store.outbox.markDelivered(recent?.entryId ?? 0, later(300 * DAY), 'AA');
    const analysisId = store.analyses.byAccession('A', 0)[0]?.id ?? 0;
    store.pictures.add(analysisId, new Uint8Array(2048), later(0));
    const days = { messageDays: 365, figureDays: 30 };
    const now = later(366 * DAY);
    // What `review show` drew, one long ago, and a file that is none of ours.
    const drawn = join(dirname(store.file), 'pictures');
    mkdirSync(drawn);
    for (const name of ['0123456789abcdef.svg', 'fedcba9876543210.svg', 'notes.svg']) {
      writeFileSync(join(drawn, name), 'svg');
      if (!name.startsWith('f')) utimesSync(join(drawn, name), NOW, NOW);
      else utimesSync(join(drawn, name), now, now);
    }

    const due = retentionDue(store, days, now);
    const bytes = store.outbox.show(old?.entryId ?? 0)?.bytes?.length;
    expect(due).toEqual([
      { name: 'figures', days: 30, before: later(336 * DAY), due: 2, dueBytes: 2051, kept: 1, oldest: NOW },
      { name: 'messages', days: 365, before: later(DAY), due: 1, dueBytes: bytes, kept: 1, oldest: NOW },
      { name: 'analyses', days: null, before: null, due: 0, dueBytes: 0, kept: 3, oldest: NOW },
    ]);
    expect(await removeOld(store, days, now)).toEqual({ messages: 1, figures: 2 });
    expect(readdirSync(drawn)).toEqual(['fedcba9876543210.svg', 'notes.svg']);
    expect(retentionDue(store, days, now).map((one) => one.due)).toEqual([0, 0, 0]);
    expect(store.outbox.show(queued?.entryId ?? 0)?.bytes).not.toBeNull();
    expect(store.analyses.byId(analysisId)).not.toBeNull();
  });
});

describe('maintenance', () => {
  test('gives back what retention has left free, and empties the write-ahead log', async () => {
    const store = tempStore();
    const picture = new Uint8Array(100_000);
    store.transaction(() => {
      for (let i = 0; i < 50; i += 1) {
        recordTrace(store, `S25-${i}`);
        store.pictures.add(store.analyses.byAccession(`S25-${i}`, 0)[0]?.id ?? 0, picture, NOW);
      }
    });
    store.maintenance.checkpoint();
    const full = statSync(store.file).size;
    await removeOld(store, { messageDays: 365, figureDays: 1 }, later(2 * DAY));
    const done = await maintain(store.maintenance, never);
    expect(done.checkpointed).toBe(true);
    expect(done.freed).toBeGreaterThan(1000);
    expect(statSync(store.file).size).toBeLessThan(full - 4_000_000);
    expect(statSync(`${store.file}-wal`).size).toBe(0);
    expect(store.audit.verify().ok).toBe(true);
  });

  test('leaves alone free space that will soon be used again', async () => {
    const store = tempStore();
    store.transaction(() => {
      for (let i = 0; i < 200; i += 1) recordTrace(store, `S25-${i}`);
    });
    expect((await maintain(store.maintenance, never)).freed).toBe(0);
  });
});

describe('a summary', () => {
  test('tells traces, tiers, holds, latency and control values, in figures alone', () => {
    const store = tempStore();
    const took = [2, 3, 4, 5, 60];
    for (const [index, seconds] of took.entries()) {
      const name = `HANAKO-${index}`;
      const { entryId } = recordTrace(store, name);
      const mtimeNs = BigInt(NOW.getTime()) * 1_000_000n;
      store.sightings.record(
        { path: Buffer.from(`/srv/${name}.ab1`), size: 10, mtimeNs, sha256: sha(name) },
        NOW,
      );
      store.outbox.markDelivered(entryId, later(seconds * 1000), 'AA');
    }
    const about = { group: 'Run 1', well: null, detail: '', judgedAt: NOW };
    const id = (index: number): number => store.analyses.byAccession(`HANAKO-${index}`, 0)[0]?.id ?? 0;
    for (const [index, cv] of [0.97, 0.99].entries())
      store.controls.add({
        ...about,
        analysisId: id(index),
        sample: 'POS',
        kind: 'positive',
        verdict: 'passed',
        cv,
      });
    store.controls.add({
      ...about,
      analysisId: id(2),
      sample: 'NEG',
      kind: 'negative',
      verdict: 'failed',
      cv: null,
    });

    const summary = store.summary(later(-HOUR));
    expect(summary.latency).toEqual({ median: 4, p95: 60, count: 5 });
    const text = summaryText('The last 7 days', summary);
    expect(text).toBe(
      'The last 7 days: 5 traces (5 pass, 0 review, 0 fail); released 0 low, 5 intermediate, 0 high; ' +
        '5 delivered, half of them within 4 s of the file and 95 % within 60 s; ' +
        'now 0 results and 0 messages held, 0 messages unsent; ' +
        'controls: negative 0 passed, 1 failed; positive 2 passed, 0 failed, Cv 0.97-0.99',
    );
    expect(text + JSON.stringify(summaryFields(summary))).not.toMatch(/HANAKO|POS|NEG|Run 1|ab1/);
  });
});
