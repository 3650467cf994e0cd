import type { Draft } from './draft.ts';
import { buildMessage } from './message.ts';
import { oruSegments } from './oru.ts';
import { oulSegments } from './oul.ts';
import type { MessageOptions } from './profiles.ts';
import type { Envelope, Report } from './report.ts';
import { hl7Stamps } from './time.ts';

/**
 * One result as the text of one message (docs/hl7.md).
 *
 * The same report, envelope and options give the same text.
 * @throws Error that names the field where a value cannot be written, or where the report contradicts itself
 */
export function buildReport(
  report: Report,
  envelope: Envelope,
  options: MessageOptions,
  site: { readonly facility: string; readonly timeZone: string },
): string {
  refuseContradiction(report);
  const stamps = hl7Stamps(site.timeZone, options.offset);
  const facility = options.sendingFacility ?? site.facility;
  const draft: Draft = { report, envelope, options, facility, stamps };
  switch (options.structure) {
    case 'ORU_R01':
      return buildMessage(oruSegments(draft));
    case 'OUL_R22':
      return buildMessage(oulSegments(draft));
  }
}

function refuseContradiction({ status, risk, reasons, corrects, resultKey }: Report): void {
  const about = `result ${resultKey}`;
  if ((status === 'X') !== (risk === null)) {
    throw new Error(`${about}: status ${status} and Cv ${risk?.cv ?? 'none'}`);
  }
  if (status === 'X' && reasons.length === 0) throw new Error(`${about}: status X needs a reason`);
  if (status === 'C' ? corrects === null : corrects !== null && status !== 'X') {
    throw new Error(`${about}: status C says what it corrects, X may, and no other does`);
  }
}
