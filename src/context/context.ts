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
}
