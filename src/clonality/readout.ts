import type { Channels } from '../trace/trace.ts';

/** Signal of A, C, G, T at consecutive positions, four values to a position, fluorescence units. */
export type Heights = Float64Array;

/**
 * Reads each base as the mean signal around its grid point: a mean forgives a grid point that is a little off, a
 * maximum would prefer whatever lies next door.
 * @param halfWidth points to both sides
 */
export function readHeights(channels: Channels, points: Float64Array, halfWidth: number): Heights {
  const heights = new Float64Array(4 * points.length);
  const length = channels[0].length;
  for (let i = 0; i < points.length; i++) {
    const centre = points[i] as number;
    const first = Math.max(0, Math.round(centre - halfWidth));
    const last = Math.min(length - 1, Math.round(centre + halfWidth));
    if (last < first) continue;
    for (let b = 0; b < 4; b++) {
      const channel = channels[b] as Int16Array;
      let sum = 0;
      for (let t = first; t <= last; t++) sum += channel[t] as number;
      heights[4 * i + b] = sum / (last - first + 1);
    }
  }
  return heights;
}

/** Signal half-way between each grid point and the next: where peaks are lowest and a pedestal shows. */
export function readValleys(channels: Channels, points: Float64Array): Heights {
  const between = new Float64Array(points.length);
  for (let i = 0; i + 1 < points.length; i++)
    between[i] = ((points[i] as number) + (points[i + 1] as number)) / 2;
  const last = points.length - 1;
  if (last > 0) between[last] = 2 * (points[last] as number) - (between[last - 1] as number);
  return readHeights(channels, between, 1);
}

/** Sum of the four channels at position `i`. */
export function total(heights: Heights, i: number): number {
  return (
    (heights[4 * i] as number) +
    (heights[4 * i + 1] as number) +
    (heights[4 * i + 2] as number) +
    (heights[4 * i + 3] as number)
  );
}

/** Shares of A, C, G, T at each position, none below 0; a silent position has a quarter each. */
export function sharesOf(heights: Heights): Float64Array {
  const shares = new Float64Array(heights.length);
  for (let i = 0; i < heights.length; i += 4) {
    let sum = 0;
    for (let b = 0; b < 4; b++) sum += Math.max(0, heights[i + b] as number);
    for (let b = 0; b < 4; b++) shares[i + b] = sum > 0 ? Math.max(0, heights[i + b] as number) / sum : 0.25;
  }
  return shares;
}
