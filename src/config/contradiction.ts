/** Keys that cannot both mean what they say, or a value that only another library can judge. */
export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly remedy: string;
}
