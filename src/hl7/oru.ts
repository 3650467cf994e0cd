import type { Draft } from './draft.ts';
import { messageHeader, software } from './header.ts';
import type { Segment } from './message.ts';
import { observations } from './observations.ts';
import { commonOrder, observationRequest } from './order.ts';
import { patientIdentification } from './patient.ts';
import { specimen } from './specimen.ts';

/** ORU^R01: the result by its order, the specimen at the end. */
export function oruSegments(draft: Draft): readonly Segment[] {
  return [
    messageHeader(draft, ['ORU', 'R01', 'ORU_R01']),
    ...software(draft),
    patientIdentification(draft),
    commonOrder(draft, 'RE'),
    observationRequest(draft),
    ...observations(draft),
    specimen(draft),
  ];
}
