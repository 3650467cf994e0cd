/** Standard normal quantile of 0.95: a 90 % interval reaches this many standard errors to both sides. */
const Z90 = 1.645;

/**
 * 90 % interval of an estimate by leaving out one block of positions after the other (block jackknife).
 * @param estimate value computed from four shares a position
 * @param shares all of them
 * @param block positions left out together, for neighbouring positions err together
 * @param widen factor by which the standard error is known to be too small
 */
export function jackknifeInterval(
  estimate: (shares: Float64Array) => number,
  shares: Float64Array,
  block: number,
  widen: number,
): [number, number] {
  const whole = estimate(shares);
  const blocks = Math.floor(shares.length / 4 / block);
  let sum = 0;
  for (let k = 0; k < blocks; k++) {
    const rest = new Float64Array(shares.length - 4 * block);
    rest.set(shares.subarray(0, 4 * block * k));
    rest.set(shares.subarray(4 * block * (k + 1)), 4 * block * k);
    sum += (estimate(rest) - whole) ** 2;
  }
  const error = Math.sqrt(((blocks - 1) / blocks) * sum);
  const reach = Math.max(0.01, Z90 * widen * error);
  return [Math.max(0, whole - reach), Math.min(1, whole + reach)];
}
