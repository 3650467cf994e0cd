import { coded } from './codes.ts';
import type { Draft } from './draft.ts';
import { NAMESPACE } from './header.ts';
import type { Occurrence, Segment } from './message.ts';

/**
 * ORC.
 * @param control ORC-1: RE observations follow, SC the status has changed
 */
export function commonOrder(draft: Draft, control: 'RE' | 'SC'): Segment {
  const { report, options, stamps } = draft;
  const state = report.status === 'P' ? 'IP' : 'CM';
  if (options.workOrder) return { id: 'ORC', fields: { 1: control, 5: state } };
  return {
    id: 'ORC',
    fields: { 1: control, 2: order(draft), 3: key(draft), 5: state, 9: stamps.moment(report.reportedAt) },
  };
}

export function observationRequest(draft: Draft): Segment {
  const { report, options, stamps } = draft;
  const { order: placed, collected } = report.context;
  const identity = { 1: '1', 2: order(draft), 3: key(draft), 4: coded('HTLV1CLON', options.codes) };
  if (options.workOrder) {
    return { id: 'OBR', fields: identity, ...(placed === null ? { nulls: [2] } : {}) };
  }
  return {
    id: 'OBR',
    fields: {
      ...identity,
      7: collected === null ? '' : stamps.local(collected, 'OBR-7'),
      22: stamps.moment(report.reportedAt),
      24: 'VR',
      25: report.status,
    },
  };
}

/** OBR-2: the LIS's order, where there is one. */
function order({ report, options }: Draft): Occurrence {
  const { order: number } = report.context;
  return number === null ? '' : [number, options.receivingApplication];
}

/** OBR-3: our result. */
function key({ report }: Draft): Occurrence {
  return [report.resultKey, NAMESPACE];
}
