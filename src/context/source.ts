import type { Context } from './context.ts';

/** What is said of a specimen of which nothing else is known, as where no source of orders is configured. */
export function accessionOnly(accession: string): Context {
  return {
    accession,
    order: null,
    patient: null,
    category: 'unknown',
    sil2r: null,
    collected: null,
    source: 'accession only',
  };
}
