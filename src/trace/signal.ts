import type { AbifTag, FindTag } from './abif.ts';
import { BASES } from './trace.ts';
import type { Base, Channels } from './trace.ts';
import { greatestInteger, integerCount, readInt16s, readInteger, readIntegers, readText } from './values.ts';

/** A value, or a sentence that says what is wrong with the tags it comes from. */
export type Reading<T> = { readonly value: T } | { readonly fault: string };

/** For each of A, C, G, T its place, 0-3, among the four dyes. */
export type DyeOrder = readonly [number, number, number, number];

/** `FWO_1`: which base each of the four dyes stands for. Ignoring it swaps bases on some instruments. */
export function readDyeOrder(find: FindTag): Reading<DyeOrder> {
  const text = readText(find('FWO_', 1));
  if (text === null) return { fault: 'FWO_1, the base order of the channels, is missing or empty' };
  const at = (base: Base) => text.toUpperCase().indexOf(base);
  const order: DyeOrder = [at('A'), at('C'), at('G'), at('T')];
  if (text.length !== BASES.length || order.includes(-1)) {
    return { fault: `FWO_1 is ${JSON.stringify(text)}, not an order of A, C, G and T` };
  }
  return { value: order };
}

/** `DATA9-12` as channels in A, C, G, T order. */
export function readChannels(find: FindTag, order: DyeOrder): Reading<Channels> {
  const sources: { tag: AbifTag; value: Uint8Array; points: number }[] = [];
  for (const dye of order) {
    const tag = find('DATA', 9 + dye);
    if (tag === null) {
      return { fault: `DATA${9 + dye} is missing: switch automatic analysis on at the instrument` };
    }
    if (tag.value === null) {
      return { fault: `${tag.label} lies outside the file: it claims ${tag.size} bytes` };
    }
    sources.push({ tag, value: tag.value, points: integerCount(tag, tag.value) });
  }
  const points = sources[0]?.points ?? 0;
  if (points === 0 || sources.some((source) => source.points !== points)) {
    const lengths = sources.map(({ tag, points }) => `${tag.label} ${points}`).join(', ');
    return { fault: `the channels are empty or of unequal length: ${lengths}` };
  }
  const channel = (base: number) => {
    const signal = new Int16Array(points);
    const source = sources[base];
    if (source !== undefined) readInt16s(source.tag, source.value, signal);
    return signal;
  };
  return { value: [channel(0), channel(1), channel(2), channel(3)] };
}

/**
 * Highest value of the raw channels `DATA1-4` within the analysed region (`ASPt1` to `AEPt1`, in raw scans), or
 * within all scans where the file names no sane region. Null where there are no raw data.
 */
export function readRawMaximum(find: FindTag): number | null {
  const start = readInteger(find('ASPt', 1));
  const end = readInteger(find('AEPt', 1));
  let maximum: number | null = null;
  for (const number of [1, 2, 3, 4]) {
    const tag = find('DATA', number);
    if (tag?.value == null) continue;
    const scans = integerCount(tag, tag.value);
    const sane = start !== null && end !== null && start >= 0 && end > start && start < scans;
    const greatest = sane
      ? greatestInteger(tag, tag.value, start, Math.min(end, scans))
      : greatestInteger(tag, tag.value, 0, scans);
    if (greatest !== null) maximum = Math.max(maximum ?? greatest, greatest);
  }
  return maximum;
}

/** `S/N%1`, one figure a dye, put in A, C, G, T order; null where absent or not of four figures. */
export function readSignalToNoise(find: FindTag, order: DyeOrder): [number, number, number, number] | null {
  const tag = find('S/N%', 1);
  if (tag?.value == null) return null;
  const byDye = readIntegers(tag, tag.value);
  if (byDye.length !== BASES.length) return null;
  const [a, c, g, t] = order;
  return [byDye[a] ?? 0, byDye[c] ?? 0, byDye[g] ?? 0, byDye[t] ?? 0];
}
