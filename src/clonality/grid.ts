import type { Assay } from '../config/assay.ts';
import type { Channels } from '../trace/trace.ts';
import type { Anchor } from './anchor.ts';

/** Centres of the bases of a trace: what a base caller calls peaks, found without it. */
export interface Grid {
  /** Scan points, with a fraction, of the matched LTR bases, in the order of the anchor's `bases`. */
  readonly ltr: Float64Array;
  /** Scan points of the host bases, from the junction on. */
  readonly host: Float64Array;
  /** Scan point of the first host base, though the trace may end before it. */
  readonly junction: number;
  /** Points a base at the junction. */
  readonly spacing: number;
}

/** LTR peaks nearest to the junction from which phase and spacing start. */
const FITTED = 40;
/** LTR peaks to both sides over which the centre of one is smoothed, as the phase of the host is. */
const SMOOTHED = 8;

/**
 * Lays a grid over LTR and host. In the LTR, whose bases are known, it is the smoothed course of the peaks. Beyond
 * the junction it follows the phase of the summed signal, which rises once a base however many clones lie on top of
 * each other. A base caller's peaks would not do: over superposed signal they wander by half a base.
 * @param hostBases length of the grid after the junction; it ends earlier where the trace does
 */
export function layGrid(channels: Channels, anchor: Anchor, assay: Assay, hostBases: number): Grid | null {
  const line = fitLine(anchor, assay.anchor.length);
  if (line === null) return null;
  const { junction, spacing } = line;
  const signal = summed(channels, junction, spacing, assay.grid, hostBases);
  // Begin inside the LTR, so that the phase has settled at the junction.
  const lead = 10;
  const points = follow(signal, junction - lead * spacing, spacing, hostBases + lead, assay.grid);
  const first = nearest(points, junction);
  const host = points.subarray(first, first + hostBases);
  // Where the trace ends inside the LTR, the nearest point is its last and no host base.
  const begun = Math.abs((points[first] as number) - junction) < spacing / 2;
  return {
    ltr: smoothed(anchor, spacing),
    host: begun ? host : host.subarray(0, 0),
    junction: begun ? (host[0] as number) : junction,
    spacing,
  };
}

