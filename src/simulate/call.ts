import { BASES } from '../trace/trace.ts';
import type { Channels } from '../trace/trace.ts';

/** Calls, peak positions and qualities, equally long. */
export interface Called {
  readonly calls: string;
  readonly peaks: Int32Array;
  /** Phred-like, 1-60. */
  readonly qualities: Uint8Array;
}

/** How far from where it expects a base the caller looks for its peak, in bases. */
const SEARCH = 0.42;
/** Part of the distance to the peak found by which the next expectation moves. */
const FOLLOW = 0.3;
/** Least share of the tallest colour that is called; below, it is N. */
const CLEAR = 0.3;

/**
 * Calls bases the way simple callers do: from peak to peak at the expected distance, each time the tallest
 * maximum near by. Over superposed sequence its positions wander and its calls mean little, as with real ones.
 */
export function callBases(channels: Channels, first: number, spacing: number, bases: number): Called {
  const points = channels[0].length;
  const reach = Math.floor(SEARCH * spacing);
  const peaks: number[] = [];
  const qualities: number[] = [];
  let calls = '';
  let expected = first;
  while (calls.length < bases && Math.round(expected) < points) {
    const from = Math.max((peaks.at(-1) ?? -1) + 1, Math.round(expected) - reach);
    const to = Math.min(points - 1, Math.round(expected) + reach);
    if (from > to) break;
    const { base, point } = tallest(channels, from, to, Math.round(expected));
    const share = shareAt(channels, base, point);
    calls += share >= CLEAR ? (BASES[base] ?? 'N') : 'N';
    peaks.push(point);
    qualities.push(Math.max(1, Math.min(60, Math.round(70 * share - 10))));
    expected += FOLLOW * (point - expected) + spacing;
  }
  return { calls, peaks: Int32Array.from(peaks), qualities: Uint8Array.from(qualities) };
}

/** The tallest local maximum of any colour; without one the expected point in its tallest colour. */
function tallest(
  channels: Channels,
  from: number,
  to: number,
  expected: number,
): { base: number; point: number } {
  let best = { base: 0, point: Math.max(from, Math.min(to, expected)), height: 0 };
  let foundMaximum = false;
  for (const [base, signal] of channels.entries()) {
    for (let t = from; t <= to; t++) {
      const height = signal[t] ?? 0;
      if (height <= best.height || height < (signal[t - 1] ?? 0) || height <= (signal[t + 1] ?? 0)) continue;
      best = { base, point: t, height };
      foundMaximum = true;
    }
  }
  if (foundMaximum) return best;
  for (const [base, signal] of channels.entries()) {
    const height = signal[best.point] ?? 0;
    if (height > best.height) best = { base, point: best.point, height };
  }
  return best;
}

function shareAt(channels: Channels, base: number, point: number): number {
  let sum = 0;
  for (const signal of channels) sum += signal[point] ?? 0;
  return sum > 0 ? (channels[base]?.[point] ?? 0) / sum : 0;
}
