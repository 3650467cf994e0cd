import type { Assay } from '../config/assay.ts';
import type { Reason } from '../reason.ts';
import type { Trace } from '../trace/trace.ts';
import { EMPTY_MEAN } from './cut.ts';
import { codes, findAnchor } from './anchor.ts';
import type { Anchor } from './anchor.ts';
import { estimateLargest } from './estimate.ts';
import type { Estimate } from './estimate.ts';
import { basesBefore, layGrid } from './grid.ts';
import type { NoiseModel } from './position.ts';
import { compareMoments, compositionOf, momentsOf, withoutTemplates } from './moments.ts';
import type { Moments } from './moments.ts';
import { readTraceHeights } from './pedestal.ts';
import { judge } from './quality.ts';
import type { Figures } from './quality.ts';
import { sharesOf } from './readout.ts';
import type { Heights } from './readout.ts';
import { measureResponse, undoResponse } from './response.ts';
import type { Response } from './response.ts';
import type { ClonalityScore, Evidence, Quality } from './score.ts';
import { hostStutter, undoStutter } from './stutter.ts';
import { findCandidates } from './templates.ts';
import { chooseWindow, levelled } from './window.ts';

interface Scored {
  readonly score: ClonalityScore;
  /** Null where no LTR was found: there is nothing to mark in a picture. */
  readonly evidence: (() => Evidence) | null;
}

/** Scores one trace. Pure and total; the stations, in this order, are those of docs/method.md. */
export function scoreTrace(trace: Trace, assay: Assay): Scored {
  const anchor = findAnchor(trace, assay);
  const anchorScore = anchor?.score ?? null;
  if (anchor === null || anchor.score < assay.gates.anchorScore) {
    return refused(
      { code: 'ANCHOR_NOT_FOUND', detail: missing(trace, anchor, assay) },
      { anchorScore },
      assay,
    );
  }
  const bases = codes(assay.anchor);
  const ltrBases = new Uint8Array(anchor.bases.map((base) => bases[base] as number));
  const grid = layGrid(trace.channels, anchor, assay, assay.window.start + assay.window.bases);
  if (grid === null) {
    const detail = 'the peaks of the LTR do not lie on a line';
    return refused({ code: 'NOISY_ANCHOR', detail }, { anchorScore }, assay);
  }

  const reading = readTraceHeights(trace.channels, grid, ltrBases, assay);
  const anchorShare = expectedShare(reading.ltr, ltrBases, assay.search.mismatch);
  const response = measureResponse(
    reading.ltr,
    ltrBases,
    followers(anchor),
    assay.search.mismatch,
    assay.estimator.background,
  );
  const ltr = undoResponse(reading.ltr, response);
  const read = undoResponse(reading.host, response);
  const early = hostStutter(read, assay);
  const host = undoStutter(read, early);
  const window = chooseWindow(host, reading.covered, assay);

  const shares = sharesOf(window.heights);
  const reference = momentsOf(agreeing(ltr, response));
  const enough = window.positions.length >= assay.window.fail && response.positions > 0;
  const candidates = enough ? findCandidates(shares, window.positions, assay) : [];
  const hosts = withoutTemplates(shares, candidates);
  const second = compareMoments(momentsOf(hosts), reference);
  const estimate = enough
    ? estimateLargest(
        levelled(window),
        compositionOf(hosts, second.simpson),
        noiseOf(ltr, ltrBases, response, assay),
        { largest: second.moments, squares: second.simpson },
        candidates,
        window.fades,
        assay,
      )
    : null;

  const figures: Figures = {
    anchorScore: anchor.score,
    anchorShare,
    anchorBases: response.positions,
    noise: noiseUnder(ltr, ltrBases, response),
    hostBases: window.positions.length,
    hostToAnchor: window.height,
    halves: halvesDiffer(shares, reference),
    disagreement: estimate === null ? 0 : Math.abs(estimate.value - second.moments),
    rawMaximum: trace.rawMaximum,
    signalToNoise: trace.signalToNoise,
    templates: estimate?.templates ?? [],
    clones: estimate?.clones ?? [],
  };
  const verdict = judge(figures, assay);
  const passed = estimate !== null && verdict.status !== 'fail';
  return {
    score: {
      status: verdict.status,
      cvRaw: passed ? estimate.value : null,
      cvInterval: passed ? estimate.interval : null,
      reasons: verdict.reasons,
      estimator: assay.estimator.id,
      junction: {
        base: basesBefore(grid, trace.peaks[0] ?? 0),
        point: Math.round(grid.junction),
      },
      quality: qualityOf(figures, response.fromAfter + early, estimate),
      alternatives: passed ? { ...second } : {},
    },
    evidence: () => ({
      anchorPoints: Array.from(grid.ltr),
      anchorBases: Array.from(anchor.bases, (base) => assay.anchor.charAt(base)).join(''),
      hostPoints: Array.from(grid.host),
      window: [window.start, window.end],
      shares: rows(sharesOf(host)),
    }),
  };
}

