import type { Assay } from '../config/assay.ts';
import { codes } from './anchor.ts';

/** A known template that may be in a trace. */
export interface Candidate {
  readonly name: string;
  /** First estimate of its share, 0-1. */
  readonly share: number;
  /** Its base at each position of the window, codes 0-3; 255 beyond its end. */
  readonly bases: Uint8Array;
  /** True for a run of one base. */
  readonly single: boolean;
}

/** Bases by which a template may begin early or late: ends are trimmed before they are joined. */
const SLACK = 3;
/** Standard errors by which a share must differ from none. */
const CLEAR_ERRORS = 2.5;
/** Part of the share from which on a template is named that makes it worth a closer look. */
const LEAST_PART = 0.8;
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
    const single = isRun(known);
    let share = LEAST_PART * (single ? assay.gates.templateRun : assay.gates.templateNamed);
    let shift = 0;
    let seen = false;
    for (let by = -SLACK; by <= SLACK; by++) {
      // Off its place a template has to be clearly larger than where it belongs.
      const here = meanShare(shares, positions, known, by, composition, assay) - 0.02 * Math.abs(by);
      if (here <= share) continue;
      seen = true;
      share = here;
      shift = by;
    }
    if (!seen) continue;
    const bases = new Uint8Array(positions.map((at) => known[at + shift] ?? 255));
    const { lowerTenth, error } = spreadOf(shares, bases);
    if (lowerTenth < LOWER_TENTH * share || share < CLEAR_ERRORS * error) continue;
    found.push({ name, share, bases, single });
  }
  return found.sort((a, b) => b.share - a.share).slice(0, 2);
}

function isRun(bases: Uint8Array): boolean {
  return bases.every((base) => base === bases[0]);
}

/** First estimate of a template's share: how much its bases exceed what the composition of the window explains. */
function meanShare(
  shares: Float64Array,
  positions: Int32Array,
  known: Uint8Array,
  shift: number,
  composition: readonly number[],
  assay: Assay,
): number {
  let sum = 0;
  let chance = 0;
  let n = 0;
  let kinds = 0;
  for (let i = 0; i < positions.length; i++) {
    const base = known[(positions[i] as number) + shift];
    if (base === undefined) continue;
    sum += shares[4 * i + base] as number;
    chance += composition[base] as number;
    kinds |= 1 << base;
    n++;
  }
  if (n < assay.window.fail) return 0;
  // A template of one base alone sets the composition itself; the host has as much of the complement.
  const single = [1, 2, 4, 8].indexOf(kinds);
  const expected = single >= 0 ? (composition[3 - single] as number) : chance / n;
  return (sum / n - expected) / (1 - expected);
}

/** Share of its base that a template has at nine of ten positions, and the standard error of its mean share. */
function spreadOf(shares: Float64Array, bases: Uint8Array): { lowerTenth: number; error: number } {
  const seen: number[] = [];
  bases.forEach((base, i) => {
    if (base < 4) seen.push(shares[4 * i + base] as number);
  });
  seen.sort((a, b) => a - b);
  const mean = seen.reduce((a, b) => a + b, 0) / seen.length;
  const variance = seen.reduce((a, b) => a + (b - mean) ** 2, 0) / seen.length;
  return {
    lowerTenth: seen[Math.floor(seen.length / 10)] ?? 0,
    error: Math.sqrt(variance / seen.length) / 0.75,
  };
}
