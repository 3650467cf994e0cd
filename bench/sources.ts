import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTrace } from '../src/trace/read.ts';
import { BASES } from '../src/trace/trace.ts';

/** Points a base of the common grid on which real traces are laid before they are mixed. */
export const PITCH = 12;

/** The clean stretch of one real single-template trace, laid on a grid of PITCH points a base. */
export interface Source {
  readonly name: string;
  /** A, C, G, T; base i peaks near PITCH·(i + 0.5). Units: the local mean peak height. */
  readonly channels: readonly Float64Array[];
  readonly calls: string;
  /** Codes 0-3 of `calls`. */
  readonly bases: Uint8Array;
}

export type Split = 'development' | 'validation' | 'final';
export const SPLITS: readonly Split[] = ['development', 'validation', 'final'];

/** Runs whose files are near copies of each other go into one split together. */
function familyOf(file: string): string {
  return file
    .replace(/\.(ab1|abi)$/i, '')
    .replace(/[-_. ]*(\d+.*|[FR]|Fwd|Rev|fwd_control|rev_control)$/i, '');
}

/** Clean stretches of the real traces in a folder, by split; the split depends on the file's family alone. */
export function loadSources(folder: string): Record<Split, Source[]> {
  const files = readdirSync(folder)
    .filter((file) => /\.(ab1|abi)$/i.test(file))
    .sort();
  const families = [...new Set(files.map(familyOf))];
  const out: Record<Split, Source[]> = { development: [], validation: [], final: [] };
  for (const file of files) {
    const source = readSource(join(folder, file), file);
    if (source === null) continue;
    const split = SPLITS[families.indexOf(familyOf(file)) % 3] ?? 'final';
    out[split].push(source);
  }
  return out;
}

/** Least bases of a usable stretch. */
const SHORTEST = 150;

function readSource(path: string, name: string): Source | null {
  const read = readTrace(readFileSync(path));
  if (!read.ok) return null;
  const { channels, calls, peaks } = read.trace;
  const clean = longestClean(channels, calls, peaks);
  if (clean === null) return null;
  const [from, to] = clean;
  const centres = smooth(peaks, from, to);
  const n = to - from;
  const laid = channels.map((channel) => {
    const out = new Float64Array(n * PITCH);
    for (let j = 0; j < out.length; j++) {
      const x = j / PITCH - 0.5;
      const i = Math.max(0, Math.min(n - 2, Math.floor(x)));
      const a = centres[i] as number;
      const t = a + (x - i) * ((centres[i + 1] as number) - a);
      const low = Math.max(0, Math.min(channel.length - 2, Math.floor(t)));
      const part = t - low;
      out[j] = Math.max(0, (1 - part) * (channel[low] as number) + part * (channel[low + 1] as number));
    }
    return out;
  });
  const bases = Uint8Array.from(calls.slice(from, to), (c) => (BASES as readonly string[]).indexOf(c));
  level(laid, bases);
  return { name, channels: laid, calls: calls.slice(from, to), bases };
}

/** Bases to both sides over which the slow change of height along a read is measured. */
const TREND = 40;

/** Divides by the local mean peak height: its slow decline belongs to the read, not to the template. */
function level(channels: readonly Float64Array[], bases: Uint8Array): void {
  const n = bases.length;
  const own = Array.from(
    bases,
    (base, i) => (channels[base] as Float64Array)[i * PITCH + PITCH / 2] as number,
  );
  const trend = own.map((_, i) => {
    const near = own.slice(Math.max(0, i - TREND), i + TREND + 1);
    return near.reduce((a, b) => a + b, 0) / near.length;
  });
  for (const channel of channels) {
    for (let j = 0; j < channel.length; j++) {
      const i = Math.min(n - 1, Math.floor(j / PITCH));
      channel[j] = (channel[j] as number) / Math.max(1e-9, trend[i] as number);
    }
  }
}

/** Longest run of calls in which, over any 25 bases, the called base has most of the signal and peaks are regular. */
function longestClean(
  channels: readonly Int16Array[],
  calls: string,
  peaks: Int32Array,
): [number, number] | null {
  const good = new Uint8Array(calls.length);
  for (let i = 1; i + 1 < calls.length; i++) {
    const base = (BASES as readonly string[]).indexOf(calls[i] as string);
    if (base < 0) continue;
    const t = peaks[i] as number;
    const sum = channels.reduce((s, c) => s + Math.max(0, c[t] as number), 0);
    const step = (peaks[i + 1] as number) - (peaks[i - 1] as number);
    const part = sum > 0 ? ((channels[base] as Int16Array)[t] as number) / sum : 0;
    good[i] = part > 0.8 && step > 14 && step < 36 ? 1 : 0;
  }
  let best: [number, number] | null = null;
  let from = -1;
  let bad = 0;
  for (let i = 25; i < calls.length; i++) {
    bad += 1 - (good[i] as number);
    if (i >= 50) bad -= 1 - (good[i - 25] as number);
    const called = (BASES as readonly string[]).includes(calls[i] as string);
    const fine = bad <= 2 && called;
    if (fine && from < 0) from = i;
    if ((!fine || i === calls.length - 1) && from >= 0) {
      if (i - from >= SHORTEST && (best === null || i - from > best[1] - best[0])) best = [from, i];
      from = -1;
    }
  }
  return best;
}

/** Peak positions with their local jitter averaged out; what stays is the slow drift of the spacing. */
function smooth(peaks: Int32Array, from: number, to: number): Float64Array {
  const out = new Float64Array(to - from);
  for (let i = from; i < to; i++) {
    const reach = Math.min(5, i - from, to - 1 - i);
    let sum = 0;
    for (let k = -reach; k <= reach; k++) sum += peaks[i + k] as number;
    out[i - from] = sum / (2 * reach + 1);
  }
  return out;
}
