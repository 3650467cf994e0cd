import type { Analysis } from '../analysis.ts';
import type { Cutoffs } from '../config/schema.ts';
import { en } from '../language/en.ts';
import type { Words } from '../language/words.ts';
import { remarks } from '../release/rules.ts';
import { classify, type Risk } from '../risk/classify.ts';

/** One scored file, without any context: a tier can be told, a region cannot. */
export interface Scored {
  /** The path as given. */
  readonly file: string;
  readonly analysis: Analysis;
  readonly cutoffs: Cutoffs;
}

/** The object of `score --json`; its names are a contract (docs/method.md). */
export function toScoreJson(scored: Scored): object {
  const { analysis } = scored;
  const risk = riskOf(scored);
  const { cvRaw, cvInterval } = analysis;
  return {
    file: scored.file,
    sha256: analysis.sha256,
    assay: analysis.assay,
    sample: analysis.origin?.sample ?? null,
    status: analysis.status,
    cv: risk?.cv ?? null,
    cvRaw: cvRaw === null ? null : rounded(cvRaw),
    cvInterval: cvInterval === null ? null : cvInterval.map(rounded),
    tier: risk?.tier ?? null,
    reasons: risk === null ? analysis.reasons : remarks(analysis, risk),
    estimator: analysis.estimator,
    parameters: analysis.parameters.slice(0, 12),
    calibration: calibrationJson(analysis),
    junction: analysis.junction,
    quality: Object.fromEntries(
      Object.entries(analysis.quality).map(([name, value]) => [name, value === null ? null : rounded(value)]),
    ),
    alternatives: Object.fromEntries(
      Object.entries(analysis.alternatives).map(([name, value]) => [name, rounded(value)]),
    ),
  };
}

/** Such as `Cv 0.73 (90 % interval 0.69-0.77), tier high, pass`. */
export function verdictOf(scored: Scored, { score, statuses, tiers }: Words = en): string {
  const { status, cvInterval } = scored.analysis;
  const risk = riskOf(scored);
  if (risk === null || cvInterval === null) return score.noCv(statuses[status]);
  const [low, high] = cvInterval;
  const { cv, tier } = risk;
  return score.verdict(cv.toFixed(2), low.toFixed(2), high.toFixed(2), tiers[tier], statuses[status]);
}

/** What a person reads: the verdict on one line, each reason on one below it. */
export function toScoreLines(scored: Scored, picture: string | null, words: Words): string {
  const { analysis } = scored;
  const risk = riskOf(scored);
  const reasons = risk === null ? analysis.reasons : remarks(analysis, risk);
  const sample = analysis.origin?.sample ?? words.score.noSample;
  return [
    `${scored.file}  ${sample}  ${verdictOf(scored, words)}`,
    ...reasons.map(({ code, detail }) => `    ${code}: ${detail}`),
    ...(picture === null ? [] : [words.score.picture(picture)]),
    '',
  ].join('\n');
}

function calibrationJson({ calibration }: Analysis): object | null {
  if (calibration === null) return null;
  const { cvRaw, cvInterval } = calibration.uncalibrated;
  return {
    hash: calibration.hash,
    cvUncalibrated: rounded(cvRaw),
    cvIntervalUncalibrated: cvInterval.map(rounded),
  };
}

function riskOf({ analysis, cutoffs }: Scored): Risk | null {
  if (analysis.cvRaw === null || analysis.cvInterval === null) return null;
  return classify(analysis.cvRaw, analysis.cvInterval, { category: 'unknown', sil2r: null }, cutoffs);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
