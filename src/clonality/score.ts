import type { Reason } from '../reason.ts';

/** pass: may be reported; review: a person looks first; fail: the trace has no value. */
export type Status = 'pass' | 'review' | 'fail';

/** Figures by which a trace was judged; null where they could not be measured. */
export interface Quality {
  /** Mean log-likelihood ratio a base of the best alignment of the LTR's end to the signal. */
  readonly anchorScore: number | null;
  /** Mean share of the expected base over the matched LTR positions, 0-1. */
  readonly anchorShare: number | null;
  /** Host bases inside the window. */
  readonly hostBases: number | null;
  /** Host signal height over LTR signal height. */
  readonly hostToAnchor: number | null;
  /** Further figures of the estimator, named in docs/method.md. */
  readonly [figure: string]: number | null;
}

/** What the signal alone says about clonality: no cut-off, no patient, no clock. */
export interface ClonalityScore {
  readonly status: Status;
  /** Estimated share of the largest clone, 0-1, not rounded; null when and only when status is fail. */
  readonly cvRaw: number | null;
  /** 90 % interval of cvRaw; null when and only when status is fail. */
  readonly cvInterval: readonly [number, number] | null;
  readonly reasons: readonly Reason[];
  /** Name and version of the estimator, such as `name/1`. */
  readonly estimator: string;
  /** First host base: index into the reading grid counted as base calls are (0-based), and its scan point. */
  readonly junction: { readonly base: number; readonly point: number } | null;
  readonly quality: Quality;
  /** Other estimates for comparison, by name: `dominance`, `simpson`, … Not reported. */
  readonly alternatives: Readonly<Record<string, number>>;
}

/** What the picture shows of how a value came about. */
export interface Evidence {
  /** Scan points of the matched LTR bases, 5' to 3'. */
  readonly anchorPoints: readonly number[];
  /** The LTR bases as the assay expects them at `anchorPoints`. */
  readonly anchorBases: string;
  /** Scan points of the host positions, from the junction on. */
  readonly hostPoints: readonly number[];
  /** Indices into `hostPoints` of the window used, start inclusive, end exclusive. */
  readonly window: readonly [number, number];
  /** Shares of A, C, G, T at each host position, each row sums to 1. */
  readonly shares: readonly (readonly [number, number, number, number])[];
}
