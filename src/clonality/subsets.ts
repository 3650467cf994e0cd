// Sums over all ways to give clones their bases, by sets of clones (bit masks). The two lowest clones are done by
// hand, four sets at a time, which is clearly faster than set by set through a table; with fewer than two clones the
// sets that do not exist have density 0.

/** Sets done at a time: those of the two lowest clones. */
export const BLOCK = 4;

function blocksOf(clones: number): number {
  return clones > 2 ? 1 << (clones - 2) : 1;
}

/**
 * For every set of clones, the density of the set having its bases in either of two channels: a sum over its parts.
 * @param a where the sets' densities of the first channel begin in `density`
 * @param c where those of the second begin
 */
export function joinChannels(
  density: Float64Array,
  a: number,
  c: number,
  clones: number,
  out: Float64Array,
): void {
  const blocks = blocksOf(clones);
  for (let whole = 0; whole < blocks; whole++) {
    let o0 = 0;
    let o1 = 0;
    let o2 = 0;
    let o3 = 0;
    for (let part = whole; ; part = (part - 1) & whole) {
      const p = a + BLOCK * part;
      const r = c + BLOCK * (whole ^ part);
      const a0 = density[p] as number;
      const a1 = density[p + 1] as number;
      const a2 = density[p + 2] as number;
      const a3 = density[p + 3] as number;
      const c0 = density[r] as number;
      const c1 = density[r + 1] as number;
      const c2 = density[r + 2] as number;
      const c3 = density[r + 3] as number;
      o0 += a0 * c0;
      o1 += a0 * c1 + a1 * c0;
      o2 += a0 * c2 + a2 * c0;
      o3 += a0 * c3 + a1 * c2 + a2 * c1 + a3 * c0;
      if (part === 0) break;
    }
    out[BLOCK * whole] = o0;
    out[BLOCK * whole + 1] = o1;
    out[BLOCK * whole + 2] = o2;
    out[BLOCK * whole + 3] = o3;
  }
}

/**
 * For every set of clones, its weight in channel `a`: the part of the whole sum in which it has its base there.
 * @param c where the densities of the channel begin that was joined with it
 * @param beside for every set in the two channels, the density of all other clones in the other two
 */
export function weighChannel(
  density: Float64Array,
  a: number,
  c: number,
  clones: number,
  beside: Float64Array,
  weight: Float64Array,
): void {
  const blocks = blocksOf(clones);
  for (let part = 0; part < blocks; part++) {
    const free = (blocks - 1) ^ part;
    let t0 = 0;
    let t1 = 0;
    let t2 = 0;
    let t3 = 0;
    for (let remainder = free; ; remainder = (remainder - 1) & free) {
      const r = c + BLOCK * remainder;
      const w = BLOCK * (part | remainder);
      const c0 = density[r] as number;
      const c1 = density[r + 1] as number;
      const c2 = density[r + 2] as number;
      const c3 = density[r + 3] as number;
      const g1 = beside[w + 1] as number;
      const g2 = beside[w + 2] as number;
      const g3 = beside[w + 3] as number;
      t0 += (beside[w] as number) * c0 + g1 * c1 + g2 * c2 + g3 * c3;
      t1 += g1 * c0 + g3 * c2;
      t2 += g2 * c0 + g3 * c1;
      t3 += g3 * c0;
      if (remainder === 0) break;
    }
    const p = a + BLOCK * part;
    weight[p] = t0 * (density[p] as number);
    weight[p + 1] = t1 * (density[p + 1] as number);
    weight[p + 2] = t2 * (density[p + 2] as number);
    weight[p + 3] = t3 * (density[p + 3] as number);
  }
}
