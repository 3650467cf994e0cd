import type { Channels } from '../trace/trace.ts';
import { callBases } from './call.ts';
import type { Called } from './call.ts';
import { recipeFaults } from './check-recipe.ts';
import { mapFour } from './four.ts';
import type { Four } from './four.ts';
import { addNoise, degradeSignals, drawFailure } from './instrument.ts';
import { mix } from './mixture.ts';
import type { Mixture } from './mixture.ts';
import { addGaussian, drawStrands, DYES, layRun } from './peaks.ts';
import type { Signals } from './peaks.ts';
import { createRandom } from './random.ts';
import type { Recipe } from './recipe.ts';

/** All that a simulated instrument knows at the end of a read. */
export interface Synthesis {
  readonly mixture: Mixture;
  readonly spacing: number;
  /** Processed signal, A, C, G, T. */
  readonly channels: Channels;
  /** Detector values, A, C, G, T; longer than the processed signal by `lead` points before it. */
  readonly raw: Channels;
  readonly lead: number;
  readonly called: Called;
  /** As in `S/N%1`, A, C, G, T. */
  readonly signalToNoise: Four<number>;
}

/** Processed height of a typical peak. */
const TYPICAL = 900;
const DETECTOR_FULL = 32767;
/** Raw scans before the first base, with the peak of leftover primer in them. */
const LEAD = 200;
const PRIMER = 20;
const RAW_OFFSET = 40;
/** Part of a dye's light that falls on the next detector. */
const OVERLAP = 0.2;

/** Makes a read from a recipe. @throws RangeError that names every fault of the recipe */
export function synthesise(recipe: Recipe): Synthesis {
  const faults = recipeFaults(recipe);
  if (faults.length > 0) throw new RangeError(`The recipe cannot be simulated. ${faults.join('. ')}`);

  const mixture = mix(recipe);
  const run = layRun(recipe.seed, mixture.frontBases + recipe.hostBases);
  const clean = recipe.failed
    ? drawFailure(run, createRandom(recipe.seed, 'failure'))
    : drawStrands(recipe.seed, run, mixture);
  const light = degradeSignals(clean, run, mixture.frontBases, recipe);
  addNoise(light, recipe.noise, createRandom(recipe.seed, 'noise'));

  const channels = mapFour(light, (signal) => digitise(signal, TYPICAL));
  return {
    mixture,
    spacing: run.spacing,
    channels,
    raw: detect(clean, recipe),
    lead: LEAD,
    called: callBases(channels, run.grid[0] ?? 0, run.spacing, run.grid.length),
    signalToNoise: mapFour(run.dyeGain, (gain) => Math.round(gain * signalOverNoise(recipe))),
  };
}

/** Detector values before colour separation: each dye over an offset, with much of its neighbours in it. */
function detect(clean: Signals, recipe: Recipe): Channels {
  const height = rawHeight(recipe);
  const shifted = mapFour(clean, (signal) => {
    const longer = new Float64Array(LEAD + signal.length);
    longer.set(signal, LEAD);
    addGaussian(longer, LEAD / 2, 12, PRIMER);
    return longer;
  });
  const mixed = mapFour(shifted, (own, dye) => {
    const other = shifted[DYES[(dye + 1) % 4] ?? 0];
    return own.map((value, t) => RAW_OFFSET / height + value + OVERLAP * (other[t] ?? 0));
  });
  addNoise(mixed, recipe.noise, createRandom(recipe.seed, 'detector'));
  return mapFour(mixed, (signal) => digitise(signal, height));
}

/** Height of a typical raw peak: weak where there is much noise, and full where saturation is asked for. */
function rawHeight({ degrade, failed, noise }: Recipe): number {
  if (degrade.saturation > 0) return DETECTOR_FULL / degrade.saturation;
  if (failed) return 60;
  return Math.min(8000, Math.max(150, 45 / noise));
}

function signalOverNoise({ failed, noise }: Recipe): number {
  return failed ? 8 : Math.min(2000, 6 / noise);
}

function digitise(signal: Float64Array, height: number): Int16Array {
  const digital = new Int16Array(signal.length);
  for (let t = 0; t < digital.length; t++) {
    digital[t] = Math.max(0, Math.min(DETECTOR_FULL, Math.round(height * (signal[t] ?? 0))));
  }
  return digital;
}
