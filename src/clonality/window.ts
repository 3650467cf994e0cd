import type { Assay } from '../config/assay.ts';
import { total } from './readout.ts';
import type { Heights } from './readout.ts';

/** The stretch of host bases that is measured: indices counted from the junction, end exclusive. */
export interface Window {
  readonly start: number;
  readonly end: number;
  /** Mean height of the four channels together inside it. */
  readonly height: number;
}

/** Bases over which the height is averaged to see it collapse. */
const SMOOTH = 8;

/**
 * Begins a few bases late and ends early: where the signal collapses, or at a run of one base (poly-A/T), which is
 * common to all clones and would look like dominance.
 * @param reference mean height of the LTR
 */
export function chooseWindow(
  heights: Heights,
  junction: number,
  end: number,
  reference: number,
  assay: Assay,
): Window {
  const { start, collapse, runBases } = assay.window;
  let last = end;
  for (let i = junction + start; i + SMOOTH <= end; i++) {
    let sum = 0;
    for (let k = 0; k < SMOOTH; k++) sum += total(heights, i + k);
    if (sum / SMOOTH < collapse * reference) {
      last = i;
      break;
    }
  }
  let run = 0;
  let before = -1;
  for (let i = junction + start; i < last; i++) {
    const base = dominant(heights, i);
    run = base === before && base >= 0 ? run + 1 : 1;
    before = base;
    if (run >= runBases) last = i + 1 - run;
  }
  let sum = 0;
  for (let i = junction + start; i < last; i++) sum += total(heights, i);
  const bases = Math.max(0, last - junction - start);
  return { start, end: start + bases, height: bases > 0 ? sum / bases : 0 };
}

/** Base with more than two thirds of the signal; -1 where there is none. */
function dominant(heights: Heights, i: number): number {
  const sum = total(heights, i);
  for (let b = 0; b < 4; b++) if ((heights[4 * i + b] as number) > (2 / 3) * sum) return b;
  return -1;
}
