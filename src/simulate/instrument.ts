import { mapFour } from './four.ts';
import { addGaussian, DYES } from './peaks.ts';
import type { Run, Signals } from './peaks.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { Degradation, Recipe } from './recipe.ts';

/** Part of a peak that shows one base early in every read: molecules one step ahead. */
const STUTTER = 0.01;
/** Largest part of a dye that colour separation leaves in another one. */
const CROSS_TALK = 0.02;
/** Part of the light above the detector's limit that colour separation turns into the other dyes. */
const OVERFLOW = 0.1;

/** What happens to the light between the capillary and the processed channels, in the order in which it happens. */
export function degradeSignals(clean: Signals, run: Run, frontBases: number, recipe: Recipe): Signals {
  // A stream for each, so that one effect does not change another one's numbers.
  const random = (purpose: string) => createRandom(recipe.seed, purpose);
  const { blob, pullup, saturation, baseline } = recipe.degrade;
  let signals = mapFour(clean, (signal) => withStutter(signal, run.spacing));
  if (blob > 0) addBlob(signals, run, frontBases, blob, random('blob'));
  signals = withCrossTalk(signals, pullup, random('cross-talk'));
  if (saturation > 0) signals = withSaturation(signals, saturation);
  if (baseline > 0) addBaseline(signals, baseline, random('baseline'));
  return signals;
}

/** Noise of neighbouring points goes together, as after the smoothing that every instrument does. */
export function addNoise(signals: Signals, sd: number, random: Random): void {
  if (sd === 0) return;
  // Norm of the kernel 1 2 1, so that the noise has the standard deviation asked for.
  const scale = sd / Math.sqrt(6);
  for (const signal of signals) {
    let [before, here] = [random.normal(), random.normal()];
    for (let t = 0; t < signal.length; t++) {
      const next = random.normal();
      signal[t] = (signal[t] ?? 0) + scale * (before + 2 * here + next);
      [before, here] = [here, next];
    }
  }
}

/** A failed reaction: lumps of the width of peaks, without order, and dye that no base carries. */
export function drawFailure(run: Run, random: Random): Signals {
  const signals = mapFour(DYES, () => new Float64Array(run.points));
  for (const signal of signals) {
    for (let t = 0; t < run.points; t += 4 + 14 * random.uniform()) {
      addGaussian(signal, t, 2.5 + 2 * random.uniform(), 0.25 * Math.abs(random.normal()));
    }
    addGaussian(signal, run.points * random.uniform(), 25, 1.5 * random.uniform());
  }
  return signals;
}

function withStutter(signal: Float64Array, spacing: number): Float64Array {
  const step = Math.round(spacing);
  return signal.map((value, t) => value + STUTTER * (signal[t + step] ?? 0));
}

/** Unincorporated dye: one broad lump over the host, in one colour and weaker in a second. */
function addBlob(signals: Signals, run: Run, frontBases: number, height: number, random: Random): void {
  const centre = run.grid[Math.floor(frontBases + 15 + 30 * random.uniform())] ?? run.points / 2;
  const dye = Math.floor(4 * random.uniform());
  addGaussian(signals[DYES[dye] ?? 0], centre, 2 * run.spacing, height);
  addGaussian(signals[DYES[(dye + 1) % 4] ?? 0], centre, 2 * run.spacing, 0.4 * height);
}

/** Every dye shows a little in every other, and with pull-up much in the next by wavelength. */
function withCrossTalk(signals: Signals, pullup: Degradation['pullup'], random: Random): Signals {
  const parts = Array.from({ length: 16 }, () => CROSS_TALK * random.uniform());
  return mapFour(signals, (own, dye) => {
    const seen = Float64Array.from(own);
    for (const [source, other] of signals.entries()) {
      if (source === dye) continue;
      const part = (parts[4 * dye + source] ?? 0) + (source === NEIGHBOUR[dye] ? pullup : 0);
      for (let t = 0; t < seen.length; t++) seen[t] = (seen[t] ?? 0) + part * (other[t] ?? 0);
    }
    return seen;
  });
}

/** The dye before each, by wavelength (G, A, T, C), in A, C, G, T order. */
const NEIGHBOUR = [2, 3, 1, 0];

/** A full detector cuts the peaks; what it cut appears in the other colours. */
function withSaturation(signals: Signals, limit: number): Signals {
  const over = new Float64Array(signals[0].length);
  for (const signal of signals) {
    for (let t = 0; t < over.length; t++) over[t] = (over[t] ?? 0) + Math.max(0, (signal[t] ?? 0) - limit);
  }
  return mapFour(signals, (signal) => {
    return signal.map((value, t) => (value > limit ? limit : value + OVERFLOW * (over[t] ?? 0)));
  });
}

function addBaseline(signals: Signals, height: number, random: Random): void {
  for (const signal of signals) {
    const phase = 2 * Math.PI * random.uniform();
    const period = 400 + 800 * random.uniform();
    for (let t = 0; t < signal.length; t++) {
      const wave = 0.5 + 0.5 * Math.sin(phase + (2 * Math.PI * t) / period);
      signal[t] = (signal[t] ?? 0) + height * wave;
    }
  }
}
