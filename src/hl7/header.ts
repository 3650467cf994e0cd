import type { Draft } from './draft.ts';
import type { Segment } from './message.ts';

/** Namespace of what this program numbers. Not MSH-3: a result keeps its key when a site renames the sender. */
export const NAMESPACE = 'RAISINGD';

/** Receivers give the control id back as they read it: nothing in it may need an escape. HL7 2.5 has room for 20. */
const CONTROL_ID = /^[A-Za-z0-9._-]{1,20}$/;

/**
 * MSH of a message of ours.
 * @param type MSH-9 as event and structure, such as R01 and ORU_R01
 */
export function messageHeader(
  { envelope, options, facility, stamps }: Draft,
  type: readonly [message: string, event: string, structure: string],
): Segment {
  const { controlId, createdAt } = envelope;
  const [accept, application] = options.acknowledgements;
  if (!CONTROL_ID.test(controlId)) {
    throw new Error(`MSH-10: ${JSON.stringify(controlId)} must be 1 to 20 letters, digits, ".", "_" or "-"`);
  }
  return {
    id: 'MSH',
    fields: {
      3: options.sendingApplication,
      4: facility,
      5: options.receivingApplication,
      6: options.receivingFacility,
      7: stamps.moment(createdAt),
      9: type,
      10: controlId,
      11: options.processingId,
      12: options.version,
      15: accept,
      16: application,
      18: { repeat: options.msh18 },
      20: options.msh20,
      21: options.conformance,
    },
  };
}

/** SFT: what made the result, so that it can be made again. */
export function software({ envelope, report, options }: Draft): readonly Segment[] {
  if (!options.software) return [];
  const { version, build } = envelope.software;
  const judgedBy = [
    `estimator ${report.estimator}`,
    `parameters sha256:${report.parameters}`,
    `cutoffs sha256:${report.cutoffsVersion}`,
  ];
  const fields = {
    1: 'raisingd',
    2: version,
    3: 'raisingd',
    4: build === '' ? version : build,
    5: judgedBy.join('; '),
  };
  return [{ id: 'SFT', fields }];
}
