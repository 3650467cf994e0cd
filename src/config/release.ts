import { z } from 'zod';
import { pattern } from './values.ts';

/** hold: a person decides. report: sent, and said in a comment. off: not looked at. */
const rule = (preset: 'hold' | 'report' | 'off', description: string) =>
  z.enum(['hold', 'report', 'off']).default(preset).describe(description);

const rules = z.strictObject({
  QUALITY_REVIEW: rule('hold', 'The trace itself is doubtful (status review).'),
  BORDERLINE: rule('report', 'The 90 % interval of Cv crosses a cut-off; the comment names both tiers.'),
  POSSIBLE_TWO_CLONES: rule('report', 'Two near-equal components: Cv may understate clonality.'),
  NO_ORDER: rule('hold', 'A source of orders is configured and knows none for the accession.'),
  AMBIGUOUS_ORDER: rule('hold', 'More than one open order is known for the accession.'),
  ORDER_CANCELLED: rule('hold', 'The order was cancelled.'),
  CONTRADICTING_SOURCES: rule('hold', 'The sources of orders contradict each other.'),
  CONTROL_FAILED: rule('hold', 'A control of the same run failed.'),
  CONTROL_MISSING: rule('hold', 'A control that controls.required names has not been seen in the run.'),
  FIRST_R4: rule('off', 'The first time that this patient is in region R4.'),
  DELTA: rule(
    'hold',
    "Tier or region differ from the patient's last report within release.delta.windowDays.",
  ),
  PATIENT_CHANGED: rule('hold', 'The accession of a result that was sent now belongs to another patient.'),
  SIL2R_NEAR_CUTOFF: rule('report', 'sIL-2R lies within release.sil2r.nearPercent of its cut-off.'),
  SIL2R_TOO_OLD: rule('report', 'The sIL-2R that is known is too old or undated, and was not used.'),
  SIL2R_WITHDRAWN: rule('hold', 'The sIL-2R on which a result that was sent stands is not known any more.'),
  CLOCK_OFF: rule('hold', 'By its own clock the run ended in the future, or before the specimen was taken.'),
  STALE_WORKLIST: rule('hold', 'The worklists have not been readable for release.staleWorklistHours.'),
  RESTORED: rule('hold', 'The trace was written before a restore of the database, which does not know it.'),
});

export type RuleCode = keyof z.output<typeof rules>;

const choice = (what: string, by: string) =>
  z
    .enum(['hold', 'newest', 'first'])
    .default('hold')
    .describe(
      `${what}: a person decides (hold), or the newest or the first counts, by ${by}; where that does not tell, a person decides.`,
    );

/** What is sent by itself, and what waits for a person. */
export const release = z.strictObject({
  mode: z
    .enum(['automatic', 'hold-all', 'shadow'])
    .default('automatic')
    .describe('hold-all: every result waits for a person. shadow: nothing is sent, only recorded.'),
  withoutSil2r: z
    .enum(['preliminary', 'wait', 'final-without-region'])
    .default('preliminary')
    .describe('What a smoldering ATL without sIL-2R gets.'),
  waitHours: z
    .number()
    .positive()
    .max(720)
    .default(48)
    .describe('Hours from scoring for which "wait" waits for sIL-2R.'),
  afterWait: z
    .enum(['preliminary', 'final-without-region'])
    .default('preliminary')
    .describe('What is sent when that time is over.'),
  reanalysed: choice('The instrument wrote the same injection again', 'the time of the file'),
  repeatInjection: choice('The same specimen was injected again', 'the start of the run'),
  rejected: z
    .enum(['nothing', 'no-result'])
    .default('nothing')
    .describe('What the LIS gets when a person rejects a result: nothing, or "no result" (OBX-11 X).'),
  rules: rules.prefault({}),
  sil2r: z
    .strictObject({
      nearPercent: z
        .number()
        .min(0)
        .max(50)
        .default(19)
        .describe('Percent of the cut-off; two assays of one hospital differed by up to 19 %.'),
    })
    .prefault({}),
  delta: z
    .strictObject({
      windowDays: z
        .number()
        .positive()
        .max(3650)
        .default(90)
        .describe('Days for which an earlier report of the patient is compared with.'),
      minCvChange: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('A change of tier with a smaller change of Cv (no unit) does not count.'),
    })
    .prefault({}),
  clockToleranceMinutes: z
    .number()
    .positive()
    .max(1440)
    .default(15)
    .describe("Minutes by which the instrument's clock may be fast."),
  staleWorklistHours: z
    .number()
    .positive()
    .max(8760)
    .default(24)
    .describe('Hours without a successful reading after which the worklists count as stale.'),
});

const kind = z.enum(['positive', 'negative']);

/** How control samples are recognised and judged. */
export const controls = z.strictObject({
  pattern: pattern
    .default('^(pos(itive)?|neg(ative)?|ntc|control|ctrl)\\d{0,2}([-_ ]|$)')
    .describe('Sample names (any case) that are controls: scored and kept, never sent.'),
  positive: z
    .strictObject({
      pattern: pattern
        .default('^pos(itive)?\\d{0,2}([-_ ]|$)')
        .describe('Controls (any case) of monoclonal DNA, such as the cell line TL-Om1.'),
      minCv: z
        .number()
        .min(0)
        .max(1)
        .default(0.9)
        .describe('Lowest reported Cv (no unit) with which a positive control passes.'),
    })
    .prefault({}),
  negative: z
    .strictObject({
      pattern: pattern
        .default('^(neg(ative)?|ntc)\\d{0,2}([-_ ]|$)')
        .describe('Controls (any case) in which no provirus is to be found.'),
      maxCv: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe(
          'Highest reported Cv (no unit) of a polyclonal negative control; without it no LTR may be found.',
        ),
    })
    .prefault({}),
  required: z
    .array(kind)
    .default([])
    .describe('Kinds of control without one of which a run is not reported (rule CONTROL_MISSING).'),
  group: z
    .enum(['run', 'plate'])
    .default('run')
    .describe('What control and patient samples share: the name of the run, or of the plate.'),
  windowHours: z
    .number()
    .positive()
    .max(8760)
    .default(48)
    .describe(
      'Hours between the starts of two traces of one name up to which they are of one run; names come again.',
    ),
  waitHours: z
    .number()
    .positive()
    .max(720)
    .default(12)
    .describe('Hours for which a result waits for the control of its run before a person is asked.'),
});

/** Whether an edit of the cut-offs takes effect by itself. */
export const approval = z
  .enum(['none', 'required'])
  .default('none')
  .describe('required: an edit only proposes, until `raisingd cutoffs apply`.');
