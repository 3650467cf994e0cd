import type { Assay } from '../config/assay.ts';
import { codes } from './anchor.ts';

/** A known template that may be in a trace. */
export interface Candidate {
  readonly name: string;
  /** First estimate of its share, 0-1. */
  readonly share: number;
  /** Its base at each position of the window, codes 0-3; 255 beyond its end. */
  readonly bases: Uint8Array;
}

/** Bases by which a template may begin early or late: ends are trimmed before they are joined. */
const SLACK = 3;
/** Least part of its share that a template must show at nine of ten positions. */
const LOWER_TENTH = 0.35;

/**
 * Known templates of the assay that the shares do not rule out, at most two, largest first.
 *
 * A template adds its share to one known base at every position; the rest has that base by chance. A large clone
 * raises the mean of those positions too, but never every one of them.
 * @param shares host shares, four to a position
 * @param positions index of each from the junction
 */
export function findCandidates(shares: Float64Array, positions: Int32Array, assay: Assay): Candidate[] {
  const composition = [0, 0, 0, 0];
  for (let i = 0; i < shares.length; i++) {
    composition[i & 3] = (composition[i & 3] as number) + (4 * (shares[i] as number)) / shares.length;
  }
  const found: Candidate[] = [];
  for (const { name, sequence } of assay.knownTemplates) {
    const known = codes(sequence);
    let best: Candidate | null = null;
    for (let shift = -SLACK; shift <= SLACK; shift++) {
      const bases = Uint8Array.from(positions, (at) => known[at + shift] ?? 255);
      const share = shareOf(shares, bases, composition, assay);
      // Off its place a template has to be clearly larger than where it belongs.
      if (share !== null && share > (best?.share ?? 0) + 0.02 * Math.abs(shift))
        best = { name, share, bases };
    }
    if (best !== null && best.share >= assay.gates.templateNamed / 2) found.push(best);
  }
  return found.sort((a, b) => b.share - a.share).slice(0, 2);
}

/** First estimate of a template's share; null where its positions rule it out. */
function shareOf(
  shares: Float64Array,
  bases: Uint8Array,
  composition: readonly number[],
  assay: Assay,
): number | null {
  const seen: number[] = [];
  let chance = 0;
  let kinds = 0;
  for (let i = 0; i < bases.length; i++) {
    const base = bases[i] as number;
    if (base > 3) continue;
    seen.push(shares[4 * i + base] as number);
    kinds |= 1 << base;
    chance += composition[base] as number;
  }
  if (seen.length < assay.window.fail) return null;
  chance /= seen.length;
  // A template of one base alone sets the composition itself; the host has as much of the complement.
  const single = [1, 2, 4, 8].indexOf(kinds);
  if (single >= 0) chance = composition[3 - single] as number;
  const mean = seen.reduce((sum, p) => sum + p, 0) / seen.length;
  const share = (mean - chance) / (1 - chance);
  seen.sort((a, b) => a - b);
  const lower = seen[Math.floor(seen.length / 10)] as number;
  return lower >= LOWER_TENTH * share ? share : null;
}
