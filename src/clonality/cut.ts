/** What cutting a noisy signal off at zero does to it. */
export interface Cut {
  /** By how much its mean is lifted. */
  readonly lift: number;
  /** Variance in excess of that of an empty channel. */
  readonly variance: number;
  /** How much of a change of the true mean the cut signal's mean follows, 0-1. */
  readonly follow: number;
}

/** Mean and variance of max(0, standard normal): what an empty channel shows of noise of SD 1. */
export const EMPTY_MEAN = 1 / Math.sqrt(2 * Math.PI);
const EMPTY_VARIANCE = 0.5 - EMPTY_MEAN ** 2;

/**
 * Instruments write as 0 what noise takes below zero. That lifts the mean of an empty channel by 0.4 SD of the noise
 * and that of a well filled one not at all.
 * @param mean true height
 * @param sd SD of the noise
 */
export function cutAtZero(mean: number, sd: number): Cut {
  if (sd <= 0 || mean > 3 * sd) return { lift: 0, variance: (1 - EMPTY_VARIANCE) * sd * sd, follow: 1 };
  const u = mean / sd;
  const above = normalCdf(u);
  const bell = Math.exp(-0.5 * u * u) * EMPTY_MEAN;
  const first = u * above + bell;
  const variance = (u * u + 1) * above + u * bell - first * first;
  return {
    lift: sd * (first - u),
    variance: Math.max(0, variance - EMPTY_VARIANCE) * sd * sd,
    follow: above,
  };
}

/** Abramowitz and Stegun 26.2.17, error below 1e-7. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    Math.exp((-x * x) / 2) *
    EMPTY_MEAN *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
