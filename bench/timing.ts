/** Runs `work` over and over for about `seconds`, after one round to warm up; returns the best rounds a second. */
export function roundsPerSecond(work: () => void, seconds = 3): number {
  work();
  let best = 0;
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    const began = performance.now();
    work();
    best = Math.max(best, 1000 / (performance.now() - began));
  }
  return best;
}
