import type { Assay } from '../config/assay.ts';
import { sharesOf } from './readout.ts';
import type { Heights } from './readout.ts';

/** Share from which a base leads its position. */
const LEADS = 0.5;
/** Pairs of positions needed to tell a stutter from chance. */
const LEAST_PAIRS = 20;

/**
 * Part of the leading clone that shows one base early in the host, as where the amplicon itself lost a base: the
 * LTR, which lies before the loss, knows nothing of it. Measured where two neighbouring positions are led by
 * different bases: how much of the next base there is here, over what there is of the bases that lead neither.
 * 0 where it is no more than the LTR shows, or so much that it is a clone of its own.
 * @param host heights with the response of the LTR undone
 */
export function hostStutter(host: Heights, { window, gates }: Assay): number {
  const shares = sharesOf(host);
  const last = Math.min(host.length / 4 - 1, window.start + window.bases);
  let early = 0;
  let leading = 0;
  let pairs = 0;
  for (let i = window.start; i < last; i++) {
    const here = leader(shares, i);
    const next = leader(shares, i + 1);
    if (here < 0 || next < 0 || here === next) continue;
    let others = 0;
    for (let b = 0; b < 4; b++) if (b !== here && b !== next) others += (host[4 * i + b] as number) / 2;
    early += (host[4 * i + next] as number) - others;
    leading += host[4 * (i + 1) + next] as number;
    pairs++;
  }
  if (pairs < LEAST_PAIRS) return 0;
  const part = early / leading;
  return part >= gates.stutterFrom && part <= gates.stutterTo ? part : 0;
}

function leader(shares: Float64Array, i: number): number {
  for (let b = 0; b < 4; b++) if ((shares[4 * i + b] as number) > LEADS) return b;
  return -1;
}

/** Heights with the early part put back where it belongs. Changes nothing where `part` is 0. */
export function undoStutter(host: Heights, part: number): Heights {
  if (part === 0) return host;
  const n = host.length / 4;
  const out = host.slice();
  for (let i = n - 2; i >= 0; i--) {
    for (let b = 0; b < 4; b++) {
      // What is early here belongs to the next position, which has been put right already.
      out[4 * i + b] = (host[4 * i + b] as number) - part * (out[4 * i + 4 + b] as number);
    }
  }
  return out.map((height) => height * (1 + part));
}
