import { z } from 'zod';
import type { Calibration } from '../analysis.ts';
import type { Fault } from './faults.ts';
import { readYamlFile } from './read.ts';
import { name } from './values.ts';
import { hashOf } from './version.ts';

const share = z.number().min(0).max(1);
const error = z.number().min(-1).max(1);

/** What `raisingd calibrate` writes: a rising table, with what it was fitted on. */
export const calibrationSchema = z.strictObject({
  assay: name.describe('Id of the assay whose values were paired.'),
  estimator: name.describe('Estimator that gave them.'),
  pairs: z.int().min(10).describe('How many samples were measured twice.'),
  rmseBefore: error.describe('Root mean square of ours less theirs.'),
  rmseAfter: error.describe('Root mean square of what the table leaves, on the same pairs.'),
  biasBefore: error.describe('Mean of ours less theirs.'),
  table: z
    .array(z.tuple([share, share]))
    .min(1)
    .refine((points) => points.every(([x, y], i) => rises(points[i - 1], x, y)), {
      error: 'must rise: our values from point to point, theirs never falling',
    })
    .describe('Points [ours, theirs]; linear between them.'),
});

export type CalibrationFile = z.output<typeof calibrationSchema>;

export type LoadedCalibration =
  | { readonly ok: true; readonly calibration: Calibration }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Reads a calibration and refuses one that was fitted for another assay or estimator. */
export function loadCalibration(
  file: string,
  assay: { readonly id: string; readonly estimator: { readonly id: string } },
): LoadedCalibration {
  const read = readYamlFile(file, calibrationSchema);
  if (read.value === null) return { ok: false, faults: read.faults };
  const { table, ...about } = read.value;
  const fitted = `${about.assay}, ${about.estimator}`;
  const used = `${assay.id}, ${assay.estimator.id}`;
  if (fitted !== used) {
    const message = `was fitted for ${fitted}, and the assay is ${used}`;
    const remedy = 'Pair values of this assay and estimator, and fit again (raisingd calibrate).';
    return { ok: false, faults: [{ path: file, message, value: null, remedy, file, place: null }] };
  }
  return { ok: true, calibration: { table, hash: hashOf(table) } };
}

function rises(before: readonly [number, number] | undefined, x: number, y: number): boolean {
  return before === undefined || (before[0] < x && before[1] <= y);
}
