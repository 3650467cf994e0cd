/** Seconds since a time of performance.now(). */
export function seconds(began: number): number {
  return (performance.now() - began) / 1000;
}

/** How long some work took, in seconds. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return seconds(began);
}
