import { codedAs } from './codes.ts';
import type { Draft } from './draft.ts';
import { NAMESPACE } from './header.ts';
import type { Component, Segment } from './message.ts';

export function specimen({ report, options, stamps }: Draft): Segment {
  const { context, resultKey } = report;
  const placer: Component = [context.accession, options.receivingApplication];
  const { collected } = context;
  return {
    id: 'SPM',
    fields: {
      1: '1',
      2: options.workOrder ? [placer] : [placer, [resultKey, NAMESPACE]],
      4: codedAs('BLD', 'Whole blood', options.codes, 'HL70487'),
      11: ['P', 'Patient', 'HL70369'],
      ...(options.workOrder || collected === null ? {} : { 17: stamps.local(collected, 'SPM-17') }),
    },
  };
}

/** SAC, where the profile identifies the tube and not the specimen alone. */
export function container({ report, options }: Draft): readonly Segment[] {
  if (!options.workOrder) return [];
  return [{ id: 'SAC', fields: { 3: [report.context.accession, options.receivingApplication] } }];
}
