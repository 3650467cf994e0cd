/** The four bases in the order in which every per-base array of this program is written. */
export const BASES = ['A', 'C', 'G', 'T'] as const;
export type Base = (typeof BASES)[number];

/** Four equally long signals, one for each base, in the order A, C, G, T. Arbitrary fluorescence units. */
export type Channels = readonly [Int16Array, Int16Array, Int16Array, Int16Array];

/** One Sanger read as the instrument wrote it: what the ABIF file says, nothing inferred. */
export interface Trace {
  /** Processed signal (`DATA9-12` put in A, C, G, T order by `FWO_1`), each of `points` samples. */
  readonly channels: Channels;
  /** Length of every processed channel, in scan points. */
  readonly points: number;
  /** The instrument's calls, upper case, IUPAC letters and N; as long as `peaks`. May be empty. */
  readonly calls: string;
  /** Scan point of each call's peak (`PLOC`), never falling, within the channels. */
  readonly peaks: Int32Array;
  /** Highest raw detector value (`DATA1-4`) inside the analysed region; null where there are no raw data. */
  readonly rawMaximum: number | null;
  /** `S/N%1` in A, C, G, T order; null where absent. */
  readonly signalToNoise: readonly [number, number, number, number] | null;
  /** `SPAC1`, scan points a base; null where absent or not a finite positive number. It can be wrong. */
  readonly spacing: number | null;
  readonly origin: Origin;
}

/** Where and when a trace was made, by the file's own tags; every text has control characters removed. */
export interface Origin {
  /** `SMPL1`: the name that the operator gave the sample. */
  readonly sample: string | null;
  /** `RunN1`. */
  readonly run: string | null;
  /** `InjN1`. */
  readonly injection: string | null;
  /** `TUBE1`, such as A01. */
  readonly well: string | null;
  /** `CTNM1`: the plate's name or barcode. */
  readonly plate: string | null;
  /** `LANE1`: the capillary. */
  readonly lane: number | null;
  /** `RUND1/RUNT1` in the instrument's own wall-clock time, `YYYY-MM-DDTHH:MM:SS`, no zone; null where zero. */
  readonly startedAt: string | null;
  /** `RUND2/RUNT2`, likewise. */
  readonly endedAt: string | null;
  /** `HCFG3`, else `MODL1` (which lies on some instruments). */
  readonly model: string | null;
  /** Serial number from `HCFG4`, else `MCHN1`. */
  readonly serial: string | null;
  /** First 16 hex digits of the SHA-256 of `DATA1`: a re-analysis never changes the raw data. Null where absent. */
  readonly rawDigest: string | null;
}

/**
 * Identity of one injection: the same for a file and for its re-analysis, which has another SHA-256.
 * Null where the file does not say enough to tell two injections apart.
 */
export function injectionKey(origin: Origin): string | null {
  if (origin.run === null || origin.startedAt === null) return null;
  const parts = [origin.run, origin.injection, origin.well, origin.lane, origin.startedAt, origin.rawDigest];
  return JSON.stringify(parts);
}
