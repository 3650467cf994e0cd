import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import { createScorer, type Scorer } from '../../src/scoring.ts';
import { scoreFile } from '../../src/score-file.ts';
import type { Scored } from '../../src/watch/finding.ts';
import { trace } from '../trace/files.ts';

const assay = loadAssay(BUNDLED_ASSAY_FILE);
if (!assay.ok) throw new Error('the bundled assay is at fault');
const { method } = assay;

const bytes = trace();
const sha256 = createHash('sha256').update(bytes).digest('hex');
const { analysis } = scoreFile(bytes, sha256, method, false);

function scorer(): Scorer {
  const made = createScorer({ method, pictures: false });
  onTestFinished(() => made.close());
  return made;
}

/** Goes on scoring until a trace is scored elsewhere. */
async function untilElsewhere({ score }: Scorer): Promise<{ readonly pending: Promise<Scored> }> {
  for (;;) {
    const scored = score(bytes, sha256);
    if (scored instanceof Promise) return { pending: scored };
    expect(scored.analysis).toEqual(analysis);
    await new Promise(setImmediate);
  }
}

test('few traces are scored at once, on the thread that read them', () => {
  const { score } = scorer();
  for (let nth = 0; nth < 24; nth += 1) expect(score(bytes, sha256)).not.toBeInstanceOf(Promise);
});

describe.skipIf(availableParallelism() === 1)('a crowd of traces', () => {
  test('is scored on two threads, each trace with the same result', async () => {
    const { pending } = await untilElsewhere(scorer());
    const scored = await pending;
    expect(scored.analysis).toEqual(analysis);
    expect(scored.picture).toBeNull();
  });

  test('loses none when the second thread dies', async () => {
    const both = scorer();
    const { pending } = await untilElsewhere(both);
    both.close();
    expect((await pending).analysis).toEqual(analysis);
    expect(await both.score(bytes, sha256)).toMatchObject({ analysis });
  });
});
