import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Skip, type Bench, type FaultCase, type Measured } from './case.ts';
import { whyMissing } from './needs.ts';
import { createSite } from './site.ts';
import { createUndoList } from './undo.ts';

/** One row of the table. */
export type Row = { readonly name: string; readonly expected: string; readonly seconds: number } & (
  | ({ readonly outcome: 'passed' } & Measured)
  | ({ readonly outcome: 'failed' } & Partial<Measured> & { readonly note: string })
  | { readonly outcome: 'skipped'; readonly note: string }
);

/** `seed`: of what is left to chance. `long`: the full numbers. */
export interface Extent {
  readonly seed: number;
  readonly long: boolean;
}

/** Runs one case to its end, undoes what it made, and says what came of it. Never throws. */
export async function runCase(one: FaultCase, how: Extent, stop: AbortSignal): Promise<Row> {
  const began = performance.now();
  const { name, expected } = one;
  const row = (): Pick<Row, 'name' | 'expected' | 'seconds'> => ({
    ...{ name, expected },
    seconds: (performance.now() - began) / 1000,
  });
  const missing = whyMissing(one.needs ?? []);
  if (missing !== null) return { ...row(), outcome: 'skipped', note: missing };

  const limit = one.limitSeconds ?? 120;
  const over = AbortSignal.timeout(1000 * limit);
  const undo = createUndoList();
  // What a failed case still has under way must not begin anything more.
  const ended = new AbortController();
  const bench = benchFor(one, how, AbortSignal.any([stop, over, ended.signal]), undo.add);
  let row_: Row;
  try {
    const measured = await one.run(bench);
    row_ = { ...row(), ...judged(measured) };
  } catch (error) {
    if (error instanceof Skip) row_ = { ...row(), outcome: 'skipped', note: error.message };
    else {
      const words = error instanceof Error ? error.message : String(error);
      const note = over.aborted ? `not done within ${limit} s: ${words}` : words;
      row_ = { ...row(), outcome: 'failed', note };
    }
  }
  ended.abort(new Error('the case has ended'));
  const failures = await undo.run();
  if (failures.length === 0 || row_.outcome === 'failed') return row_;
  return { ...row(), outcome: 'failed', note: `cannot be undone: ${failures.map(String).join('; ')}` };
}

function judged(measured: Measured): { outcome: 'passed' | 'failed' } & Measured {
  const { injections, lost, duplicated, note } = measured;
  if (injections === 0) return { ...measured, outcome: 'failed', note: `nothing was injected; ${note}` };
  return { ...measured, outcome: (lost ?? 0) + (duplicated ?? 0) === 0 ? 'passed' : 'failed' };
}

function benchFor(
  { name }: FaultCase,
  { seed, long }: Extent,
  signal: AbortSignal,
  onEnd: (undo: () => unknown) => void,
): Bench {
  const bench: Bench = {
    signal,
    long,
    onEnd,
    folder() {
      const folder = mkdtempSync(join(tmpdir(), 'raisingd-fault-'));
      onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
      return folder;
    },
    site: (options) => createSite(bench, options),
    random: randomFrom(`${name} ${seed}`),
    say: (line) => void process.stderr.write(`  ${name}: ${line}\n`),
  };
  return bench;
}

/** Mulberry32, seeded by the text. */
function randomFrom(text: string): () => number {
  let state = Buffer.from(text).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