/** Straight line through the last LTR peaks; outliers (a wrongly placed peak) are left out once. */
function fitLine(anchor: Anchor, length: number): { junction: number; spacing: number } | null {
  const from = Math.max(0, anchor.bases.length - FITTED);
  let kept = Array.from({ length: anchor.bases.length - from }, (_, i) => from + i);
  for (let round = 0; ; round++) {
    if (kept.length < 10) return null;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let sxy = 0;
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

/** Each LTR peak moved onto the line through its neighbours; peaks far off that line do not pull. */
function smoothed(anchor: Anchor, spacing: number): Float64Array {
  const { bases, points } = anchor;
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i++) {
    let n = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let sxy = 0;
    for (let j = Math.max(0, i - SMOOTHED); j <= Math.min(points.length - 1, i + SMOOTHED); j++) {
      const x = (bases[j] as number) - (bases[i] as number);
      const y = (points[j] as number) - (points[i] as number);
      if (Math.abs(y - x * spacing) > 0.6 * spacing) continue;
      const weight = 1 - ((j - i) / (SMOOTHED + 1)) ** 2;
      n += weight;
      sx += weight * x;
      sy += weight * y;
      sxx += weight * x * x;
      sxy += weight * x * y;
    }
    const determinant = n * sxx - sx * sx;
    out[i] = (points[i] as number) + (determinant > 1e-6 ? (sy * sxx - sx * sxy) / determinant : 0);
  }
  return out;
}

interface Summed {
  readonly from: number;
  readonly values: Float64Array;
}

/** Square root of the four channels' sum: the root keeps one tall peak from setting the phase alone. */
function summed(
  channels: Channels,
  junction: number,
  spacing: number,
  grid: Assay['grid'],
  host: number,
): Summed {
  const [a, c, g, t] = channels;
  const margin = grid.halfWidthBases + 2;
  const from = Math.max(0, Math.floor(junction - (10 + margin) * spacing * 1.05));
  const to = Math.min(a.length, Math.ceil(junction + (host + margin) * spacing * 1.05));
  const values = new Float64Array(Math.max(0, to - from));
  for (let i = 0; i < values.length; i++) {
    const p = from + i;
    const sum = (a[p] as number) + (c[p] as number) + (g[p] as number) + (t[p] as number);
    values[i] = sum > 0 ? Math.sqrt(sum) : 0;
  }
  return { from, values };
}

/** Grid points from `start` on, phase-locked. */
function follow(
  signal: Summed,
  start: number,
  spacing: number,
  bases: number,
  grid: Assay['grid'],
): Float64Array {
  const last = signal.from + signal.values.length - 1;
  const out = new Float64Array(bases + grid.stepBases);
  let length = 0;
  let step = spacing;
  let centre = start + phaseError(signal, start, step, grid);
  out[length++] = centre;
  while (length < bases) {
    const predicted = centre + grid.stepBases * step;
    if (predicted > last) break;
    const limit = grid.maxStep * step;
    const error = Math.max(-limit, Math.min(limit, phaseError(signal, predicted, step, grid)));
    const next = predicted + grid.gain * error;
    for (let k = 1; k <= grid.stepBases; k++) out[length++] = centre + ((next - centre) * k) / grid.stepBases;
    step += (grid.drift * error) / grid.stepBases;
    step = Math.max(0.9 * spacing, Math.min(1.1 * spacing, step));
    centre = next;
  }
  return out.subarray(0, Math.min(length, bases));
}

/** How far the peaks around `centre` lie behind it, in points: the phase of the signal's base frequency. */
function phaseError(signal: Summed, centre: number, spacing: number, grid: Assay['grid']): number {
  const half = grid.halfWidthBases * spacing;
  const first = Math.max(Math.ceil(centre - half), signal.from);
  const last = Math.min(Math.floor(centre + half), signal.from + signal.values.length - 1);
  const turn = (2 * Math.PI) / spacing;
  const bell = Math.PI / half;
  // Cosines and sines by rotation: one pair of calls instead of four a point.
  let c = Math.cos(turn * (first - centre));
  let s = Math.sin(turn * (first - centre));
  let w = Math.cos(bell * (first - centre));
  let v = Math.sin(bell * (first - centre));
  const c1 = Math.cos(turn);
  const s1 = Math.sin(turn);
  const w1 = Math.cos(bell);
  const v1 = Math.sin(bell);
  let real = 0;
  let imaginary = 0;
  for (let t = first; t <= last; t++) {
    const value = (signal.values[t - signal.from] as number) * (1 + w);
    real += value * c;
    imaginary += value * s;
    const turned = c * c1 - s * s1;
    s = s * c1 + c * s1;
    c = turned;
    const risen = w * w1 - v * v1;
    v = v * w1 + w * v1;
    w = risen;
  }
  return real === 0 && imaginary === 0 ? 0 : Math.atan2(imaginary, real) / turn;
}

/** Index of the point nearest to `target`. */
function nearest(points: Float64Array, target: number): number {
  let best = 0;
  for (let i = 1; i < points.length; i++) {
    if (Math.abs((points[i] as number) - target) < Math.abs((points[best] as number) - target)) best = i;
  }
  return best;
}

/** LTR bases that lie close enough together to share one spacing. */
const STRETCH = 16;

/**
 * Index of the junction counted as base calls are: distances of the LTR peaks over the spacing around them. The calls
 * themselves are not counted; noisy signal has too many or too few of them.
 * @param firstCall scan point of the read's first call
 */
export function basesBefore({ ltr, junction, spacing }: Grid, firstCall: number): number {
  let bases = 1;
  for (let from = 1; from < ltr.length; from += STRETCH) {
    const to = Math.min(ltr.length, from + STRETCH);
    const gaps: number[] = [];
    for (let i = from; i < to; i++) gaps.push((ltr[i] as number) - (ltr[i - 1] as number));
    const own = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] as number;
    bases += gaps.reduce((sum, gap) => sum + gap, 0) / own;
  }
  // A first call less than one base into the trace may itself be one too many; base 0 is at the start then.
  const origin = firstCall < 0.95 * spacing ? 0 : firstCall;
  const before = Math.max(0, Math.floor(((ltr[0] as number) - origin) / spacing + 0.3));
  const rest = Math.max(0, Math.round((junction - (ltr.at(-1) as number)) / spacing) - 1);
  return Math.round(bases) + before + rest;
}
