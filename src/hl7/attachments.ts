import { coded, type LocalCode } from './codes.ts';
import { NAMESPACE } from './header.ts';
import type { Observation, ObservationStatus } from './observation.ts';
import type { MessageOptions } from './profiles.ts';
import type { Report } from './report.ts';
import { reportPdf } from './report-pdf.ts';

/** The picture of the trace and the page for people, where they are wanted, not too large, and there is a value. */
export function attachments(
  report: Report,
  options: MessageOptions,
  facility: string,
): readonly Observation[] {
  const { risk, picture, status } = report;
  if (risk === null) return [];
  const fits = (data: Uint8Array): boolean => data.length <= options.largestAttachment;
  const list: Observation[] = [];
  if (options.picture && picture !== null && fits(picture)) {
    // The trace is the same one: a correction changes what was made of it.
    list.push(encapsulated('CVTRACE', 'IM', 'PNG', picture, status === 'C' ? 'F' : status, options));
  }
  const page = options.pdf ? reportPdf(report, facility) : null;
  if (page !== null && fits(page)) list.push(encapsulated('CVREPORT', 'AP', 'PDF', page, status, options));
  return list;
}

/**
 * Data in a field (ED): who has made it, what it is, in base64.
 * @param type HL7 table 0191: IM an image, AP data of another application
 */
function encapsulated(
  code: LocalCode,
  type: 'IM' | 'AP',
  format: 'PNG' | 'PDF',
  data: Uint8Array,
  status: ObservationStatus,
  options: MessageOptions,
): Observation {
  const base64 = Buffer.from(data).toString('base64');
  return {
    type: 'ED',
    code: coded(code, options.codes),
    value: [NAMESPACE, type, format, 'Base64', base64],
    status,
  };
}
