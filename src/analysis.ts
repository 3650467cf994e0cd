import { createHash } from 'node:crypto';
import type { Assay } from './config/assay.ts';
import type { ClonalityScore, Evidence } from './clonality/score.ts';
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
}

/** An analysis with what a picture of it needs. */
export interface Analysed {
  readonly analysis: Analysis;
  readonly trace: Trace | null;
  readonly evidence: Evidence | null;
}

/** An assay and the hash of all that it says. */
export interface Method {
  readonly assay: Assay;
  readonly parameters: string;
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
  return { analysis: { ...about, origin: read.trace.origin, ...score }, trace: read.trace, evidence };
}
