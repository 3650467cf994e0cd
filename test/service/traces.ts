import { readFileSync } from 'node:fs';
import { openAbif } from '../../src/trace/abif.ts';

/** A file of samples/, by its accession. */
export function sample(name: string): Uint8Array {
  return readFileSync(new URL(`../../samples/${name}`, import.meta.url));
}

export const R4 = 'S25-000123_C01.ab1';
export const POLYCLONAL = 'S25-000122_B01.ab1';
export const NO_SIL2R = 'S25-000128_H01.ab1';
export const FAILED = 'S25-000129_A02.ab1';
export const CONTROL = 'POS-TLOM1_E02.ab1';

/** The same injection as a re-analysis writes it: raw data and names stay, the processed signal does not. */
export function reanalysed(bytes: Uint8Array): Uint8Array {
  return withByteFlipped(bytes, 'DATA', 9);
}

/** Another injection of the same specimen: other raw data under the same names. */
export function injectedAgain(bytes: Uint8Array): Uint8Array {
  return withByteFlipped(bytes, 'DATA', 1);
}

function withByteFlipped(bytes: Uint8Array, name: string, number: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  const opened = openAbif(copy);
  const value = opened.ok ? opened.find(name, number)?.value : null;
  if (value == null) throw new Error(`the file has no ${name}${number}`);
  // The low byte of one sample, far from the junction.
  const last = value.length - 1;
  value[last] = (value[last] ?? 0) ^ 1;
  return copy;
}
