import type { Destination } from '../config/schema.ts';
import type { Segment } from './message.ts';
import type { Envelope, Report } from './report.ts';
import type { Stamps } from './time.ts';

/** MSH-3, and the namespace of what this program numbers. */
export const APPLICATION = 'RAISINGD';

/** Receivers give the control id back as they read it: nothing in it may need an escape. HL7 2.5 has room for 20. */
const CONTROL_ID = /^[A-Za-z0-9._-]{1,20}$/;

/**
 * MSH of a message of ours.
 * @param type MSH-9 as event and structure, such as R01 and ORU_R01
 */
export function messageHeader(
  envelope: Envelope,
  type: readonly [message: string, event: string, structure: string],
  message: Destination['message'],
  facility: string,
  stamps: Stamps,
): Segment {
  const { controlId, createdAt } = envelope;
  if (!CONTROL_ID.test(controlId)) {
    throw new Error(`MSH-10: ${JSON.stringify(controlId)} must be 1 to 20 letters, digits, ".", "_" or "-"`);
  }
  return {
    id: 'MSH',
    fields: {
      3: APPLICATION,
      4: facility,
      5: message.receivingApplication,
      6: message.receivingFacility,
      7: stamps.moment(createdAt),
      9: type,
      10: controlId,
      11: message.processingId,
      12: '2.5.1',
      18: 'UNICODE UTF-8',
    },
  };
}

/** SFT: what made the result, so that it can be made again. */
export function software({ software: { version, build } }: Envelope, report: Report): Segment {
  const judgedBy = [
    `estimator ${report.estimator}`,
    `parameters sha256:${report.parameters}`,
    `cutoffs sha256:${report.cutoffsVersion}`,
  ];
  return {
    id: 'SFT',
    fields: {
      1: 'raisingd',
      2: version,
      3: 'raisingd',
      4: build === '' ? version : build,
      5: judgedBy.join('; '),
    },
  };
}
