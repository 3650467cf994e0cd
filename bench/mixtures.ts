import type { Channels, Trace } from '../src/trace/trace.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { PITCH } from './sources.ts';
import type { Source } from './sources.ts';

/** What is done to a mixture after superposition. All heights in units of the mean LTR peak. */
export interface Degradation {
  /** SD of the noise at a scan point. */
  readonly noise: number;
  /** Dye blob over two channels shortly after the junction: its height. */
  readonly blob?: number;
  /** Part of one dye's signal that also shows in another. */
  readonly pull?: number;
  /** Part of every template that is one base short (n-1). */
  readonly slip?: number;
  /** Height at which the detector clips. */
  readonly sat?: number;
  /** Height of a slow baseline common to all channels. */
  readonly base?: number;
  /** Templates end at random lengths from 20 bases on. */
  readonly tails?: boolean;
}

/** The recipe of one mixture; `shares` are those of the clones, before a known template is mixed in. */
export interface Recipe {
  readonly class: string;
  readonly shares: readonly number[];
  readonly degradation: Degradation;
  /** LTR in front; `none` leaves it out, a number of bases shortens it. */
  readonly ltr?: 'none' | number;
  /** Part of LTR bases substituted, 0-1. */
  readonly divergence?: number;
  /** Host bases (default 240). */
  readonly host?: number;
  /** Clone 1 is clone 0 shifted by this many bases. */
  readonly shift?: number;
  /** A known template of this share; the clones have the rest. */
  readonly template?: { readonly sequence: string; readonly share: number };
  /** No template at all: noise and crosstalk only. */
  readonly failed?: boolean;
}

/** A mixture with its truth. */
export interface Mixture {
  readonly trace: Trace;
  readonly recipe: Recipe;
  /** Largest clone's share of all host templates (known templates do not count); null where there is none. */
  readonly truth: number | null;
  /** Scan point of the first host base. */
  readonly junction: number;
}

const HOST = 240;
const UNIT = 700;

/**
 * Superposes real signal: each clone is a random stretch of a clean real trace on a common grid of bases; the LTR
 * is pieced together from real peaks in their real context. Seeded: the same recipe, seed and sources give the
 * same trace.
 * @param run another number is another run of the same sample
 */
export function mix(recipe: Recipe, ltr: string, sources: readonly Source[], seed: number, run = 0): Mixture {
  const random = createRandom(seed);
  const host = recipe.host ?? HOST;
  const full = recipe.ltr === 'none' ? '' : ltr.slice(-(recipe.ltr ?? 120));
  const written = mutate(full, recipe.divergence ?? 0, random);
  const length = written.length + host;
  const signal = [0, 1, 2, 3].map(() => new Float64Array((length + 2) * PITCH));

  if (recipe.failed !== true) {
    lay(signal, 0, pieceTogether(written, sources, random), 1, Infinity);
    const rest = 1 - (recipe.template?.share ?? 0);
    let first: Stretch | null = null;
    const used: Stretch[] = [];
    recipe.shares.forEach((share, i) => {
      let stretch = randomStretch(sources, host, random);
      // Files of one plasmid or gene: the same stretch twice would be one clone.
      for (let tries = 0; tries < 20 && used.some((other) => sameBases(other, stretch)); tries++) {
        stretch = randomStretch(sources, host, random);
      }
      used.push(stretch);
      if (i === 0) first = stretch;
      if (i === 1 && recipe.shift !== undefined && first !== null)
        stretch = shifted(first, recipe.shift, host);
      const end = recipe.degradation.tails === true ? random.between(20, 1.6 * host) : Infinity;
      lay(signal, written.length, stretch, share * rest, end);
    });
    if (recipe.template !== undefined) {
      const bases = recipe.template.sequence.slice(0, host);
      lay(signal, written.length, pieceTogether(bases, sources, random), recipe.template.share, Infinity);
    }
  }
  // What differs from one run of a sample to the next: mobility, artefacts, noise.
  const again = createRandom(seed + 7_777_777 * (run + 1));
  const warped = warp(signal, length, again);
  degrade(warped.channels, recipe, again, warped.at(written.length + 0.5));
  const noise = recipe.failed === true ? 0.15 : recipe.degradation.noise;
  const channels = quantise(warped.channels, noise, again);
  const answer = recipe.failed !== true && recipe.ltr !== 'none' && recipe.shares.length > 0;
  const top = Math.max(0, ...recipe.shares);
  return {
    trace: asTrace(channels, again),
    recipe,
    truth: answer ? top : null,
    junction: warped.at(written.length + 0.5),
  };
}

interface Stretch {
  readonly channels: readonly Float64Array[];
  /** Bases of the whole source, codes 0-3. */
  readonly codes: Uint8Array;
  /** First base in `channels`. */
  readonly from: number;
  readonly bases: number;
}

