import type { Cutoffs } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import type { Reason } from '../reason.ts';
import type { Risk } from '../risk/classify.ts';
import type { Correction } from '../risk/comment.ts';
import type { Origin } from '../trace/trace.ts';

/** P preliminary, F final, C correction of a final one, X no result can be had. (HL7 tables 0085 and 0123.) */
export type ReportStatus = 'P' | 'F' | 'C' | 'X';

/** All that a message says, before any wire format. */
export interface Report {
  readonly status: ReportStatus;
  /** OBR-3, the result's permanent key. */
  readonly resultKey: string;
  readonly context: Context;
  /** Null when and only when status is X. */
  readonly risk: Risk | null;
  /** 90 % interval of the unrounded Cv; null with `risk`. */
  readonly interval: readonly [number, number] | null;
  /** Why there is no value, sent as CVQC; at least one when status is X, not looked at otherwise. */
  readonly reasons: readonly Reason[];
  /** What was said before; null unless status is C, or X that withdraws it. */
  readonly corrects: Correction | null;
  readonly cutoffs: Cutoffs;
  /** First 12 hex digits of the hash of the cut-offs. */
  readonly cutoffsVersion: string;
  /** Name and version of the estimator. */
  readonly estimator: string;
  /** First 12 hex digits of the hash of all parameters. */
  readonly parameters: string;
  readonly origin: Origin | null;
  /** The trace as PNG; null where there is no picture. */
  readonly picture: Uint8Array | null;
  readonly analysedAt: Date;
  /** OBR-22: strictly later than that of any version reported before. */
  readonly reportedAt: Date;
  /** OBX-16: AUTO, or who released it. */
  readonly responsible: string;
  /** Comment lines, already in the site's language. */
  readonly notes: readonly string[];
}

/** What identifies one message; made in the transaction that records it. */
export interface Envelope {
  /** MSH-10. */
  readonly controlId: string;
  /** MSH-7. */
  readonly createdAt: Date;
  /** Version of this program, and its build where known. */
  readonly software: { readonly version: string; readonly build: string };
}
