import type { Context } from './context.ts';

/** What is said of a specimen where no source of orders is configured: its accession, and nothing else. */
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
