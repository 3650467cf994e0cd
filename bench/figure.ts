/** One measured figure. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** On what it was measured. */
  readonly on: string;
  /** What it should be at least, or at most. */
  readonly wanted?: { readonly least: number } | { readonly most: number };
}

/** How a figure stands to what was wanted: 1 and more is good, whichever way it counts. */
export function ratioOf({ value, wanted }: Figure): number | null {
  if (wanted === undefined) return null;
  return 'least' in wanted ? value / wanted.least : wanted.most / value;
}
