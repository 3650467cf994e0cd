import { z } from 'zod';

const bases = z.string().regex(/^[ACGT]+$/, 'must consist of A, C, G and T only');
const share = z.number().min(0).max(1);
const count = z.int().positive();

const search = z.strictObject({
  bases: count.default(40).describe('LTR bases, counted from the junction, by which the LTR is found.'),
  reach: count
    .default(100)
    .describe('LTR bases, counted from the junction, that may serve as the reference of the trace.'),
  floor: share
    .default(0.05)
    .describe('Added to the share of the expected base before its logarithm is taken, share.'),
  chance: share
    .default(0.3)
    .describe('Share of the expected base, floor included, at which a position says nothing, share.'),
  gap: z
    .number()
    .negative()
    .default(-1.6)
    .describe('Score of one base too many or too few in the calls, natural log units.'),
  mismatch: share
    .default(0.3)
    .describe(
      'An LTR position whose expected base has less than this share is taken for a strain variant and left out of the reference, share.',
    ),
});

const grid = z.strictObject({
  stepBases: count.default(4).describe('Distance at which the phase of the signal is measured, bases.'),
  halfWidthBases: z
    .number()
    .positive()
    .default(6)
    .describe('Half width of the Hann window over which one phase is measured, bases.'),
  gain: share.default(0.6).describe('Part of a measured phase error that is corrected, 0-1.'),
  drift: share.default(0.1).describe('Part of a measured phase error that corrects the spacing, 0-1.'),
  maxStep: share.default(0.2).describe('Largest phase correction in one step, bases.'),
  readHalfWidth: share
    .default(0.1)
    .describe('A base is read as the mean of the signal this far to both sides of its grid point, bases.'),
  baseline: share
    .default(0.02)
    .describe(
      'Lower quartile of the empty channels under a quarter of the LTR, over its mean peak, above which a baseline is subtracted, ratio.',
    ),
  hostBaseline: share
    .default(0.03)
    .describe(
      'Level under all four channels of the host, over the mean LTR peak, above which a baseline is subtracted, ratio.',
    ),
  valley: share
    .default(0.35)
    .describe(
      'What small peaks of a channel leave half-way between them, over their height; real traces show 0.2-0.5, and a background about 1, ratio.',
    ),
  pedestal: share
    .default(0.2)
    .describe(
      'Height of the valleys between bases, over the mean LTR peak, that marks a dye blob where it lasts for nine bases, ratio.',
    ),
});

const window = z.strictObject({
  start: z
    .int()
    .min(0)
    .default(4)
    .describe('Host bases left out after the junction: one LTR base inside would look clonal, bases.'),
  bases: count.default(120).describe('Longest window, bases.'),
  fail: count.default(20).describe('A window shorter than this has no value, bases.'),
  review: count.default(30).describe('A window shorter than this is reviewed, bases.'),
  collapse: share
    .default(0.25)
    .describe('The window ends where the signal falls below this part of the LTR signal, ratio.'),
  fade: share
    .default(0.85)
    .describe('Height of the last over the first 40 bases below which the window is shortened, ratio.'),
  fadedBases: count.default(60).describe('Length of the window where the signal fades, bases.'),
  runBases: count
    .default(12)
    .describe('The window ends at a run of one and the same dominant base of this length (poly-A/T), bases.'),
});

const gates = z.strictObject({
  anchorScore: z
    .number()
    .default(0.6)
    .describe('Least mean score of the LTR alignment, natural log units a base.'),
  anchorShareFail: share
    .default(0.8)
    .describe('Least mean share of the expected base over the LTR; below it there is no value, share.'),
  anchorShareReview: share.default(0.87).describe('As before; below it the trace is reviewed, share.'),
  noiseFail: share
    .default(0.15)
    .describe('SD of the noise under the LTR, over its mean peak, above which there is no value, ratio.'),
  noiseReview: share
    .default(0.12)
    .describe('SD of the noise under the LTR, over its mean peak, above which the trace is reviewed, ratio.'),
  anchorBases: count.default(30).describe('Least number of LTR positions that agree with the anchor, bases.'),
  hostToAnchorFail: z
    .number()
    .positive()
    .default(0.2)
    .describe('Host over LTR signal height below which there is no host signal, ratio.'),
  hostToAnchorLow: z
    .number()
    .positive()
    .default(0.6)
    .describe('Host over LTR signal height below which the trace is reviewed, ratio.'),
  hostToAnchorHigh: z
    .number()
    .positive()
    .default(1.8)
    .describe('Host over LTR signal height above which the trace is reviewed, ratio.'),
  halves: share
    .default(0.12)
    .describe('Difference of the values of both window halves above which the trace is reviewed, share.'),
  disagreement: share
    .default(0.15)
    .describe('Difference from the second estimator above which the trace is reviewed, share.'),
  rawMaximum: count
    .default(32_000)
    .describe('Raw detector value at or above which the trace counts as saturated, instrument units.'),
  signalToNoise: z
    .number()
    .nonnegative()
    .default(100)
    .describe("Mean of the instrument's S/N% below which the trace is reviewed, instrument units."),
  templateNamed: share
    .default(0.06)
    .describe('Share of a known template above which it is subtracted and named, share.'),
  templateReview: share
    .default(0.25)
    .describe('Share of a known template above which the trace is reviewed, share.'),
  stutterFrom: share
    .default(0.12)
    .describe('Part of the leading clone one base early in the host from which it is put back, ratio.'),
  stutterTo: share.default(0.3).describe('Part above which it is no stutter but a clone of its own, ratio.'),
  templateRun: share
    .default(0.1)
    .describe('As templateNamed, for templates of one base alone, which composition can imitate, share.'),
  twinRatio: share
    .default(0.75)
    .describe(
      'Second largest over largest clone from which both may be one cell with two proviruses, ratio.',
    ),
  twinTotal: share.default(0.6).describe('Least share of the two together for that remark, share.'),
});

