import type { Channels } from '../trace/trace.ts';

/** Sixth differences: a peak of a dozen points leaves next to nothing of itself, white noise all of its size. */
const SIXTH = [1, -6, 15, -20, 15, -6, 1] as const;
/** SD of a sixth difference of white noise of SD 1. */
const SIXTH_SD = Math.sqrt(924);
/** Median of |x| of a standard normal. */
const MEDIAN_NORMAL = 0.6745;

/**
 * SD of the noise from one scan point to the next, fluorescence units, at the tops of the LTR peaks, where nothing
 * is cut off at zero.
 * @param points scan points of the matched LTR bases
 * @param bases their bases, codes 0-3
 */
export function pointNoise(channels: Channels, points: Float64Array, bases: Uint8Array): number {
  const sizes: number[] = [];
  for (let i = 0; i < points.length; i++) {
    const channel = channels[bases[i] as number] as Int16Array;
    const centre = Math.round(points[i] as number);
    for (let t = centre - 1; t <= centre + 1; t++) {
      if (t < 3 || t + 3 >= channel.length) continue;
      let sum = 0;
      for (let k = 0; k < 7; k++) sum += (SIXTH[k] as number) * (channel[t + k - 3] as number);
      sizes.push(Math.abs(sum));
    }
  }
  if (sizes.length === 0) return 0;
  sizes.sort((a, b) => a - b);
  return (sizes[sizes.length >> 1] as number) / MEDIAN_NORMAL / SIXTH_SD;
}

/** Means of max(0, normal(u, 1)) for u from -2 to 3 in steps of 0.02. */
const LOWEST = -2;
const STEP = 0.02;
const CLIPPED_MEANS = Float64Array.from({ length: 251 }, (_, i) => clippedMean(LOWEST + i * STEP));

/**
 * Undoes the cut at zero: instruments write what noise takes below zero as 0, which lifts the mean of an empty
 * channel by 0.4 noise SD and that of a filled one not at all. Changes the heights in place.
 */
export function undoClipping(heights: Float64Array, noise: number): void {
  if (!(noise > 0)) return;
  const top = CLIPPED_MEANS.length - 1;
  for (let i = 0; i < heights.length; i++) {
    const mean = (heights[i] as number) / noise;
    if (mean >= (CLIPPED_MEANS[top] as number)) continue;
    let low = 0;
    let high = top;
    if (mean > (CLIPPED_MEANS[0] as number)) {
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((CLIPPED_MEANS[middle] as number) <= mean) low = middle;
        else high = middle;
      }
      const [a, b] = [CLIPPED_MEANS[low] as number, CLIPPED_MEANS[high] as number];
      heights[i] = noise * (LOWEST + STEP * (low + (mean - a) / (b - a)));
    } else heights[i] = noise * LOWEST;
  }
}

function clippedMean(u: number): number {
  return u * normalCdf(u) + Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
}

/** Abramowitz and Stegun 26.2.17, error below 1e-7. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
