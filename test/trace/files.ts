import { existsSync, readFileSync } from 'node:fs';
import * as abif from '../../src/trace/write-abif.ts';
import type { TagToWrite } from '../../src/trace/write-abif.ts';

/** Traces shared between checkouts; absent in a plain clone, where the tests that need them are skipped. */
export const sharedTraces = new URL('../../../shared/traces/', import.meta.url);
export const hasShared = existsSync(sharedTraces);

export function shared(path: string): Buffer {
  return readFileSync(new URL(path, sharedTraces));
}

const POINTS = 60;

/** A small but whole trace: each base's channel is flat at its own height, so that a swap shows. */
export const plainTags: readonly TagToWrite[] = [
  abif.chars('FWO_', 1, 'GATC'),
  abif.shorts('DATA', 9, new Array(POINTS).fill(300)),
  abif.shorts('DATA', 10, new Array(POINTS).fill(100)),
  abif.shorts('DATA', 11, new Array(POINTS).fill(400)),
  abif.shorts('DATA', 12, new Array(POINTS).fill(200)),
  abif.shorts('DATA', 1, [9000, 500, 700, -3]),
  abif.chars('PBAS', 1, 'ACGT'),
  abif.chars('PBAS', 2, 'ACGN'),
  abif.shorts('PLOC', 1, [6, 18, 30, 42]),
  abif.shorts('PLOC', 2, [7, 19, 31, 43]),
  abif.shorts('S/N%', 1, [3, 1, 4, 2]),
  abif.float('SPAC', 1, 12.25),
  abif.pString('SMPL', 1, 'S25-000123'),
  abif.cString('RunN', 1, 'Run_2025-01-06'),
  abif.pString('TUBE', 1, 'A01'),
  abif.cString('CTNM', 1, 'PLATE-1'),
  abif.shorts('LANE', 1, [7]),
  abif.date('RUND', 1, 2025, 1, 6),
  abif.time('RUNT', 1, 9, 5, 59),
  abif.date('RUND', 2, 0, 0, 0),
  abif.time('RUNT', 2, 0, 0, 0),
  abif.cString('HCFG', 3, '3500'),
  abif.chars('MODL', 1, '3100'),
  abif.cString('HCFG', 4, 'UnitID=1;SerialNumber=123-45;'),
  abif.pString('MCHN', 1, 'Bench'),
];

/** The plain trace with some tags left out (`PLOC2`) and others put in the place of their namesakes. */
export function trace(
  options: { without?: readonly string[]; tags?: readonly TagToWrite[] } = {},
): Uint8Array {
  const tags = options.tags ?? [];
  const gone = new Set([...(options.without ?? []), ...tags.map(label)]);
  return abif.writeAbif([...plainTags.filter((tag) => !gone.has(label(tag))), ...tags]);
}

function label(tag: TagToWrite): string {
  return `${tag.name}${tag.number}`;
}
