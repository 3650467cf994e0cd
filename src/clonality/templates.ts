import type { Assay } from '../config/assay.ts';
import { codes } from './anchor.ts';

/** A known template that is present in a trace. */
export interface FoundTemplate {
  readonly name: string;
  /** Estimated share of all templates in the window, 0-1. */
  readonly share: number;
  /** Its bases at the positions of the window, codes 0-3; 255 beyond its end. */
  readonly bases: Uint8Array;
}

/**
 * Shares of the assay's known templates in a window, largest first; those under `gates.templateNamed` are left out.
 *
 * A template adds its share to one known base at every position. By chance a position has a quarter of the rest
 * there; a large clone raises that mean but never every position, hence the second condition on the lower part.
 * @param shares host shares, four to a position, `first` host bases after the junction
 */
export function findTemplates(shares: Float64Array, first: number, assay: Assay): FoundTemplate[] {
  const found: FoundTemplate[] = [];
  for (const { name, sequence } of assay.knownTemplates) {
    const bases = templateBases(sequence, first, shares.length / 4);
    const seen: number[] = [];
    for (let i = 0; i < bases.length; i++) {
      if (bases[i] !== 255) seen.push(shares[4 * i + (bases[i] as number)] as number);
    }
    if (seen.length < assay.window.fail) continue;
    const mean = seen.reduce((sum, p) => sum + p, 0) / seen.length;
    const share = (mean - 0.25) / 0.75;
    seen.sort((a, b) => a - b);
    const lower = seen[Math.floor(seen.length * 0.1)] as number;
    if (share >= assay.gates.templateNamed && lower >= 0.35 * share) found.push({ name, share, bases });
  }
  return found.sort((a, b) => b.share - a.share);
}

/** Shares without the found templates, each row again summing to 1. */
export function withoutTemplates(shares: Float64Array, templates: readonly FoundTemplate[]): Float64Array {
  const rest = shares.slice();
  for (const { share, bases } of templates) {
    for (let i = 0; i < bases.length; i++) {
      const base = bases[i] as number;
      if (base === 255) continue;
      rest[4 * i + base] = Math.max(0, (rest[4 * i + base] as number) - share);
    }
  }
  for (let i = 0; i < rest.length; i += 4) {
    let sum = 0;
    for (let b = 0; b < 4; b++) sum += rest[i + b] as number;
    for (let b = 0; b < 4; b++) rest[i + b] = sum > 0 ? (rest[i + b] as number) / sum : 0.25;
  }
  return rest;
}

function templateBases(sequence: string, first: number, length: number): Uint8Array {
  const bases = new Uint8Array(length).fill(255);
  bases.set(codes(sequence.slice(first, first + length)));
  return bases;
}
