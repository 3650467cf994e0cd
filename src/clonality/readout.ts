import type { Channels } from '../trace/trace.ts';

/** Signal of A, C, G, T at consecutive grid points, four values to a point, fluorescence units, none below 0. */
export type Heights = Float64Array;

/**
 * Reads each base as the mean signal around its grid point: a mean forgives a grid point that is a little off,
 * a maximum would prefer whatever lies next door.
 * @param halfWidth points to both sides
 */
export function readHeights(channels: Channels, points: Float64Array, halfWidth: number): Heights {
  const heights = new Float64Array(4 * points.length);
  const length = channels[0].length;
  for (let i = 0; i < points.length; i++) {
    const centre = points[i] as number;
    const first = Math.max(0, Math.round(centre - halfWidth));
    const last = Math.min(length - 1, Math.round(centre + halfWidth));
    for (let b = 0; b < 4; b++) {
      const channel = channels[b] as Int16Array;
      let sum = 0;
      for (let t = first; t <= last; t++) sum += channel[t] as number;
      heights[4 * i + b] = last < first ? 0 : Math.max(0, sum / (last - first + 1));
    }
  }
  return heights;
}

/** Sum of the four channels at grid point `i`. */
export function total(heights: Heights, i: number): number {
  return (
    (heights[4 * i] as number) +
    (heights[4 * i + 1] as number) +
    (heights[4 * i + 2] as number) +
    (heights[4 * i + 3] as number)
  );
}

/** Shares of A, C, G, T at each grid point from `from` up to `to`, exclusive; a silent point has a quarter each. */
export function sharesOf(heights: Heights, from: number, to: number): Float64Array {
  const shares = new Float64Array(4 * (to - from));
  for (let i = from; i < to; i++) {
    const sum = total(heights, i);
    for (let b = 0; b < 4; b++) {
      shares[4 * (i - from) + b] = sum > 0 ? (heights[4 * i + b] as number) / sum : 0.25;
    }
  }
  return shares;
}
