import type { AbifTag, FindTag } from './abif.ts';
import type { Reading } from './signal.ts';
import { readIntegers } from './values.ts';

/** Base calls and where each of them peaks; equally long. */
export interface Calls {
  readonly calls: string;
  readonly peaks: Int32Array;
}

/** A capillary read has 1,500 at the most; to align a million of them to the LTR takes half a second. */
const MOST_CALLS = 20_000;

/**
 * The instrument's calls and peak positions: edition 2 (what the analyst sees) before edition 1 (what the base
 * caller wrote). A file with one half of edition 2 only: peaks may come from edition 1, calls may not, because a
 * caller that has written positions has written calls, and where these are gone the file has been mutilated.
 */
export function readCalls(find: FindTag, points: number): Reading<Calls> {
  const edited = find('PLOC', 2);
  const bases = find('PBAS', 2) ?? (edited === null ? find('PBAS', 1) : null);
  if (bases === null) {
    return edited === null
      ? { fault: 'there are no base calls (PBAS): switch automatic analysis on at the instrument' }
      : { fault: 'PBAS2 is missing though its positions (PLOC2) are there' };
  }
  const locations = edited ?? find('PLOC', 1);
  if (locations === null) return { fault: `${bases.label} has no positions (PLOC2, PLOC1)` };
  if (bases.value === null) return { fault: outside(bases) };
  if (locations.value === null) return { fault: outside(locations) };
  if (bases.value.length > MOST_CALLS) {
    return {
      fault: `${bases.label} has ${bases.value.length} calls, and no read is longer than ${MOST_CALLS}`,
    };
  }

  const written = Buffer.from(bases.value).toString('latin1');
  const calls = upperCased(written.slice(0, lengthWithoutNuls(bases.value)));
  const all = readIntegers(locations, locations.value);
  if (calls === '') return { fault: `${bases.label} is empty` };
  // NULs at the end of the calls may have positions of their own.
  if (all.length !== calls.length && all.length !== written.length) {
    const counts = `${bases.label} has ${calls.length} calls, ${locations.label} ${all.length}`;
    return { fault: `${counts} positions` };
  }
  const peaks = all.subarray(0, calls.length);
  const fault = firstFault(peaks, points);
  return fault === null ? { value: { calls, peaks } } : { fault: `${locations.label}${fault}` };
}

/** ASCII alone: to upper-case a byte of DF (`ß`) makes two letters of it, and one call more than positions. */
function upperCased(calls: string): string {
  return calls.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** By hand: a pattern would take quadratic time over NULs that do not reach the end. */
function lengthWithoutNuls(value: Uint8Array): number {
  let length = value.length;
  while (length > 0 && value[length - 1] === 0) length--;
  return length;
}

function outside(tag: AbifTag): string {
  return `${tag.label} lies outside the file: it claims ${tag.size} bytes`;
}

/** Positions may repeat (base callers do so, rarely) but not fall, and each lies within the channels. */
function firstFault(peaks: Int32Array, points: number): string | null {
  let before = 0;
  for (let i = 0; i < peaks.length; i++) {
    const peak = peaks[i] as number;
    if (peak < 0 || peak >= points) {
      return `[${i}] is ${peak}, outside the ${points} points of the channels`;
    }
    if (peak < before) return `[${i}] is ${peak}, after ${before}`;
    before = peak;
  }
  return null;
}
