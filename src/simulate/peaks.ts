import { encode, peaksOf } from './context.ts';
import { mapFour } from './four.ts';
import type { Four } from './four.ts';
import type { Mixture } from './mixture.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** Light of the four dyes, in typical peaks. */
export type Signals = Four<Float64Array>;

export const DYES: Four<0 | 1 | 2 | 3> = [0, 1, 2, 3];

/** Where bases lie in the trace and how their peaks look; one for a whole trace. */
export interface Run {
  /** Length of the trace, scan points. */
  readonly points: number;
  /** Centre of each base on the common grid, scan points. */
  readonly grid: Float64Array;
  /** Mean distance of bases, scan points. */
  readonly spacing: number;
  /** Standard deviation of a peak at each base, scan points. */
  readonly width: Float64Array;
  /** What is left of each dye's mobility shift, scan points. */
  readonly dyeShift: Four<number>;
  /** Brightness of each dye, about 1. */
  readonly dyeGain: Four<number>;
}

const SPACING = 12;
const FIRST_BASE = 30;
const MARGIN = 4;
/** A read goes on for at least so many bases, whether there is a template for them or not. */
const LEAST_BASES = 240;
/** Relative height lost a base: processing levels most of what the reaction loses. */
const DECAY = 1 / 1200;
/** Peak height that neither context nor dye explains, standard deviation of its logarithm. */
const HEIGHT_NOISE = 0.08;
const SHIFT_NOISE = 0.012;
/** A Gaussian is drawn this many standard deviations to both sides: beyond, it is below the last digit. */
const REACH = 4;

/** Lays the grid: spacing 12 with a slow drift, peaks sharpest near base 200 and wider to both ends. */
export function layRun(seed: number, longest: number): Run {
  const random = createRandom(seed, 'run');
  const bases = Math.max(LEAST_BASES, longest) + MARGIN;
  const spacing = SPACING * (1 + 0.004 * random.normal());
  const phase = 2 * Math.PI * random.uniform();
  const grid = Float64Array.from({ length: bases }, (_, i) => {
    return FIRST_BASE + spacing * (i + 0.8 * (Math.sin(phase + i / 90) - Math.sin(phase)));
  });
  const sharpness = 1 + 0.04 * random.normal();
  const width = Float64Array.from({ length: bases }, (_, i) => {
    const early = 0.7 * Math.exp(-i / 40);
    const late = i > 200 ? 0.5 * ((i - 200) / 250) ** 2 : 0;
    return Math.max(1.5, sharpness * (2.85 + early + late));
  });
  return {
    points: Math.ceil((grid.at(-1) ?? 0) + spacing),
    grid,
    spacing,
    width,
    dyeShift: mapFour(DYES, () => 0.25 * random.normal()),
    dyeGain: mapFour(DYES, () => Math.exp(0.08 * random.normal())),
  };
}

/** The light of all strands, before anything goes wrong with it. */
export function drawStrands(seed: number, run: Run, { strands }: Mixture): Signals {
  const random = createRandom(seed, 'peaks');
  const signals = mapFour(DYES, () => new Float64Array(run.points));
  const fronts = new Map<string, number>();
  for (const { front, share } of strands) fronts.set(front, (fronts.get(front) ?? 0) + share);
  for (const [front, share] of fronts) drawBases(signals, run, random, encode(front), 0, share);
  for (const { front, after, share } of strands) {
    drawBases(signals, run, random, encode(front + after), front.length, share);
  }
  return signals;
}

/** Adds the peaks of one read from base `from` on. */
function drawBases(
  signals: Signals,
  run: Run,
  random: Random,
  codes: Uint8Array,
  from: number,
  share: number,
): void {
  const { height, shift } = peaksOf(codes);
  const last = Math.min(codes.length, run.grid.length);
  for (let i = from; i < last; i++) {
    const code = DYES[codes[i] ?? 0] ?? 0;
    const place = (shift[i] ?? 0) + SHIFT_NOISE * random.normal();
    const centre = (run.grid[i] ?? 0) + place * run.spacing + run.dyeShift[code];
    const tall = (height[i] ?? 1) * Math.exp(HEIGHT_NOISE * random.normal() - i * DECAY);
    addGaussian(signals[code], centre, run.width[i] ?? 3, share * tall * run.dyeGain[code]);
  }
}

/** Adds a Gaussian. Its values follow from each other by two products, which spares an exponential a point. */
export function addGaussian(signal: Float64Array, centre: number, sd: number, height: number): void {
  const first = Math.max(0, Math.ceil(centre - REACH * sd));
  const last = Math.min(signal.length - 1, Math.floor(centre + REACH * sd));
  const half = 1 / (2 * sd * sd);
  const from = first - centre;
  let value = height * Math.exp(-from * from * half);
  let ratio = Math.exp(-(2 * from + 1) * half);
  const bend = Math.exp(-2 * half);
  for (let t = first; t <= last; t++) {
    signal[t] = (signal[t] ?? 0) + value;
    value *= ratio;
    ratio *= bend;
  }
}
