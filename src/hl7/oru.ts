import type { Destination } from '../config/schema.ts';
import { coded } from './codes.ts';
import { APPLICATION, messageHeader, software } from './header.ts';
import { buildMessage, type Field, type Occurrence, type Segment } from './message.ts';
import { METHOD, observation, provenance } from './observation.ts';
import { patientIdentification } from './patient.ts';
import type { Envelope, Report } from './report.ts';
import { noValue, quotedSil2r, values } from './results.ts';
import { hl7Stamps, type Stamps } from './time.ts';

type MessageOptions = Destination['message'];

/**
 * One result as ORU^R01 of HL7 v2.5.1 (docs/hl7.md).
 *
 * The same report, envelope and options give the same text.
 * @throws Error that names the field where a value cannot be written, or where the report contradicts itself
 */
export function buildOru(
  report: Report,
  envelope: Envelope,
  message: MessageOptions,
  site: { readonly facility: string; readonly timeZone: string },
): string {
  refuseContradiction(report);
  const stamps = hl7Stamps(site.timeZone, message.offset);
  return buildMessage([
    messageHeader(envelope, ['ORU', 'R01', 'ORU_R01'], message, site.facility, stamps),
    software(envelope, report),
    patientIdentification(report.context.patient, message.receivingFacility, stamps),
    commonOrder(report, message, stamps),
    observationRequest(report, message, stamps),
    ...observations(report, message, stamps),
    specimen(report, message, stamps),
  ]);
}

function refuseContradiction({ status, risk, reasons, corrects, resultKey }: Report): void {
  const about = `result ${resultKey}`;
  if ((status === 'X') !== (risk === null)) {
    throw new Error(`${about}: status ${status} and Cv ${risk?.cv ?? 'none'}`);
  }
  if (status === 'X' && reasons.length === 0) throw new Error(`${about}: status X needs a reason`);
  if ((status === 'C') !== (corrects !== null)) {
    throw new Error(`${about}: status C, and no other, says what it corrects`);
  }
}

function commonOrder(report: Report, message: MessageOptions, stamps: Stamps): Segment {
  return {
    id: 'ORC',
    fields: {
      1: 'RE',
      ...orderNumbers(report, message),
      5: report.status === 'P' ? 'IP' : 'CM',
      9: stamps.moment(report.reportedAt),
    },
  };
}

function observationRequest(report: Report, message: MessageOptions, stamps: Stamps): Segment {
  const { collected } = report.context;
  return {
    id: 'OBR',
    fields: {
      1: '1',
      ...orderNumbers(report, message),
      4: coded('HTLV1CLON', message.codes),
      7: collected === null ? '' : stamps.local(collected, 'OBR-7'),
      22: stamps.moment(report.reportedAt),
      24: 'VR',
      25: report.status,
    },
  };
}

/** ORC-2 and -3, OBR-2 and -3: the LIS's order, where there is one, and our result. */
function orderNumbers(
  { context, resultKey }: Report,
  message: MessageOptions,
): { 2: Occurrence; 3: Occurrence } {
  return {
    2: context.order === null ? '' : [context.order, message.receivingApplication],
    3: [resultKey, APPLICATION],
  };
}

/** OBX, with the comments behind the last observation of ours. */
function observations(report: Report, message: MessageOptions, stamps: Stamps): readonly Segment[] {
  const where = provenance(report, stamps);
  const ours = report.risk === null ? noValue(report, message) : values(report, report.risk, message);
  const segments = ours.map((one, index) => {
    const method: Readonly<Record<number, Field>> = index === 0 ? { 17: METHOD } : {};
    return observation(index + 1, one, { ...where, ...method });
  });
  if (message.notes) {
    report.notes.forEach((note, index) => {
      segments.push({ id: 'NTE', fields: { 1: String(index + 1), 2: 'L', 3: note } });
    });
  }
  const { sil2r } = report.context;
  if (message.sil2r && report.risk !== null && sil2r !== null) {
    const { said, where: from } = quotedSil2r(sil2r, report.cutoffs.sil2r, message, stamps);
    segments.push(observation(ours.length + 1, said, from));
  }
  return segments;
}

function specimen({ context, resultKey }: Report, message: MessageOptions, stamps: Stamps): Segment {
  return {
    id: 'SPM',
    fields: {
      1: '1',
      2: [
        [context.accession, message.receivingApplication],
        [resultKey, APPLICATION],
      ],
      4: ['BLD', 'Whole blood', 'HL70487'],
      11: ['P', 'Patient', 'HL70369'],
      17: context.collected === null ? '' : stamps.local(context.collected, 'SPM-17'),
    },
  };
}
