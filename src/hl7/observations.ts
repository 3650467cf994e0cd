import { attachments } from './attachments.ts';
import { codedAs } from './codes.ts';
import type { Draft } from './draft.ts';
import type { Field, Segment } from './message.ts';
import { observation, provenance } from './observation.ts';
import { noValue, quotedSil2r, values } from './results.ts';

/** OBX, with the comments behind the last coded one of ours; a picture and a quoted result follow them. */
export function observations({ report, options, facility, stamps }: Draft): readonly Segment[] {
  const where = provenance(report, options, stamps);
  const ours = report.risk === null ? noValue(report, options) : values(report, report.risk, options);
  const method = codedAs('RSGCV', 'open clonality estimate', options.codes);
  const segments = ours.map((one, index) => {
    const measured: Readonly<Record<number, Field>> = index === 0 ? { 17: method } : {};
    return observation(index + 1, one, options, { ...where, ...measured });
  });
  if (options.notes) {
    report.notes.forEach((note, index) => {
      segments.push({ id: 'NTE', fields: { 1: String(index + 1), 2: 'L', 3: note } });
    });
  }
  const attached = attachments(report, options, facility);
  attached.forEach((one, index) => {
    segments.push(observation(ours.length + index + 1, one, options, where));
  });
  const { sil2r } = report.context;
  if (options.sil2r && report.risk !== null && sil2r !== null) {
    const { said, where: from } = quotedSil2r(sil2r, report.cutoffs.sil2r, options, stamps);
    segments.push(observation(ours.length + attached.length + 1, said, options, from));
  }
  return segments;
}
