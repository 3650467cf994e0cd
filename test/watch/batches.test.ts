import { describe, expect, it } from 'vitest';
import { createBatches } from '../../src/watch/batches.ts';
import type { Finding } from '../../src/watch/finding.ts';

const finding: Finding = {
  kind: 'sighting',
  file: { path: new Uint8Array(), name: 'a.ab1', size: 1, mtimeNs: 1n },
  sha256: 'aa',
};

describe('findings on their way to the service', () => {
  it('go at once while nothing is on its way', async () => {
    const sent: number[] = [];
    const batches = createBatches((findings) => sent.push(findings.length));
    await batches.push(finding);
    expect(sent).toEqual([1]);
  });

  it('are never more than a few batches ahead of what is recorded, and none is lost', async () => {
    const sent: number[] = [];
    const batches = createBatches((findings) => sent.push(findings.length));
    let pushed = 0;
    const pushing = (async () => {
      for (; pushed < 10_000; pushed += 1) await batches.push(finding);
    })();
    let ahead = 0;
    for (let recorded = 0; recorded < sent.length || pushed < 10_000;) {
      await new Promise((resolve) => setImmediate(resolve));
      ahead = Math.max(ahead, sent.length - recorded);
      if (recorded < sent.length) {
        recorded += 1;
        batches.committed();
      }
    }
    await pushing;
    expect(ahead).toBe(4);
    expect(Math.max(...sent)).toBe(64);
    expect(sent.reduce((sum, count) => sum + count)).toBe(10_000);
  });
});
