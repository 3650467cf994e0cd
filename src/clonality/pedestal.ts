import type { Assay } from '../config/assay.ts';
import type { Channels } from '../trace/trace.ts';
import { backgroundOf } from './background.ts';
import type { Grid } from './grid.ts';
import { readHeights, readValleys } from './readout.ts';
import type { Heights } from './readout.ts';

/** LTR and host as read, and where something other than peaks lies under the host. */
export interface Reading {
  readonly ltr: Heights;
  readonly host: Heights;
  /** True where a baseline was found under the LTR and was subtracted. */
  readonly baseline: boolean;
  /** 1 for host positions that lie on a dye blob or the like. */
  readonly covered: Uint8Array;
}

/** Positions to both sides over which a pedestal must last: longer than a run of one base, shorter than a blob. */
const LASTS = 4;
/** Positions to both sides of a pedestal that are given up with it: its flanks. */
const FLANK = 4;

/**
 * Reads the heights of all positions.
 *
 * A baseline lifts every channel of the LTR, whose empty channels should be empty; then the lower edge of each channel
 * is subtracted, which is not done without need: under many clones it is not empty. Where one clone leads and its read is
 * noisier than the LTR's, as much is subtracted as lies between its peaks. A dye blob lifts one or two channels for a
 * dozen bases or more; these positions are marked.
 */
export function readTraceHeights(
  channels: Channels,
  grid: Grid,
  ltrBases: Uint8Array,
  assay: Assay,
): Reading {
  const halfWidth = assay.grid.readHalfWidth * grid.spacing;
  const ltr = readHeights(channels, grid.ltr, halfWidth);
  const host = readHeights(channels, grid.host, halfWidth);
  const hostValleys = readValleys(channels, grid.host);
  const height = meanOwn(ltr, ltrBases);
  const covered = findPedestals(hostValleys, assay.grid.pedestal * height);
  const hostBaseline = baselineOf(host, hostValleys);
  const ltrValleys = readValleys(channels, grid.ltr);
  const lifted =
    highestLevel(ltr, ltrBases) > assay.grid.baseline * height ||
    leastMean(hostBaseline) > assay.grid.hostBaseline * height;
  if (lifted) {
    const ltrBaseline = baselineOf(ltr, ltrValleys);
    ltrBaseline.forEach((level, at) => (ltr[at] = (ltr[at] as number) - level));
    hostBaseline.forEach((level, at) => (host[at] = (host[at] as number) - level));
  } else {
    const excess = excessBackground(ltr, ltrValleys, host, hostValleys, assay);
    if (excess > 0) host.forEach((level, at) => (host[at] = level - excess));
  }
  return { ltr, host, baseline: lifted, covered };
}

/** By how much the background of the window exceeds that of the LTR, which is undone with its response; else 0. */
function excessBackground(
  ltr: Heights,
  ltrValleys: Heights,
  host: Heights,
  hostValleys: Heights,
  { window, grid }: Assay,
): number {
  const [from, to] = [4 * window.start, 4 * (window.start + window.bases)];
  const under = backgroundOf(ltr, ltrValleys, grid.valley);
  const here = backgroundOf(host.subarray(from, to), hostValleys.subarray(from, to), grid.valley);
  return under === null || here === null ? 0 : Math.max(0, here - under);
}

function meanOwn(heights: Heights, bases: Uint8Array): number {
  let sum = 0;
  bases.forEach((base, i) => (sum += heights[4 * i + base] as number));
  return bases.length > 0 ? sum / bases.length : 0;
}

/** Highest level of the empty channels in any quarter of the LTR, for a baseline comes and goes. */
function highestLevel(heights: Heights, bases: Uint8Array): number {
  const quarter = Math.ceil(bases.length / 4);
  const levels = [0, 1, 2, 3].map((q) =>
    emptyLevel(
      heights.subarray(4 * q * quarter, 4 * (q + 1) * quarter),
      bases.subarray(q * quarter, (q + 1) * quarter),
    ),
  );
  return Math.max(...levels);
}

/** Lower quartile of the channels that neither the base nor its neighbours show in: noise alone leaves it near 0. */
function emptyLevel(heights: Heights, bases: Uint8Array): number {
  const levels = new Float64Array(heights.length);
  let n = 0;
  for (let i = 1; i + 1 < bases.length; i++) {
    for (let b = 0; b < 4; b++) {
      if (b !== bases[i] && b !== bases[i - 1] && b !== bases[i + 1]) {
        levels[n] = heights[4 * i + b] as number;
        n++;
      }
    }
  }
  return levels.subarray(0, n).sort()[n >> 2] ?? 0;
}

/** Marks positions where a channel's valleys stay above `limit` for longer than peaks of one base would hold them. */
function findPedestals(valleys: Heights, limit: number): Uint8Array {
  const n = valleys.length / 4;
  const covered = new Uint8Array(n);
  for (let b = 0; b < 4; b++) {
    let run = 0;
    for (let i = 0; i <= n; i++) {
      if (i < n && (valleys[4 * i + b] as number) > limit) run++;
      else {
        if (run > 2 * LASTS) covered.fill(1, Math.max(0, i - run - FLANK), Math.min(n, i + FLANK));
        run = 0;
      }
    }
  }
  return covered;
}

/** Positions to both sides from which the baseline under a position is taken. */
const AROUND = 20;

/** The lowest level that each channel has near each position. */
function baselineOf(heights: Heights, valleys: Heights): Float64Array {
  const n = heights.length / 4;
  const lowest = new Float64Array(heights.length);
  for (let at = 0; at < heights.length; at++) {
    lowest[at] = Math.min(heights[at] as number, valleys[at] as number);
  }
  // Positions that can still become the lowest of a later window, their levels rising.
  const levels = new Float64Array(heights.length);
  const waiting = new Int32Array(n);
  for (let b = 0; b < 4; b++) {
    let head = 0;
    let tail = 0;
    for (let k = 0; k < n + AROUND; k++) {
      if (k < n) {
        const level = lowest[4 * k + b] as number;
        while (tail > head && (lowest[4 * (waiting[tail - 1] as number) + b] as number) >= level) tail--;
        waiting[tail++] = k;
      }
      const i = k - AROUND;
      if (i < 0) continue;
      while ((waiting[head] as number) < i - AROUND) head++;
      levels[4 * i + b] = lowest[4 * (waiting[head] as number) + b] as number;
    }
  }
  return levels;
}

/** Mean of the channel with the lowest mean: what lies under all four. */
function leastMean(levels: Float64Array): number {
  const sums = [0, 0, 0, 0];
  levels.forEach((level, at) => (sums[at & 3] = (sums[at & 3] as number) + level));
  return levels.length > 0 ? (4 * Math.min(...sums)) / levels.length : 0;
}
