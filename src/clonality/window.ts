import type { Assay } from '../config/assay.ts';
import { total } from './readout.ts';
import type { Heights } from './readout.ts';

/** The stretch of host bases that is measured. */
export interface Window {
  /** Indices counted from the junction, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Heights of the positions used, four to a position; those under an artefact are left out. */
  readonly heights: Heights;
  /** Index from the junction of each position used. */
  readonly positions: Int32Array;
  /** True where it was shortened because the signal fades. */
  readonly fades: boolean;
  /** Mean height of the four channels together, in units of the mean LTR peak; 0 for an empty window. */
  readonly height: number;
}

/** Share of a base that leaves no room for another template. */
const NEARLY_ALL = 0.85;
/** Bases over which the height is averaged to see it collapse. */
const SMOOTH = 8;

/**
 * Begins a few bases late and ends early: where the signal collapses, or at a run of one base (poly-A/T), which is
 * common to all clones and would look like dominance.
 * @param host heights from the junction on, in units of the mean LTR peak
 * @param covered 1 for positions not to be used
 */
export function chooseWindow(host: Heights, covered: Uint8Array, assay: Assay): Window {
  const { start, bases, collapse, runBases } = assay.window;
  const limit = Math.min(host.length / 4, start + bases);
  let end = limit;
  for (let i = start; i < limit; i++) {
    const reach = Math.min(SMOOTH, limit - i);
    let sum = 0;
    for (let k = 0; k < reach; k++) sum += total(host, i + k);
    if (sum / reach < collapse) {
      end = i;
      break;
    }
  }
  let run = 0;
  let before = -1;
  for (let i = start; i < end; i++) {
    const base = dominant(host, i);
    run = base >= 0 && base === before ? run + 1 : 1;
    before = base;
    if (base >= 0 && run >= runBases) end = i + 1 - run;
  }
  const faded = fades(host, covered, start, end, assay);
  if (faded) end = start + assay.window.fadedBases;
  const used: number[] = [];
  for (let i = start; i < end; i++) if (covered[i] !== 1) used.push(i);
  const heights = new Float64Array(4 * used.length);
  let sum = 0;
  used.forEach((i, k) => {
    heights.set(host.subarray(4 * i, 4 * i + 4), 4 * k);
    sum += total(host, i);
  });
  return {
    start,
    end: Math.max(start, end),
    heights,
    positions: Int32Array.from(used),
    fades: faded,
    height: used.length > 0 ? sum / used.length : 0,
  };
}

/** Bases at both ends of the window whose heights are compared. */
const ENDS = 40;

/** True where the signal loses height along the window: templates end one by one, and the rest gains share. */
function fades(host: Heights, covered: Uint8Array, start: number, end: number, { window }: Assay): boolean {
  if (end - start < window.fadedBases + ENDS / 2) return false;
  const free: number[] = [];
  for (let i = start; i < end; i++) if (covered[i] !== 1) free.push(total(host, i));
  if (free.length < 2 * ENDS) return false;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return sum(free.slice(-ENDS)) < window.fade * sum(free.slice(0, ENDS));
}

/** Base with nearly all of the signal; -1 where there is none. */
function dominant(heights: Heights, i: number): number {
  const sum = total(heights, i);
  for (let b = 0; b < 4; b++) if ((heights[4 * i + b] as number) > NEARLY_ALL * sum) return b;
  return -1;
}

/** Heights divided by the straight line through their totals: a read fades, and that is no clone's doing. */
export function levelled(window: Window): Heights {
  const { heights, positions } = window;
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let k = 0; k < positions.length; k++) {
    const x = positions[k] as number;
    const y = total(heights, k);
    n++;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const slope = n > 1 ? (n * sxy - sx * sy) / (n * sxx - sx * sx) : 0;
  const level = (sy - slope * sx) / n;
  return heights.map((height, k) => {
    const line = level + slope * (positions[k >> 2] as number);
    return height / Math.max(0.2 * window.height, line);
  });
}
