import type { Assay } from '../config/assay.ts';
import type { Reason } from '../reason.ts';
import type { Trace } from '../trace/trace.ts';
import { findAnchor } from './anchor.ts';
import { layGrid, nearest } from './grid.ts';
import type { Grid } from './grid.ts';
import { jackknifeInterval } from './interval.ts';
import { compareMoments, momentsOf } from './moments.ts';
import { judge } from './quality.ts';
import type { Figures } from './quality.ts';
import { readHeights, sharesOf, total } from './readout.ts';
import type { ClonalityScore, Evidence, Quality } from './score.ts';
import { findTemplates, withoutTemplates } from './templates.ts';
import { chooseWindow } from './window.ts';

/** Scores one trace. Pure and total; the stations in order are those of docs/method.md. */
export function scoreTrace(trace: Trace, assay: Assay): { score: ClonalityScore; evidence: Evidence | null } {
  const anchor = findAnchor(trace, assay);
  const anchorScore = anchor?.score ?? null;
  if (anchor === null || anchor.score < assay.gates.anchorScore) {
    const detail =
      anchor === null
        ? `the trace has ${String(trace.peaks.length)} bases, fewer than the ${String(assay.search.bases)} of the LTR searched for`
        : `LTR alignment score ${anchor.score.toFixed(2)}, at least ${assay.gates.anchorScore.toFixed(2)} needed`;
    return refuse([{ code: 'ANCHOR_NOT_FOUND', detail }], assay, { anchorScore });
  }
  const longest = assay.window.start + assay.window.bases;
  const grid = layGrid(trace.channels, anchor, assay, longest);
  if (grid === null) {
    const detail = 'the peaks of the LTR do not lie on a grid';
    return refuse([{ code: 'NOISY_ANCHOR', detail }], assay, { anchorScore });
  }

  const heights = readHeights(trace.channels, grid.points, assay.grid.readHalfWidth * grid.spacing);
  const reference = referenceOf(heights, grid.ltr, anchor.bases, assay);
  const hostEnd = Math.min(grid.points.length, grid.junction + longest);
  const window = chooseWindow(heights, grid.junction, hostEnd, reference.height, assay);
  const hostShares = sharesOf(heights, grid.junction + window.start, grid.junction + window.end);

  const templates = findTemplates(hostShares, window.start, assay);
  const clean = withoutTemplates(hostShares, templates);
  const ltr = momentsOf(reference.shares);
  const estimate = (shares: Float64Array): number => {
    const e = compareMoments(momentsOf(shares), ltr);
    return Math.min(e.dominance, e.cubic);
  };

  const half = 4 * Math.floor(clean.length / 8);
  const figures: Figures = {
    anchorScore: anchor.score,
    anchorShare: reference.share,
    anchorBases: reference.shares.length / 4,
    hostBases: clean.length / 4,
    hostToAnchor: window.height / reference.height,
    halves: half > 0 ? Math.abs(estimate(clean.subarray(0, half)) - estimate(clean.subarray(half))) : 0,
    disagreement: 0,
    rawMaximum: trace.rawMaximum,
    signalToNoise: trace.signalToNoise,
    templates,
  };
  const verdict = judge(figures, assay);
  const quality: Quality = {
    anchorScore: figures.anchorScore,
    anchorShare: figures.anchorShare,
    hostBases: figures.hostBases,
    hostToAnchor: figures.hostToAnchor,
    anchorBases: figures.anchorBases,
    halves: figures.halves,
    templateShare: templates[0]?.share ?? 0,
  };
  const at = grid.junction;
  const junction = {
    base: countedBase(grid, trace),
    point: Math.round(grid.points[at] as number),
  };
  const evidence: Evidence = {
    anchorPoints: Array.from(grid.ltr, (index) => grid.points[index] as number),
    anchorBases: Array.from(anchor.bases, (base) => assay.anchor[base]).join(''),
    hostPoints: Array.from(grid.points.subarray(at, hostEnd)),
    window: [window.start, window.end],
    shares: rows(sharesOf(heights, at, hostEnd)),
  };
  if (verdict.status === 'fail') {
    const failed = refuse(verdict.reasons, assay, quality);
    return { score: { ...failed.score, junction }, evidence };
  }
  const value = estimate(clean);
  const others = compareMoments(momentsOf(clean), ltr);
  return {
    score: {
      status: verdict.status,
      cvRaw: value,
      cvInterval: jackknifeInterval(estimate, clean, 4, 1.6),
      reasons: verdict.reasons,
      estimator: assay.estimator.id,
      junction,
      quality,
      alternatives: { dominance: others.dominance, simpson: others.simpson, cubic: others.cubic },
    },
    evidence,
  };
}

/** The matched LTR positions of the trace: what one template alone looks like in it. */
function referenceOf(
  heights: Float64Array,
  ltr: Int32Array,
  bases: Int32Array,
  assay: Assay,
): { shares: Float64Array; share: number; height: number } {
  const shares: number[] = [];
  const sums: number[] = [];
  let expectedSum = 0;
  for (let k = 0; k < ltr.length; k++) {
    const i = ltr[k] as number;
    const sum = total(heights, i);
    const expected = 'ACGT'.indexOf(assay.anchor[bases[k] as number] as string);
    const part = sum > 0 ? (heights[4 * i + expected] as number) / sum : 0;
    if (part < assay.search.mismatch) continue;
    expectedSum += part;
    sums.push(sum);
    for (let b = 0; b < 4; b++) shares.push((heights[4 * i + b] as number) / sum);
  }
  const n = sums.length;
  return {
    shares: Float64Array.from(shares),
    share: n > 0 ? expectedSum / n : 0,
    height: n > 0 ? sums.reduce((a, b) => a + b, 0) / n : 0,
  };
}

function refuse(
  reasons: readonly Reason[],
  assay: Assay,
  known: Partial<Quality>,
): { score: ClonalityScore; evidence: null } {
  const quality: Quality = {
    anchorScore: null,
    anchorShare: null,
    hostBases: null,
    hostToAnchor: null,
    ...known,
  };
  return {
    score: {
      status: 'fail',
      cvRaw: null,
      cvInterval: null,
      reasons,
      estimator: assay.estimator.id,
      junction: null,
      quality,
      alternatives: {},
    },
    evidence: null,
  };
}

/**
 * Index that the junction would have among the base calls: grid steps since the first call. The count does not use
 * the calls in between, of which superposed or noisy signal makes too many or too few.
 */
function countedBase(grid: Grid, trace: Trace): number {
  const first = trace.peaks[0] ?? 0;
  // A first call less than one base into the trace may itself be one too many; base 0 is at the start then.
  const origin = first < 0.95 * grid.spacing ? 0 : first;
  const begin = grid.points[0] as number;
  if (origin < begin) return grid.junction + Math.round((begin - origin) / grid.spacing);
  return grid.junction - nearest(grid.points, origin);
}

function rows(shares: Float64Array): [number, number, number, number][] {
  const out: [number, number, number, number][] = [];
  for (let i = 0; i < shares.length; i += 4) {
    out.push([
      shares[i] as number,
      shares[i + 1] as number,
      shares[i + 2] as number,
      shares[i + 3] as number,
    ]);
  }
  return out;
}