function randomStretch(sources: readonly Source[], host: number, random: Random): Stretch {
  const long = sources.filter((source) => source.bases.length >= host + 20);
  const source = long[random.below(long.length)];
  if (source === undefined) throw new Error(`no source has ${String(host)} bases`);
  return {
    channels: source.channels,
    codes: source.bases,
    from: random.below(source.bases.length - host - 12),
    bases: host,
  };
}

/** True where the first bases of two stretches agree too often for two places of a genome. */
function sameBases(a: Stretch, b: Stretch): boolean {
  let same = 0;
  for (let i = 0; i < COMPARED; i++) if (a.codes[a.from + i] === b.codes[b.from + i]) same++;
  return same > 0.5 * COMPARED;
}

const COMPARED = 60;

function shifted(stretch: Stretch, by: number, host: number): Stretch {
  return { ...stretch, from: stretch.from + by, bases: host };
}

/** Adds a stretch from base `at` on; it fades in over half a base and stops after `end` bases. */
function lay(
  signal: readonly Float64Array[],
  at: number,
  stretch: Stretch,
  share: number,
  end: number,
): void {
  const points = Math.min(stretch.bases, end) * PITCH;
  for (let b = 0; b < 4; b++) {
    const from = stretch.channels[b] as Float64Array;
    const to = signal[b] as Float64Array;
    for (let j = 0; j < points; j++) {
      to[at * PITCH + j] =
        (to[at * PITCH + j] as number) + share * (from[stretch.from * PITCH + j] as number);
    }
  }
}

/**
 * A sequence as signal: each base is a real peak between its real neighbours, from one source as far as that has
 * them, from others where it has not.
 */
function pieceTogether(sequence: string, sources: readonly Source[], random: Random): Stretch {
  const channels = [0, 1, 2, 3].map(() => new Float64Array((sequence.length + 1) * PITCH));
  const own = random.below(sources.length);
  for (let i = 0; i < sequence.length; i++) {
    const { source, at } = findPeak(sequence, i, sources, own, random);
    for (let b = 0; b < 4; b++) {
      const from = (source.channels[b] as Float64Array).subarray(at * PITCH, (at + 1) * PITCH);
      (channels[b] as Float64Array).set(from, i * PITCH);
    }
  }
  return { channels, codes: new Uint8Array(0), from: 0, bases: sequence.length };
}

/** A peak with the right base on both sides, else on the left, else anywhere. */
function findPeak(
  sequence: string,
  i: number,
  sources: readonly Source[],
  own: number,
  random: Random,
): { source: Source; at: number } {
  const before = sequence.charAt(i - 1);
  const base = sequence.charAt(i);
  for (const [wanted, lead] of [
    [before + base + sequence.charAt(i + 1), before.length],
    [before + base, before.length],
    [base, 0],
  ] as const) {
    for (let k = 0; k < sources.length; k++) {
      const source = sources[(own + k) % sources.length] as Source;
      const offset = random.below(source.calls.length);
      let at = source.calls.indexOf(wanted, offset);
      if (at < 0) at = source.calls.indexOf(wanted);
      if (at >= 0) return { source, at: at + lead };
    }
  }
  throw new Error(`no source has the base ${base}`);
}

function mutate(sequence: string, rate: number, random: Random): string {
  return Array.from(sequence, (base) =>
    random.uniform() < rate
      ? (['A', 'C', 'G', 'T'].filter((b) => b !== base)[random.below(3)] as string)
      : base,
  ).join('');
}

/** Resamples with a slowly changing spacing, as electrophoresis has, and a slow decline of height. */
function warp(
  signal: readonly Float64Array[],
  bases: number,
  random: Random,
): { channels: Float64Array[]; at: (base: number) => number } {
  const waves = [1, 2, 3].map((k) => ({
    size: (random.normal() * 0.5) / k,
    turn: (2 * Math.PI * k) / (bases * random.between(0.8, 1.3)),
    phase: random.between(0, 2 * Math.PI),
  }));
  const scale = random.between(0.99, 1.01);
  const at = (base: number): number =>
    PITCH *
    (base * scale +
      waves.reduce((s, w) => s + w.size * (Math.sin(w.turn * base + w.phase) - Math.sin(w.phase)), 0));
  const points = Math.floor(at(bases));
  const decline = random.between(0, 0.4);
  const channels = signal.map(() => new Float64Array(points));
  let base = 0;
  for (let t = 0; t < points; t++) {
    while (base < bases + 1 && at(base + 0.05) <= t) base += 0.05;
    const here = at(base);
    const x = (base + ((t - here) / Math.max(1e-9, at(base + 0.05) - here)) * 0.05) * PITCH;
    const low = Math.max(0, Math.min((bases + 2) * PITCH - 2, Math.floor(x)));
    const part = x - low;
    const height = 1 - (decline * t) / points;
    for (let b = 0; b < 4; b++) {
      const s = signal[b] as Float64Array;
      (channels[b] as Float64Array)[t] =
        height * ((1 - part) * (s[low] as number) + part * (s[low + 1] as number));
    }
  }
  return { channels, at };
}

