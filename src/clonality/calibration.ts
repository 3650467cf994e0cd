import { clip } from './moments.ts';

/** One sample measured twice: our Cv and the value of the method that a site wants to agree with, both 0-1. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** Rising points of a broken line that takes our value to theirs. */
export type CalibrationTable = readonly (readonly [ours: number, theirs: number])[];

/** How well pairs agree before and after a table. */
export interface CalibrationFit {
  readonly table: CalibrationTable;
  readonly pairs: number;
  /** Root mean square and mean of ours less theirs, as measured. */
  readonly rmseBefore: number;
  readonly biasBefore: number;
  /** Root mean square of what the table leaves. */
  readonly rmseAfter: number;
  /** Calibrated less theirs, in the order of the pairs. */
  readonly residuals: readonly number[];
}

/** Fewer pairs than this fix a line and little more. */
const LEAST_PAIRS = 10;

/**
 * Fits the rising table that is closest to the pairs (least squares, pool adjacent violators): no shape is assumed
 * but that a larger value of ours never means a smaller one of theirs.
 * @throws RangeError with fewer than `LEAST_PAIRS` pairs or a value outside 0-1
 */
export function fitCalibration(pairs: readonly Pair[]): CalibrationFit {
  if (pairs.length < LEAST_PAIRS) {
    throw new RangeError(
      `${String(pairs.length)} pairs; a calibration needs at least ${String(LEAST_PAIRS)}`,
    );
  }
  for (const { ours, theirs } of pairs) {
    for (const value of [ours, theirs]) {
      if (!(value >= 0 && value <= 1))
        throw new RangeError(`a clonality value is not between 0 and 1: ${String(value)}`);
    }
  }
  const table = pool(pairs);
  const residuals = pairs.map(({ ours, theirs }) => calibrate(table, ours) - theirs);
  const differences = pairs.map(({ ours, theirs }) => ours - theirs);
  return {
    table,
    pairs: pairs.length,
    rmseBefore: rootMeanSquare(differences),
    biasBefore: mean(differences),
    rmseAfter: rootMeanSquare(residuals),
    residuals,
  };
}

/** A value by a table: linear between its points, beyond its ends by as much as at the end, within 0-1. */
export function calibrate(table: CalibrationTable, value: number): number {
  const first = table[0];
  const last = table.at(-1);
  if (first === undefined || last === undefined) return value;
  if (value <= first[0]) return clip(value + first[1] - first[0]);
  for (let i = 1; i < table.length; i++) {
    const [x0, y0] = table[i - 1] ?? first;
    const [x1, y1] = table[i] ?? last;
    if (value <= x1) return clip(y0 + ((value - x0) / (x1 - x0)) * (y1 - y0));
  }
  return clip(value + last[1] - last[0]);
}

interface Block {
  ours: number;
  theirs: number;
  count: number;
}

/** Means of neighbouring pairs, joined until they rise. */
function pool(pairs: readonly Pair[]): CalibrationTable {
  const blocks: Block[] = [];
  for (const { ours, theirs } of pairs.toSorted((a, b) => a.ours - b.ours)) {
    let block: Block = { ours, theirs, count: 1 };
    for (let before = blocks.at(-1); before !== undefined; before = blocks.at(-1)) {
      if (before.theirs < block.theirs && before.ours < block.ours) break;
      blocks.pop();
      const count = before.count + block.count;
      block = {
        ours: (before.ours * before.count + block.ours * block.count) / count,
        theirs: (before.theirs * before.count + block.theirs * block.count) / count,
        count,
      };
    }
    blocks.push(block);
  }
  return blocks.map(({ ours, theirs }) => [ours, theirs] as const);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value * value)));
}
