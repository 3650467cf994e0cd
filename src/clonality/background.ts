import { sharesOf } from './readout.ts';
import type { Heights } from './readout.ts';

/** Share from which a base leaves the channels of other bases empty enough to look at. */
const LEADS = 0.7;
/** Empty channels needed to say what lies in them. */
const LEAST_EMPTY = 60;
/**
 * Level of what lies between the peaks as much as under them, in channels that no leading base touches: noise of the
 * read, where small clones have peaks and valleys. Null where too few positions are led by one base.
 * @param heights at the positions
 * @param valleys half-way between each position and the next
 * @param valley what small peaks leave half-way between them, over their height
 */
export function backgroundOf(heights: Heights, valleys: Heights, valley: number): number | null {
  const shares = sharesOf(heights);
  const n = heights.length / 4;
  const leaders = new Int8Array(n).map((_, i) => leader(shares, i));
  let centres = 0;
  let betweens = 0;
  let empty = 0;
  for (let i = 1; i + 2 < n; i++) {
    // Bits of the bases that lead here, before, or in the two positions after; a sign bit where none does.
    const near =
      (leaders[i - 1] as number) |
      (leaders[i] as number) |
      (leaders[i + 1] as number) |
      (leaders[i + 2] as number);
    if (near < 0) continue;
    for (let b = 0; b < 4; b++) {
      if ((near & (1 << b)) !== 0) continue;
      centres += ((heights[4 * i + b] as number) + (heights[4 * i + 4 + b] as number)) / 2;
      betweens += valleys[4 * i + b] as number;
      empty++;
    }
  }
  if (empty < LEAST_EMPTY) return null;
  return Math.max(0, (betweens - valley * centres) / empty / (1 - valley));
}

/** Bit of the base that leads a position, -1 where none does. */
function leader(shares: Float64Array, i: number): number {
  for (let b = 0; b < 4; b++) if ((shares[4 * i + b] as number) > LEADS) return 1 << b;
  return -1;
}