function degrade(channels: Float64Array[], recipe: Recipe, random: Random, junction: number): void {
  const { blob, pull, slip, sat, base } = recipe.degradation;
  const points = (channels[0] as Float64Array).length;
  if (slip !== undefined) {
    for (const channel of channels) {
      for (let t = 0; t + PITCH < points; t++) {
        channel[t] = (1 - slip) * (channel[t] as number) + slip * (channel[t + PITCH] as number);
      }
    }
  }
  if (pull !== undefined) {
    const from = random.below(4);
    const to = channels[(from + 1 + random.below(3)) % 4] as Float64Array;
    const other = channels[from] as Float64Array;
    for (let t = 0; t < points; t++) to[t] = (to[t] as number) + pull * (other[t] as number);
  }
  if (blob !== undefined) {
    const centre = junction + random.between(10, 50) * PITCH;
    const width = random.between(2.5, 6) * PITCH;
    const first = random.below(4);
    for (const b of [first, (first + 1 + random.below(3)) % 4]) {
      const channel = channels[b] as Float64Array;
      for (let t = 0; t < points; t++) {
        channel[t] = (channel[t] as number) + blob * Math.exp(-0.5 * ((t - centre) / width) ** 2);
      }
    }
  }
  if (base !== undefined) {
    const turn = (2 * Math.PI) / random.between(1200, 4000);
    const phase = random.between(0, 2 * Math.PI);
    for (const channel of channels) {
      for (let t = 0; t < points; t++)
        channel[t] = (channel[t] as number) + 0.5 * base * (1 + Math.sin(turn * t + phase));
    }
  }
  if (sat !== undefined) {
    for (const channel of channels)
      for (let t = 0; t < points; t++) channel[t] = Math.min(channel[t] as number, sat);
  }
}

/** Points over which the noise is smoothed: the instrument's software filters before it writes. */
const NOISE_WIDTH = 3;

/** Noise is added, and what falls below zero is cut off, as the instrument's software does. */
function quantise(channels: readonly Float64Array[], noise: number, random: Random): Channels {
  const kernel = Array.from({ length: 6 * NOISE_WIDTH + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k - 3 * NOISE_WIDTH) / NOISE_WIDTH) ** 2),
  );
  const norm = Math.sqrt(kernel.reduce((sum, k) => sum + k * k, 0));
  const [a, c, g, t] = channels.map((channel) => {
    const white = Float64Array.from({ length: channel.length + kernel.length }, () => random.normal());
    return Int16Array.from(channel, (value, i) => {
      let smooth = 0;
      for (let k = 0; k < kernel.length; k++) smooth += (kernel[k] as number) * (white[i + k] as number);
      return Math.round(Math.max(0, UNIT * (value + (noise * smooth) / norm)));
    });
  }) as [Int16Array, Int16Array, Int16Array, Int16Array];
  return [a, c, g, t];
}

/** Calls as a simple base caller makes them: a call every base or so, at the highest signal near by. */
function asTrace(channels: Channels, random: Random): Trace {
  const points = channels[0].length;
  const peaks: number[] = [];
  let calls = '';
  let t = PITCH / 2;
  while (t < points - PITCH / 2) {
    let top = 0;
    let place = Math.round(t);
    let base = 0;
    for (let b = 0; b < 4; b++) {
      const channel = channels[b] as Int16Array;
      for (let k = Math.max(0, Math.round(t) - 4); k <= Math.min(points - 1, Math.round(t) + 4); k++) {
        if ((channel[k] as number) > top) {
          top = channel[k] as number;
          place = k;
          base = b;
        }
      }
    }
    peaks.push(Math.max(place, peaks.at(-1) ?? 0));
    calls += 'ACGT'.charAt(base);
    t = t + PITCH + 0.5 * (place - t);
    if (random.uniform() < 0.002) t += PITCH / 2;
  }
  return {
    channels,
    points,
    calls,
    peaks: Int32Array.from(peaks),
    rawMaximum: 4000,
    signalToNoise: [300, 300, 300, 300],
    spacing: PITCH,
    origin: {
      sample: null,
      run: null,
      injection: null,
      well: null,
      plate: null,
      lane: null,
      startedAt: null,
      endedAt: null,
      model: null,
      serial: null,
      rawDigest: null,
    },
  };
}
