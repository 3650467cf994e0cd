/** What the shares of the bases say in moments, each 0 for four equal bases and 1 for one base alone. */
export interface Moments {
  /** From the mean largest share. */
  readonly dominance: number;
  /** From the mean sum of squares: with random flanks the sum of squared clone shares (Simpson). */
  readonly second: number;
  /** From the mean sum of cubes: likewise the sum of cubed clone shares. */
  readonly third: number;
}

/** Moments of shares, four values to a position. */
export function momentsOf(shares: Float64Array): Moments {
  const n = shares.length / 4;
  let largest = 0;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < n; i++) {
    let top = 0;
    for (let b = 0; b < 4; b++) {
      const p = shares[4 * i + b] as number;
      if (p > top) top = p;
      squares += p * p;
      cubes += p * p * p;
    }
    largest += top;
  }
  const second = (squares / n - 1 / 4) / (3 / 4);
  return {
    dominance: (largest / n - 1 / 4) / (3 / 4),
    second,
    third: (cubes / n - 1 / 16 - (9 / 16) * second) / (3 / 8),
  };
}

/** Estimates of the largest clone's share from the moments of host and LTR of the same trace. */
export interface MomentEstimates {
  readonly dominance: number;
  readonly simpson: number;
  /** Third over second moment: tends to the largest share, for it weighs each share by its square. */
  readonly cubic: number;
  /** The smaller of dominance and cubic: the second, independent estimate. */
  readonly moments: number;
}

/** The LTR is in every template of the trace: what it falls short of 1 is the trace's fault, not the clones'. */
export function compareMoments(host: Moments, ltr: Moments): MomentEstimates {
  const second = host.second / ltr.second;
  const third = host.third / ltr.third;
  const dominance = clip(host.dominance / ltr.dominance);
  const cubic = second > 0 ? clip(third / second) : 0;
  return { dominance, simpson: clip(second), cubic, moments: Math.min(dominance, cubic) };
}

/** Shares without the given templates, each row again summing to 1. */
export function withoutTemplates(
  shares: Float64Array,
  templates: readonly { readonly share: number; readonly bases: Uint8Array }[],
): Float64Array {
  const rest = shares.slice();
  for (const { share, bases } of templates) {
    for (let i = 0; i < bases.length; i++) {
      const base = bases[i] as number;
      if (base < 4) rest[4 * i + base] = Math.max(0, (rest[4 * i + base] as number) - share);
    }
  }
  for (let i = 0; i < rest.length; i += 4) {
    let sum = 0;
    for (let b = 0; b < 4; b++) sum += rest[i + b] as number;
    for (let b = 0; b < 4; b++) rest[i + b] = sum > 0 ? (rest[i + b] as number) / sum : 0.25;
  }
  return rest;
}

/** Variance of the frequency of a base between stretches of a genome: some have 30 % of A, some 20 %. */
const COMPOSITION_VARIANCE = 0.05 ** 2;

/**
 * How often each base occurs among many templates, from the mean shares of a window. A single clone's window says
 * little about others: the more one clone leads, the closer to a quarter each.
 * @param squares sum of squared clone shares
 */
export function compositionOf(shares: Float64Array, squares: number): Float64Array {
  const positions = shares.length / 4;
  const chance = (Math.max(0.01, squares) * (3 / 16)) / positions;
  const weight = COMPOSITION_VARIANCE / (COMPOSITION_VARIANCE + chance);
  const mean = new Float64Array(4);
  for (let k = 0; k < shares.length; k++)
    mean[k & 3] = (mean[k & 3] as number) + (shares[k] as number) / positions;
  return mean.map((part) => 0.25 + weight * (part - 0.25));
}

export function clip(value: number): number {
  return Math.max(0, Math.min(1, value));
}
