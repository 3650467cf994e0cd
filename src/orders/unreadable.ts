import type { Problem } from '../store/inbox.ts';

/** HL7 table 0357, as far as it is answered here. */
export const PROBLEM_CODES = {
  segmentSequence: '100',
  fieldMissing: '101',
  dataType: '102',
  unknownValue: '103',
  unsupportedType: '200',
  unsupportedEvent: '201',
  unsupportedProcessing: '202',
  unsupportedVersion: '203',
  internal: '207',
} as const;

/** Ends the reading of a message that cannot be taken; caught in interpret.ts, which is where AE comes from. */
export class Unreadable extends Error {
  readonly problem: Problem;

  /** @param text what is wrong and what to do; never what the field holds */
  constructor(code: keyof typeof PROBLEM_CODES, text: string, place: string | null) {
    super(place === null ? text : `${place}: ${text}`);
    this.name = 'Unreadable';
    this.problem = { code: PROBLEM_CODES[code], text, place };
  }
}
