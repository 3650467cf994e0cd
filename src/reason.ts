/**
 * Every code with which the program says why a trace has no value, needs a person, or is reported with a
 * remark. People filter on these: add freely, change none (docs/method.md explains each in words).
 */
export const REASON_CODES = {
  // the file
  NOT_ABIF: 'The file is not an ABIF trace file',
  INCOMPLETE_FILE: 'The file ends before its directory does, or parts of it were never written',
  FILE_TOO_LARGE: 'The file is larger than the configured limit',
  NO_PROCESSED_SIGNAL: 'The four processed channels or their base order are missing or unusable',
  NO_BASE_CALLS: 'The base calls or their positions are missing or unusable',
  NOT_CAPILLARY: 'The file lacks the raw data, run date or model of a capillary instrument',
  ANALYSIS_FAILED: 'The program itself failed on this file; please report it',
  // the trace
  ANCHOR_NOT_FOUND: 'The end of the LTR was not found in the signal',
  NOISY_ANCHOR: 'The LTR itself is not clean enough to measure against',
  HOST_TOO_SHORT: 'Too few host bases after the junction',
  LOW_SIGNAL: 'The signal is too weak against its noise',
  HEIGHT_STEP: 'Host and LTR signal differ too much in height',
  SATURATED: 'The detector was saturated in the analysed region',
  REGISTER_DRIFT: 'The value changes along the window, as when the reading frame slips',
  ESTIMATORS_DISAGREE: 'Two independent estimates of the clonality disagree',
  KNOWN_TEMPLATE: 'A known template that is not host genome follows the LTR',
  POSSIBLE_TWO_CLONES: 'Two near-equal components: Cv may understate clonality',
  // the report
  BORDERLINE: 'The 90 % interval of Cv crosses a cut-off',
  NO_ACCESSION: 'Neither sample name nor file name holds an accession',
  ACCESSION_MISMATCH: 'Sample name and file name hold different accessions',
  NO_ORDER: 'No order is known for the accession',
  CONTRADICTING_SOURCES: 'The sources of orders contradict each other about the patient or sIL-2R',
  AMBIGUOUS_ORDER: 'More than one open order is known for the accession',
  ORDER_CANCELLED: 'The order was cancelled',
  REANALYSED: 'The instrument wrote this injection again with other content',
  REPEAT_INJECTION: 'Another injection of this accession has already been scored',
  CONTROL_FAILED: 'A control of the same run failed',
  CONTROL_MISSING: 'A control that is required has not been seen in the run',
  FIRST_R4: 'The first time that this patient is in region R4',
  DELTA: "Tier or region differ from the patient's last report",
  PATIENT_CHANGED: 'The accession of a result that was sent now belongs to another patient',
  WRONG_PATIENT: 'The result was sent for the wrong patient and is withdrawn',
  SIL2R_NEAR_CUTOFF: 'sIL-2R lies near its cut-off',
  SIL2R_TOO_OLD: 'The sIL-2R that is known is too old or undated, and was not used',
  SIL2R_WITHDRAWN: 'The sIL-2R on which a result that was sent stands is not known any more',
  AWAITING_SIL2R: 'The result waits for sIL-2R',
  CLOCK_OFF: "The instrument's clock is off",
  STALE_WORKLIST: 'The worklists could not be read for a long time',
  RESTORED: 'The trace is from before a restore of the database: it may have been reported already',
  HOLD_ALL: 'Every result waits for a person, as configured',
  REJECTED: 'A person decided that the trace gives no result',
  CANNOT_ENCODE: 'The message cannot be written in the character set of the destination',
} as const;

export type ReasonCode = keyof typeof REASON_CODES;

/** Why, in a form for programs (`code`) and with the values that led there (`detail`), for people. */
export interface Reason {
  readonly code: ReasonCode;
  readonly detail: string;
}
