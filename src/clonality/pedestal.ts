import type { Assay } from '../config/assay.ts';
import type { Channels } from '../trace/trace.ts';
import type { Grid } from './grid.ts';
import { readHeights, readValleys } from './readout.ts';
import type { Heights } from './readout.ts';

/** LTR and host as read, and where something other than peaks lies under the host. */
export interface Reading {
  readonly ltr: Heights;
  readonly host: Heights;
  /** True where a baseline was found under the LTR and every peak is read against the valleys around it. */
  readonly againstValleys: boolean;
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
 * A baseline lifts every channel of the LTR, whose empty channels should be empty; then all peaks are read against
 * the valleys on both sides, which costs precision and is not done without need. A dye blob lifts one or two channels
 * for a dozen bases or more; these positions are marked.
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
  const lifted = emptyLevel(ltr, ltrBases) > assay.grid.baseline * height;
  const covered = findPedestals(hostValleys, assay.grid.pedestal * height);
  if (lifted) {
    subtractValleys(ltr, readValleys(channels, grid.ltr));
    subtractValleys(host, hostValleys);
  }
  return { ltr, host, againstValleys: lifted, covered };
}

function meanOwn(heights: Heights, bases: Uint8Array): number {
  let sum = 0;
  bases.forEach((base, i) => (sum += heights[4 * i + base] as number));
  return bases.length > 0 ? sum / bases.length : 0;
}

/** Lower quartile of the channels that neither the base nor its neighbours show in: noise alone leaves it near 0. */
function emptyLevel(heights: Heights, bases: Uint8Array): number {
  const levels: number[] = [];
  for (let i = 1; i + 1 < bases.length; i++) {
    for (let b = 0; b < 4; b++) {
      if (b !== bases[i] && b !== bases[i - 1] && b !== bases[i + 1])
        levels.push(heights[4 * i + b] as number);
    }
  }
  levels.sort((a, b) => a - b);
  return levels[levels.length >> 2] ?? 0;
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

function subtractValleys(heights: Heights, valleys: Heights): void {
  for (let i = heights.length - 1; i >= 0; i--) {
    const before = i >= 4 ? (valleys[i - 4] as number) : (valleys[i] as number);
    heights[i] = (heights[i] as number) - (before + (valleys[i] as number)) / 2;
  }
}