const estimator = z.strictObject({
  id: z.string().min(1).default('raising-open/2').describe('Name and version of the estimator.'),
  heightSd: z
    .number()
    .positive()
    .default(0.27)
    .describe('Usual relative SD of the peak heights of one template, ratio.'),
  heightInertia: z
    .number()
    .nonnegative()
    .default(40)
    .describe("Weight of `heightSd` against the trace's own LTR peaks, peaks."),
  heightSkew: z
    .number()
    .nonnegative()
    .default(0.6)
    .describe('Skewness of the peak heights of one template, no unit.'),
  background: share
    .default(0.005)
    .describe(
      'Usual level of an empty channel over the peak beside it in clean traces; what the LTR shows above it is noise that was cut off at zero, ratio.',
    ),
  floorSd: share.default(0.012).describe('Least SD of an empty channel, over the mean LTR peak, ratio.'),
  floorFactor: z
    .number()
    .positive()
    .default(1.2)
    .describe('Factor on the variance of empty channels: the host is a little less regular than the LTR.'),
  outlierDensity: z
    .number()
    .positive()
    .default(0.01)
    .describe(
      'Probability density of a position that no mixture explains, per unit of height to the fourth.',
    ),
  prior: z
    .strictObject({
      logShareSd: z.number().positive().default(4).describe('SD of the logarithm of a share over the rest.'),
      restClones: z
        .number()
        .positive()
        .default(12)
        .describe('Centre of the effective number of clones in the rest, clones.'),
      logRestClonesSd: z.number().positive().default(1.2).describe('SD of the logarithm of that number.'),
    })
    .prefault({})
    .describe('Weak prior that keeps parameters from running away that the trace does not determine.'),
  lump: share
    .default(0.05)
    .describe('A further clone is looked for where the clones of the rest have this share each, share.'),
  firstCloneCost: z
    .number()
    .nonnegative()
    .default(3)
    .describe('Log-likelihood that a first clone of its own must gain, natural log units.'),
  templateCost: z
    .number()
    .nonnegative()
    .default(6)
    .describe(
      'Log-likelihood that it must gain besides where a known template is present: the scatter of the rest is known less well then, natural log units.',
    ),
  cloneCost: z
    .number()
    .nonnegative()
    .default(3)
    .describe('Log-likelihood that each group of clones of one share must gain, natural log units.'),
  restLargest: z
    .number()
    .positive()
    .default(1.5)
    .describe('Largest over mean share where no clone stands out, ratio.'),
  widen: z
    .number()
    .positive()
    .default(1.6)
    .describe('Factor on the standard error, set so that intervals cover what they say.'),
  fadeError: share
    .default(0.04)
    .describe('Standard error that is added where the window was shortened because the signal fades, share.'),
  templateError: share
    .default(0.02)
    .describe('Standard error that is added where a known template was found and removed, share.'),
  leastError: share.default(0.023).describe('Standard error that remains however long the window is, share.'),
});

/**
 * One provirus assay as data: the end of its LTR, known templates, gates, window and estimator. Each
 * parameter states its unit; sources are in the comments of config/assays/htlv1.yaml and in docs/method.md.
 */
export const assaySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,20}$/, 'must be 1 to 20 small letters, digits or hyphens'),
  anchor: bases
    .min(45, 'must have at least 45 bases')
    .describe('End of the LTR, 5 prime to 3 prime, up to the last base before the junction.'),
  knownTemplates: z
    .array(z.strictObject({ name: z.string().trim().min(1), sequence: bases.min(15) }))
    .default([])
    .describe('Templates that can follow the LTR without being host genome, from the junction on.'),
  search: search.prefault({}),
  grid: grid.prefault({}),
  window: window.prefault({}),
  gates: gates.prefault({}),
  estimator: estimator.prefault({}),
});
export type Assay = z.output<typeof assaySchema>;