function missing(trace: Trace, anchor: Anchor | null, { search, gates }: Assay): string {
  return anchor === null
    ? `the trace has ${String(trace.peaks.length)} bases, the search needs ${String(search.bases)}`
    : `LTR alignment score ${anchor.score.toFixed(2)}, at least ${gates.anchorScore.toFixed(2)} needed`;
}

/** Mean share of the expected base over the LTR positions that agree with the anchor, as read. */
function expectedShare(heights: Heights, bases: Uint8Array, mismatch: number): number {
  const shares = sharesOf(heights);
  let sum = 0;
  let n = 0;
  bases.forEach((base, i) => {
    const share = shares[4 * i + base] as number;
    if (share < mismatch) return;
    sum += share;
    n++;
  });
  return n > 0 ? sum / n : 0;
}

/** 1 for LTR positions that directly follow the one before, 0 after a gap in the alignment. */
function followers({ bases }: Anchor): Uint8Array {
  return new Uint8Array(bases.map((base, i) => (i > 0 && base === (bases[i - 1] as number) + 1 ? 1 : 0)));
}

/** Shares of the LTR positions that agree with the anchor. */
function agreeing(ltr: Heights, { agrees }: Response): Float64Array {
  return sharesOf(ltr.filter((_, k) => agrees[k >> 2] === 1));
}

/** How heights scatter in this trace: on its own LTR, drawn towards what real traces show on the whole. */
function noiseOf(ltr: Heights, bases: Uint8Array, response: Response, assay: Assay): NoiseModel {
  const { heightSd, heightInertia, heightSkew, floorSd, floorFactor, outlierDensity } = assay.estimator;
  const { agrees, positions, clippedLevel } = response;
  let sum = 0;
  let squares = 0;
  let floor = 0;
  for (let i = 0; i < bases.length; i++) {
    if (agrees[i] !== 1) continue;
    for (let b = 0; b < 4; b++) {
      const height = ltr[4 * i + b] as number;
      if (b === bases[i]) {
        sum += height;
        squares += height * height;
      } else {
        floor += (height - clippedLevel) ** 2;
      }
    }
  }
  const own = (squares * positions) / (sum * sum) - 1;
  return {
    heightVariance: (own * positions + heightSd ** 2 * heightInertia) / (positions + heightInertia),
    heightSkew,
    floorVariance: floorFactor * Math.max(floorSd ** 2, floor / (3 * positions)),
    clippedSd: clippedLevel / EMPTY_MEAN,
    outlierDensity,
  };
}

/** Part of a normal distribution below its mean plus 0.84 SD. */
const EIGHTY_PERCENT = 0.8416;

/**
 * SD of noise that, cut off at zero, would leave what the empty channels of the LTR show; from their 80 % point, for
 * a few peaks of an artefact are no noise.
 */
function noiseUnder(ltr: Heights, bases: Uint8Array, { agrees }: Response): number {
  const empty = new Float64Array(3 * bases.length);
  let n = 0;
  for (let i = 0; i < bases.length; i++) {
    if (agrees[i] !== 1) continue;
    for (let b = 0; b < 4; b++) if (b !== bases[i]) empty[n++] = ltr[4 * i + b] as number;
  }
  const sorted = empty.subarray(0, n).sort();
  return (sorted[Math.floor(0.8 * n)] ?? 1) / EIGHTY_PERCENT;
}

function halvesDiffer(shares: Float64Array, reference: Moments): number {
  const half = 4 * Math.floor(shares.length / 8);
  if (half === 0) return 0;
  const first = momentsOf(shares.subarray(0, half));
  const last = momentsOf(shares.subarray(half));
  return Math.abs(first.dominance - last.dominance) / reference.dominance;
}

function qualityOf(figures: Figures, stutter: number, estimate: Estimate | null): Quality {
  return {
    anchorScore: figures.anchorScore,
    anchorShare: figures.anchorShare,
    hostBases: figures.hostBases,
    hostToAnchor: figures.hostToAnchor,
    anchorBases: figures.anchorBases,
    noise: figures.noise,
    stutter,
    halves: figures.halves,
    disagreement: estimate === null ? null : figures.disagreement,
    standardError: estimate === null ? null : estimate.error,
    templateShare: estimate === null ? null : estimate.templates.reduce((sum, t) => sum + t.share, 0),
    secondClone: estimate === null ? null : (estimate.clones[1] ?? 0),
  };
}

function refused(reason: Reason, known: Partial<Quality>, assay: Assay): Scored {
  const score: ClonalityScore = {
    status: 'fail',
    cvRaw: null,
    cvInterval: null,
    reasons: [reason],
    estimator: assay.estimator.id,
    junction: null,
    quality: { anchorScore: null, anchorShare: null, hostBases: null, hostToAnchor: null, ...known },
    alternatives: {},
  };
  return { score, evidence: null };
}

function rows(shares: Float64Array): [number, number, number, number][] {
  return Array.from({ length: shares.length / 4 }, (_, i) => {
    const at = (base: number): number => shares[4 * i + base] as number;
    return [at(0), at(1), at(2), at(3)];
  });
}
