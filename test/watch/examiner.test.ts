import { createHash } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import { createExaminer } from '../../src/examiner.ts';
import { scoreFile } from '../../src/score-file.ts';
import type { Errand, Examined } from '../../src/watch/examine.ts';
import { fromText } from '../../src/watch/path.ts';
import { trace } from '../trace/files.ts';
import { temporaryFolder } from './support.ts';

const assay = loadAssay(BUNDLED_ASSAY_FILE);
if (!assay.ok) throw new Error('the bundled assay is at fault');
const { method } = assay;

const bytes = trace();
const sha256 = createHash('sha256').update(bytes).digest('hex');
const { analysis } = scoreFile(bytes, sha256, method, false);

interface Run {
  readonly examined: Promise<Examined>;
  /** What was waited for: the file's bytes, to be scored here, or what another thread made of them. */
  readonly waitedFor: string[];
}

interface Bench {
  examine(folder: string, errand?: Partial<Errand>): Run;
  /** Goes on until a file is examined elsewhere, and so could be the next one. */
  untilElsewhere(): Promise<Examined>;
  close(): void;
}

function bench(): Bench {
  const { of, close } = createExaminer({ method, pictures: false });
  onTestFinished(close);
  const path = join(temporaryFolder(), 'a.ab1');
  writeFileSync(path, bytes);
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const whole = {
    path: fromText(path),
    maxBytes: 2 ** 20,
    worth: { size: Number(size), mtimeNs, sha256 },
  };
  const folders = new Map([
    ['a', of('a')],
    ['b', of('b')],
  ]);
  const examine: Bench['examine'] = (folder, errand = {}) => {
    const run = folders.get(folder);
    if (run === undefined) throw new Error(`no folder ${folder}`);
    const waitedFor: string[] = [];
    const during = async <T>(operation: Promise<T>): Promise<T> => {
      const outcome = await operation;
      waitedFor.push((outcome as { readonly kind: string }).kind);
      return outcome;
    };
    return { examined: run({ ...whole, ...errand }, during), waitedFor };
  };
  return {
    examine,
    async untilElsewhere() {
      // All at once: a crowd on a slow machine too.
      await Promise.all(Array.from({ length: 64 }, () => examine('a').examined));
      for (;;) {
        const { examined, waitedFor } = examine('a');
        const outcome = await examined;
        expect(outcome).toMatchObject({ kind: 'examined', scored: { analysis, picture: null } });
        if (waitedFor[0] === 'examined') return outcome;
        await new Promise(setImmediate);
      }
    },
    close,
  };
}

test('few files are read and scored beside the other work of the first thread', async () => {
  const { examine } = bench();
  for (let nth = 0; nth < 24; nth += 1) {
    const { examined, waitedFor } = examine('a');
    expect(await examined).toMatchObject({ kind: 'examined', content: { sha256 }, scored: { analysis } });
    expect(waitedFor).toEqual(['read']);
  }
});

test('a file is scored only where it holds what it is expected to hold', async () => {
  const { examine } = bench();
  expect(await examine('a', { worth: null }).examined).toMatchObject({ content: { sha256 }, scored: null });
  const other = { size: bytes.length, mtimeNs: 1n, sha256 };
  expect(await examine('a', { worth: other }).examined).toMatchObject({ content: { sha256 }, scored: null });
});

describe.skipIf(availableParallelism() === 1)('a crowd of files', () => {
  test('is examined on two threads, each file with the same result', async () => {
    const { examine, untilElsewhere } = bench();
    await untilElsewhere();
    const { examined, waitedFor } = examine('a', { worth: null });
    expect(await examined).toMatchObject({ kind: 'examined', content: { sha256 }, scored: null });
    expect(waitedFor).toEqual(['examined']);
    expect(await examine('a', { maxBytes: 10 }).examined).toMatchObject({ kind: 'too-large' });
    expect(await examine('a', { path: fromText('/nowhere/a.ab1') }).examined).toEqual({ kind: 'gone' });
  });

  test('of one folder does not stop another one, even if its share hangs', async () => {
    const { examine, untilElsewhere } = bench();
    await untilElsewhere();
    const first = examine('a');
    const other = examine('b');
    await Promise.all([first.examined, other.examined]);
    expect([first.waitedFor, other.waitedFor]).toEqual([['examined'], ['read']]);
  });

  test('loses none when the second thread dies', async () => {
    for (let died = false; !died;) {
      const { examine, untilElsewhere, close } = bench();
      await untilElsewhere();
      const inHand = [examine('a'), examine('a')];
      close();
      for (const { examined } of [...inHand, examine('a')]) {
        expect(await examined).toMatchObject({ kind: 'examined', scored: { analysis } });
      }
      // It may have had the time to answer before it died: then another one has to die.
      died = inHand.some(({ waitedFor }) => waitedFor.join(' ') === 'read examined');
    }
  });
});
