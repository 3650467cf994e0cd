/** Patterns of the config, each with the named group `accession`. */
export interface AccessionPatterns {
  readonly fromSample: RegExp;
  readonly fromFile: RegExp;
}

/** To which specimen a trace belongs, by its own names. */
export type Match =
  | { readonly kind: 'found'; readonly accession: string }
  /** The two names hold different accessions: which is right is for a person to say. */
  | { readonly kind: 'mismatch'; readonly sample: string; readonly file: string }
  | { readonly kind: 'none' };

/** Compiles what the config's schema has already proved to be patterns. */
export function accessionPatterns(config: {
  readonly fromSample: string;
  readonly fromFile: string;
}): AccessionPatterns {
  return { fromSample: new RegExp(config.fromSample, 'u'), fromFile: new RegExp(config.fromFile, 'u') };
}

/**
 * Finds the accession in the sample name and the file name of a trace. Where both hold one they have to agree;
 * where one holds none the other counts.
 */
export function matchAccession(
  names: { readonly sample: string | null; readonly file: string },
  patterns: AccessionPatterns,
): Match {
  const sample = names.sample === null ? null : accessionIn(names.sample, patterns.fromSample);
  const file = accessionIn(names.file, patterns.fromFile);
  if (sample !== null && file !== null && sample !== file) return { kind: 'mismatch', sample, file };
  const accession = sample ?? file;
  return accession === null ? { kind: 'none' } : { kind: 'found', accession };
}

function accessionIn(name: string, pattern: RegExp): string | null {
  const accession = pattern.exec(plainAccession(name))?.groups?.['accession']?.trim();
  // U+FFFD stands for bytes that could not be read: part of the accession is unknown.
  return accession === undefined || accession === '' || accession.includes('\uFFFD') ? null : accession;
}

/** What a Japanese keyboard or a word processor writes for the hyphen of ASCII. */
const HYPHENS = /[\u2010-\u2015\u2212\u30FC\uFE58\uFE63]/gu;

/**
 * An accession as all sides write it: outer spaces removed, full-width letters and digits made half-width
 * (Unicode NFKC), every kind of hyphen made `-`. Upper and lower case stay different. Without this a pattern would
 * stop at the odd character, and the rest of the accession would be cut off.
 */
export function plainAccession(text: string): string {
  return text.normalize('NFKC').replaceAll(HYPHENS, '-').trim();
}
