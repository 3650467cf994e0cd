/** One of something for each base or dye, in A, C, G, T order. */
export type Four<T> = readonly [T, T, T, T];

export function mapFour<T, U>(four: Four<T>, change: (one: T, base: number) => U): Four<U> {
  const [a, c, g, t] = four;
  return [change(a, 0), change(c, 1), change(g, 2), change(t, 3)];
}
