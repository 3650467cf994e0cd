import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Skip, type Bench, type FaultCase, type Measured } from './case.ts';
import type { Ground } from './ground.ts';
import { whyMissing } from './needs.ts';
import { createSite } from './site.ts';
import { createUndoList } from './undo.ts';
import { unlessAborted, within, words } from './wait.ts';

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

/** What a case that was given up may still take, once all that it made is gone. */
const LAST_SECONDS = 10;

/** Runs one case to its end, undoes what it made, and says what came of it. Never throws. */
export async function runCase(one: FaultCase, how: Extent, stop: AbortSignal): Promise<Row> {
  const began = performance.now();
  const { name, expected, limitSeconds = 300 } = one;
  const row = (): Pick<Row, 'name' | 'expected' | 'seconds'> => ({
    ...{ name, expected },
    seconds: (performance.now() - began) / 1000,
  });
  const missing = whyMissing(one.needs ?? []);
  if (missing !== null) return { ...row(), outcome: 'skipped', note: missing };

  const over = new AbortController();
  const late = new Error(`not done within ${limitSeconds} s`);
  const clock = setTimeout(() => over.abort(late), 1000 * limitSeconds);
  const signal = AbortSignal.any([stop, over.signal]);
  const undo = createUndoList();
  const bench = benchFor(one, how, {
    ...{ signal, onEnd: undo.add },
    fail: (error) => over.abort(error),
  });
  const running = Promise.resolve().then(() => one.run(bench));
  let row_: Row;
  try {
    const measured = await unlessAborted(running, signal);
    // Done in the end, but not in time.
    signal.throwIfAborted();
    row_ = { ...row(), ...judged(measured) };
  } catch (error) {
    row_ = { ...row(), outcome: error instanceof Skip ? 'skipped' : 'failed', note: words(error) };
  }
  clearTimeout(clock);
  // What a failed case still has under way must not begin anything more.
  over.abort(new Error('the case has ended'));
  const failures = [...(await undo.run()), ...(await stillGoing(running))];
  if (failures.length === 0) return row_;
  const before = row_.outcome === 'failed' ? `${row_.note}; ` : '';
  const note = `${before}cannot be undone: ${failures.map(words).join('; ')}`;
  return { ...row(), outcome: 'failed', note };
}

/** A case that was given up fails as it pleases, but it has to end before another begins. */
async function stillGoing(running: Promise<unknown>): Promise<readonly unknown[]> {
  const ended = running.then(
    () => undefined,
    () => undefined,
  );
  try {
    await within(LAST_SECONDS, 'the case that was given up ends', ended);
    return [];
  } catch (error) {
    return [error];
  }
}

function judged(measured: Measured): { outcome: 'passed' | 'failed' } & Measured {
  const { injections, lost, duplicated, note } = measured;
  if (injections === 0) return { ...measured, outcome: 'failed', note: `nothing was injected; ${note}` };
  return { ...measured, outcome: (lost ?? 0) + (duplicated ?? 0) === 0 ? 'passed' : 'failed' };
}

function benchFor(
  { name }: FaultCase,
  { seed, long }: Extent,
  ground: Pick<Ground, 'signal' | 'onEnd' | 'fail'>,
): Bench {
  const bench: Bench = {
    ...ground,
    long,
    folder() {
      ground.signal.throwIfAborted();
      const folder = mkdtempSync(join(tmpdir(), 'raisingd-fault-'));
      ground.onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
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
