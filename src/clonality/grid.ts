import type { Assay } from '../config/assay.ts';
import type { Channels } from '../trace/trace.ts';
import type { Anchor } from './anchor.ts';

/** Centres of the bases of a trace: what a base caller calls peaks, found without it. */
export interface Grid {
  /** Scan points, with a fraction, rising. */
  readonly points: Float64Array;
  /** Index of the first host base in `points`. */
  readonly junction: number;
  /** Index in `points` of each matched LTR base of the anchor. */
  readonly ltr: Int32Array;
  /** Points a base at the junction. */
  readonly spacing: number;
}

/** LTR peaks nearest to the junction from which phase and spacing start. */
const FITTED = 40;

/**
 * Lays a grid over LTR and host. It starts from the peaks of the LTR's last bases and then follows the phase of
 * the summed signal, which rises once a base however many clones lie on top of each other. A base caller's peaks
 * would not do: over superposed signal they wander by half a base.
 * @param hostBases length of the grid after the junction; it ends earlier where the trace does
 */
export function layGrid(channels: Channels, anchor: Anchor, assay: Assay, hostBases: number): Grid | null {
  const line = fitLine(anchor, assay.anchor.length);
  if (line === null) return null;
  const { junction, spacing } = line;
  const total = summed(channels, junction, spacing, assay, hostBases);
  const forward = follow(total, junction - 10 * spacing, spacing, hostBases + 10, assay.grid);
  const backward = follow(total, junction - 10 * spacing, -spacing, assay.search.reach + 10, assay.grid);

  const points = Float64Array.from([...backward.subarray(1).toReversed(), ...forward]);
  const at = nearest(points, junction);
  const ltr = new Int32Array(anchor.bases.length);
  for (let i = 0; i < ltr.length; i++) ltr[i] = nearest(points, anchor.points[i] as number);
  return { points, junction: at, ltr, spacing };
}

/** Straight line through the last LTR peaks; outliers (a wrongly placed peak) are left out once. */
function fitLine(anchor: Anchor, length: number): { junction: number; spacing: number } | null {
  const from = Math.max(0, anchor.bases.length - FITTED);
  let kept = Array.from({ length: anchor.bases.length - from }, (_, i) => from + i);
  for (let round = 0; ; round++) {
    if (kept.length < 10) return null;
    let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
    for (const i of kept) {
      const x = (anchor.bases[i] as number) - length;
      const y = anchor.points[i] as number;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const n = kept.length;
    const spacing = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    const junction = (sy - spacing * sx) / n;
    if (!(spacing > 3)) return null;
    if (round === 1) return { junction, spacing };
    const fit = kept.filter((i) => {
      const x = (anchor.bases[i] as number) - length;
      return Math.abs(junction + spacing * x - (anchor.points[i] as number)) < 0.5 * spacing;
    });
    if (fit.length === kept.length) return { junction, spacing };
    kept = fit;
  }
}

interface Summed {
  readonly from: number;
  readonly values: Float64Array;
}

/** Square root of the four channels' sum: the root keeps one tall peak from setting the phase alone. */
function summed(channels: Channels, junction: number, spacing: number, assay: Assay, host: number): Summed {
  const [a, c, g, t] = channels;
  const margin = assay.grid.halfWidthBases + 2;
  const from = Math.max(0, Math.floor(junction - (assay.search.reach + margin) * spacing * 1.05));
  const to = Math.min(a.length, Math.ceil(junction + (host + margin) * spacing * 1.05));
  const values = new Float64Array(Math.max(0, to - from));
  for (let i = 0; i < values.length; i++) {
    const p = from + i;
    const sum = (a[p] as number) + (c[p] as number) + (g[p] as number) + (t[p] as number);
    values[i] = sum > 0 ? Math.sqrt(sum) : 0;
  }
  return { from, values };
}

/** Grid points from `start` on in steps of `spacing` (negative: towards the read's begin), phase-locked. */
function follow(
  total: Summed,
  start: number,
  spacing: number,
  bases: number,
  grid: Assay['grid'],
): Float64Array {
  const last = total.from + total.values.length - 1;
  const out: number[] = [];
  let step = spacing;
  let centre = start;
  centre += phaseError(total, centre, Math.abs(step), grid);
  out.push(centre);
  while (out.length < bases + 1) {
    const predicted = centre + grid.stepBases * step;
    if (predicted < total.from || predicted > last) break;
    const error = phaseError(total, predicted, Math.abs(step), grid);
    const limit = grid.maxStep * Math.abs(step);
    const bounded = Math.max(-limit, Math.min(limit, error));
    const next = predicted + grid.gain * bounded;
    for (let k = 1; k <= grid.stepBases; k++) out.push(centre + ((next - centre) * k) / grid.stepBases);
    step += (grid.drift * bounded) / grid.stepBases;
    step = Math.sign(spacing) * Math.max(0.9, Math.min(1.1, step / spacing)) * Math.abs(spacing);
    centre = next;
  }
  return Float64Array.from(out);
}

/** How far the peaks around `centre` lie behind it, in points: the phase of the signal's base frequency. */
function phaseError(total: Summed, centre: number, spacing: number, grid: Assay['grid']): number {
  const half = grid.halfWidthBases * spacing;
  const first = Math.max(Math.ceil(centre - half), total.from);
  const last = Math.min(Math.floor(centre + half), total.from + total.values.length - 1);
  const turn = (2 * Math.PI) / spacing;
  const bell = Math.PI / half;
  let [real, imaginary] = [0, 0];
  for (let t = first; t <= last; t++) {
    const x = t - centre;
    const value = (total.values[t - total.from] as number) * (1 + Math.cos(bell * x));
    real += value * Math.cos(turn * x);
    imaginary += value * Math.sin(turn * x);
  }
  return real === 0 && imaginary === 0 ? 0 : Math.atan2(imaginary, real) / turn;
}

/** Index of the grid point nearest to `target`. */
export function nearest(points: Float64Array, target: number): number {
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle] as number) <= target) low = middle;
    else high = middle;
  }
  return target - (points[low] as number) <= (points[high] as number) - target ? low : high;
}
