import { createHash } from 'node:crypto';
import type { Assay } from './config/assay.ts';
import type { ClonalityScore, Evidence } from './clonality/score.ts';
import { calibrate, type CalibrationTable } from './clonality/calibration.ts';
import { scoreTrace } from './clonality/score-trace.ts';
import { readTrace } from './trace/read.ts';
import type { Origin, Trace } from './trace/trace.ts';

/** The immutable record of scoring one file with one algorithm version and one set of parameters. */
export interface Analysis extends ClonalityScore {
  /** SHA-256 of the file's content, hex. */
  readonly sha256: string;
  /** Id of the assay. */
  readonly assay: string;
  /** SHA-256 of every parameter that judged the trace, hex. */
  readonly parameters: string;
  /** Null where the file could not be read far enough to tell. */
  readonly origin: Origin | null;
  /**
   * Where a site's calibration was applied: its hash, and what the estimator itself said. `cvRaw` and `cvInterval`
   * are the calibrated ones then.
   */
  readonly calibration: Calibrated | null;
}

export interface Calibrated {
  /** SHA-256 of the table, hex. */
  readonly hash: string;
  readonly uncalibrated: { readonly cvRaw: number; readonly cvInterval: readonly [number, number] };
}

/** An analysis with what a picture of it needs. */
export interface Analysed {
  readonly analysis: Analysis;
  readonly trace: Trace | null;
  /** Gathered when asked for: few traces are drawn. */
  readonly evidence: (() => Evidence) | null;
}

/** A site's own table from our value to that of the method it wants to agree with. */
export interface Calibration {
  readonly table: CalibrationTable;
  /** SHA-256 of the table, hex. */
  readonly hash: string;
}

/** An assay and the hash of all that it says; a calibration where the site has one. */
export interface Method {
  readonly assay: Assay;
  readonly parameters: string;
  readonly calibration: Calibration | null;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One file from bytes to analysis. Pure and total: any bytes give an analysis, never an exception. */
export function analyse(bytes: Uint8Array, method: Method, hash = sha256(bytes)): Analysed {
  const about = { sha256: hash, assay: method.assay.id, parameters: method.parameters };
  const read = readTrace(bytes);
  if (!read.ok) {
    const analysis: Analysis = {
      ...about,
      origin: read.origin,
      calibration: null,
      status: 'fail',
      cvRaw: null,
      cvInterval: null,
      reasons: [read.reason],
      estimator: method.assay.estimator.id,
      junction: null,
      quality: { anchorScore: null, anchorShare: null, hostBases: null, hostToAnchor: null },
      alternatives: {},
    };
    return { analysis, trace: null, evidence: null };
  }
  const { score, evidence } = scoreTrace(read.trace, method.assay);
  const analysis = { ...about, origin: read.trace.origin, ...calibrated(score, method.calibration) };
  return { analysis, trace: read.trace, evidence };
}

function calibrated(
  score: ClonalityScore,
  calibration: Calibration | null,
): ClonalityScore & Pick<Analysis, 'calibration'> {
  const { cvRaw, cvInterval } = score;
  if (calibration === null || cvRaw === null || cvInterval === null) return { ...score, calibration: null };
  const { table, hash } = calibration;
  return {
    ...score,
    cvRaw: calibrate(table, cvRaw),
    cvInterval: [calibrate(table, cvInterval[0]), calibrate(table, cvInterval[1])],
    calibration: { hash, uncalibrated: { cvRaw, cvInterval } },
  };
}
