import type { Draft } from './draft.ts';
import { messageHeader, software } from './header.ts';
import type { Segment } from './message.ts';
import { observations } from './observations.ts';
import { commonOrder, observationRequest } from './order.ts';
import { patientIdentification } from './patient.ts';
import { container, specimen } from './specimen.ts';

/** OUL^R22: the specimen first, then its order and results; ORC stands behind OBR. */
export function oulSegments(draft: Draft): readonly Segment[] {
  return [
    messageHeader(draft, ['OUL', 'R22', 'OUL_R22']),
    ...software(draft),
    patientIdentification(draft),
    specimen(draft),
    ...container(draft),
    observationRequest(draft),
    commonOrder(draft, 'SC'),
    ...observations(draft),
  ];
}
