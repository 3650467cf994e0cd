import type { Reason } from '../reason.ts';

export const CATEGORIES = [
  'carrier',
  'ham',
  'smoldering',
  'chronic',
  'acute',
  'lymphoma',
  'unknown',
] as const;
/** Diagnosis category of the patient. */
export type Category = (typeof CATEGORIES)[number];

/** Soluble IL-2 receptor as another laboratory reported it; the unit is kept as written. */
export interface Sil2r {
  readonly value: number;
  readonly unit: string;
  readonly method: string | null;
  /** Date of the result, YYYY-MM-DD. */
  readonly date: string | null;
}

export interface Patient {
  readonly id: string | null;
  /** Family and given name as written, separated by a space or by `^`. */
  readonly name: string | null;
  readonly nameKana: string | null;
  /** YYYY-MM-DD. */
  readonly birthDate: string | null;
  readonly sex: 'M' | 'F' | 'O' | 'U' | null;
}

/** What is known about a specimen from outside the trace. */
export interface Context {
  readonly accession: string;
  /** The LIS's order number (OBR-2). */
  readonly order: string | null;
  readonly patient: Patient | null;
  readonly category: Category;
  readonly sil2r: Sil2r | null;
  /** When the specimen was taken: YYYY-MM-DD or YYYY-MM-DDTHH:MM[:SS], laboratory time. */
  readonly collected: string | null;
  /** Where this came from, such as `worklist orders.csv line 3`. Never a patient's name. */
  readonly source: string;
  /** Who said what, and when; for what nobody said there is none. */
  readonly provenance?: Provenance;
  /** A value that is known and was not used; `sil2r` is null then. */
  readonly sil2rIgnored?: Sil2rIgnored;
  /** Codes of the category that no map knows, as they came. */
  readonly unknownCodes?: readonly string[];
  /** Why no result may be reported on this without a person: what the sources say does not fit together. */
  readonly doubts?: readonly Reason[];
}

export type ContextField = 'order' | 'patient' | 'category' | 'sil2r' | 'collected';

/** The source of each field. `source` is a name of `context.precedence`; `at` is when it was said, ISO UTC. */
export type Provenance = Readonly<
  Partial<Record<ContextField, { readonly source: string; readonly origin: string; readonly at: string }>>
>;

/**
 * too-old: further from the collection of the specimen than `context.sil2rMaxAgeDays`, before or after it.
 * undated: without a date, and known by the patient alone, so that it can be of any age.
 */
export type Sil2rIgnored =
  | {
      readonly why: 'too-old';
      readonly sil2r: Sil2r;
      /** Days between the value and the collection. */
      readonly days: number;
      readonly maxDays: number;
    }
  | { readonly why: 'undated'; readonly sil2r: Sil2r };
