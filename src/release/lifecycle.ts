import { contradictionOf } from '../context/patient.ts';
import type { Context } from '../context/context.ts';
import type { Risk } from '../risk/classify.ts';
import type { Cause } from '../risk/texts.ts';

/** What the LIS has of a result: its last report. */
export interface Sent {
  /** P preliminary, F final, C corrected, X no result. */
  readonly status: 'P' | 'F' | 'C' | 'X';
  /** As it was reported; not looked at where the status is X. */
  readonly risk: Risk | null;
  readonly context: Context | null;
  readonly cutoffsVersion: string;
}

/** What a new report would say. */
export interface Sayable {
  readonly risk: Risk;
  readonly context: Context;
  readonly cutoffsVersion: string;
}

/**
 * send: a message with this status and, where it changes what a final report said, for these causes.
 * stands: the last report already says it.
 */
export type Step =
  | { readonly kind: 'send'; readonly status: 'P' | 'F' | 'C'; readonly causes: readonly Cause[] }
  | { readonly kind: 'stands' };

/**
 * The next step in a result's life.
 *
 * ```
 * nothing sent   -> P or F, as wanted
 * P              -> P again where it changes, F when it is complete
 * F, C           -> C where it changes; never back to P
 * X              -> C with the value that there is now
 * ```
 * @param wanted F where nothing is missing any more, P where sIL-2R is still to come
 */
export function nextStep(wanted: 'P' | 'F', sent: Sent | null, next: Sayable): Step {
  if (sent === null) return { kind: 'send', status: wanted, causes: [] };
  const causes = causesOf(sent, next);
  switch (sent.status) {
    case 'X':
      return { kind: 'send', status: 'C', causes };
    case 'P':
      if (wanted === 'F') return { kind: 'send', status: 'F', causes };
      return causes.length === 0 ? { kind: 'stands' } : { kind: 'send', status: 'P', causes };
    case 'F':
    case 'C':
      return causes.length === 0 ? { kind: 'stands' } : { kind: 'send', status: 'C', causes };
  }
}

/** Whether a correction also has to withdraw the last report from the patient that got it. */
export function isWrongPatient(sent: Sent | null, context: Context): boolean {
  if (sent === null || sent.status === 'X') return false;
  return contradictionOf(sent.context?.patient ?? null, context.patient) !== null;
}

/**
 * The status for one destination, which may have missed what others were sent: a correction of nothing is a first
 * report, and a first report of what it has already is a correction.
 */
export function statusFor(wanted: Sent['status'], before: Sent['status'] | null): Sent['status'] {
  if (wanted === 'X') return 'X';
  if (before === null || before === 'P') return wanted === 'C' ? 'F' : wanted;
  return 'C';
}

function causesOf(sent: Sent, next: Sayable): readonly Cause[] {
  if (sent.status === 'X') return ['replaced'];
  const [before, after] = [sent.context, next.context];
  const causes: Cause[] = [];
  const differ = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);
  if (isOtherPatient(before, after)) causes.push('patient');
  if (differ(before?.order ?? null, after.order)) causes.push('order');
  if (differ(before?.category ?? 'unknown', after.category)) causes.push('category');
  if (differ(sil2rOf(before), sil2rOf(after))) causes.push('sil2r');
  if (differ(before?.collected ?? null, after.collected)) causes.push('collected');
  if (sent.risk?.cv !== next.risk.cv) causes.push('analysis');
  const placed = sent.risk?.tier === next.risk.tier && sent.risk.region === next.risk.region;
  if (!placed && sent.cutoffsVersion !== next.cutoffsVersion) causes.push('cutoffs');
  return causes;
}

/** A name that is spelt anew is for the LIS's own master data; another person, or the first one named, is for us. */
function isOtherPatient(before: Context | null, after: Context): boolean {
  const [old, now] = [before?.patient ?? null, after.patient];
  if (contradictionOf(old, now) !== null) return true;
  return (old?.id ?? null) !== (now?.id ?? null) && now?.id != null;
}

/** In a fixed order of keys, so that it does not matter which source said it. */
function sil2rOf(context: Context | null): unknown {
  const sil2r = context?.sil2r ?? null;
  return sil2r === null ? null : [sil2r.value, sil2r.unit, sil2r.method, sil2r.date];
}
