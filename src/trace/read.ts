import type { Reason, ReasonCode } from '../reason.ts';
import { openAbif } from './abif.ts';
import type { FindTag } from './abif.ts';
import { readCalls } from './calls.ts';
import { readOrigin } from './origin.ts';
import { readChannels, readDyeOrder, readRawMaximum, readSignalToNoise } from './signal.ts';
import type { Origin, Trace } from './trace.ts';
import { readFloat } from './values.ts';

/** What became of a file's bytes. `complete` is false where the file may still be growing. */
export type ReadOutcome =
  | { readonly ok: true; readonly trace: Trace }
  | {
      readonly ok: false;
      readonly reason: Reason;
      /** False: the directory is not within the file yet, so a writer may still be at it. */
      readonly complete: boolean;
      /** What could still be read of the file's origin. */
      readonly origin: Origin | null;
    };

/** Reads an ABIF file. Total: any bytes give an outcome, never an exception, within milliseconds. */
export function readTrace(bytes: Uint8Array): ReadOutcome {
  const opened = openAbif(bytes);
  if (!opened.ok) {
    const code = opened.kind === 'not-abif' ? 'NOT_ABIF' : 'INCOMPLETE_FILE';
    return { ok: false, reason: { code, detail: opened.detail }, complete: opened.complete, origin: null };
  }
  const { find } = opened;
  const origin = readOrigin(find);
  const refuse = (code: ReasonCode, detail: string): ReadOutcome => ({
    ok: false,
    reason: { code, detail },
    complete: true,
    origin,
  });

  if (!isCapillary(find)) {
    return refuse('NOT_CAPILLARY', 'has no raw data (DATA1-4), no run date (RUND1), no model (MODL1, HCFG3)');
  }
  const order = readDyeOrder(find);
  if ('fault' in order) return refuse('NO_PROCESSED_SIGNAL', order.fault);
  const channels = readChannels(find, order.value);
  if ('fault' in channels) return refuse('NO_PROCESSED_SIGNAL', channels.fault);
  const points = channels.value[0].length;
  const calls = readCalls(find, points);
  if ('fault' in calls) return refuse('NO_BASE_CALLS', calls.fault);

  const spacing = readFloat(find('SPAC', 1));
  return {
    ok: true,
    trace: {
      channels: channels.value,
      points,
      ...calls.value,
      rawMaximum: readRawMaximum(find),
      signalToNoise: readSignalToNoise(find, order.value),
      spacing: spacing !== null && Number.isFinite(spacing) && spacing > 0 ? spacing : null,
      origin,
    },
  };
}

/**
 * Files that are no capillary read (nanopore consensus, drawings of a sequence) have none of these; re-written
 * capillary files lack some. A tag counts by being there: a run date of 0/0/0 is one.
 */
function isCapillary(find: FindTag): boolean {
  const capillaryTags = [
    ['DATA', 1],
    ['DATA', 2],
    ['DATA', 3],
    ['DATA', 4],
    ['RUND', 1],
    ['MODL', 1],
    ['HCFG', 3],
  ] as const;
  return capillaryTags.some(([name, number]) => find(name, number) !== null);
}
