import type { Assay } from '../config/assay.ts';
import type { Reason } from '../reason.ts';
import type { Status } from './score.ts';
import type { FoundTemplate } from './estimate.ts';

/** What the gates look at. */
export interface Figures {
  readonly anchorScore: number;
  readonly anchorShare: number;
  readonly anchorBases: number;
  /** SD of the noise under the LTR over its mean peak. */
  readonly noise: number;
  /** Host positions used. */
  readonly hostBases: number;
  readonly hostToAnchor: number;
  /** Difference of the dominance of the two window halves. */
  readonly halves: number;
  /** Difference of the two estimators. */
  readonly disagreement: number;
  readonly rawMaximum: number | null;
  readonly signalToNoise: readonly number[] | null;
  readonly templates: readonly FoundTemplate[];
  /** Shares of the clones told apart, largest first. */
  readonly clones: readonly number[];
}

/** Passes the figures through every gate. One failure is enough to refuse a value. */
export function judge(figures: Figures, assay: Assay): { status: Status; reasons: Reason[] } {
  const { gates, window } = assay;
  const fails: Reason[] = [];
  const reviews: Reason[] = [];

  if (figures.anchorBases < gates.anchorBases) {
    fails.push({
      code: 'NOISY_ANCHOR',
      detail: `${String(figures.anchorBases)} LTR bases agree with the signal, at least ${String(gates.anchorBases)} needed`,
    });
  }
  const share = `LTR base share ${figures.anchorShare.toFixed(2)}`;
  if (figures.anchorShare < gates.anchorShareFail) {
    fails.push({
      code: 'NOISY_ANCHOR',
      detail: `${share}, at least ${gates.anchorShareFail.toFixed(2)} needed`,
    });
  } else if (figures.anchorShare < gates.anchorShareReview) {
    reviews.push({
      code: 'NOISY_ANCHOR',
      detail: `${share}, review below ${gates.anchorShareReview.toFixed(2)}`,
    });
  }

  const noise = `noise ${figures.noise.toFixed(2)} of the LTR's peak height`;
  if (figures.noise > gates.noiseFail) {
    fails.push({ code: 'NOISY_ANCHOR', detail: `${noise}, at most ${gates.noiseFail.toFixed(2)} allowed` });
  } else if (figures.noise > gates.noiseReview) {
    reviews.push({ code: 'NOISY_ANCHOR', detail: `${noise}, review above ${gates.noiseReview.toFixed(2)}` });
  }

  const bases = `${String(figures.hostBases)} usable host bases`;
  if (figures.hostBases < window.fail) {
    fails.push({ code: 'HOST_TOO_SHORT', detail: `${bases}, at least ${String(window.fail)} needed` });
  } else if (figures.hostBases < window.review) {
    reviews.push({ code: 'HOST_TOO_SHORT', detail: `${bases}, review below ${String(window.review)}` });
  }

  const ratio = `host signal ${figures.hostToAnchor.toFixed(2)} of the LTR's`;
  if (figures.hostBases >= window.fail) {
    if (figures.hostToAnchor < gates.hostToAnchorFail) {
      fails.push({
        code: 'LOW_SIGNAL',
        detail: `${ratio}, at least ${gates.hostToAnchorFail.toFixed(2)} needed`,
      });
    } else if (figures.hostToAnchor < gates.hostToAnchorLow) {
      reviews.push({
        code: 'HEIGHT_STEP',
        detail: `${ratio}, review below ${gates.hostToAnchorLow.toFixed(2)}`,
      });
    } else if (figures.hostToAnchor > gates.hostToAnchorHigh) {
      reviews.push({
        code: 'HEIGHT_STEP',
        detail: `${ratio}, review above ${gates.hostToAnchorHigh.toFixed(2)}`,
      });
    }
  }
  if (figures.halves > gates.halves) {
    reviews.push({
      code: 'REGISTER_DRIFT',
      detail: `the halves of the window differ by ${figures.halves.toFixed(2)}, review above ${gates.halves.toFixed(2)}`,
    });
  }
  if (figures.disagreement > gates.disagreement) {
    reviews.push({
      code: 'ESTIMATORS_DISAGREE',
      detail: `two estimates differ by ${figures.disagreement.toFixed(2)}, review above ${gates.disagreement.toFixed(2)}`,
    });
  }
  if (figures.rawMaximum !== null && figures.rawMaximum >= gates.rawMaximum) {
    reviews.push({
      code: 'SATURATED',
      detail: `raw signal reaches ${String(figures.rawMaximum)}, review from ${String(gates.rawMaximum)}`,
    });
  }
  if (figures.signalToNoise !== null) {
    const mean = figures.signalToNoise.reduce((a, b) => a + b, 0) / figures.signalToNoise.length;
    if (mean < gates.signalToNoise) {
      reviews.push({
        code: 'LOW_SIGNAL',
        detail: `mean S/N ${mean.toFixed(0)}, review below ${gates.signalToNoise.toFixed(0)}`,
      });
    }
  }
  const remarks: Reason[] = [];
  for (const template of figures.templates) {
    const above = template.share > gates.templateReview;
    const limit = above ? `, review above ${gates.templateReview.toFixed(2)}` : '';
    (above ? reviews : remarks).push({
      code: 'KNOWN_TEMPLATE',
      detail: `${template.name}: share ${template.share.toFixed(2)}, removed${limit}`,
    });
  }
  const [first = 0, second = 0] = figures.clones;
  if (second >= gates.twinRatio * first && first + second >= gates.twinTotal) {
    remarks.push({
      code: 'POSSIBLE_TWO_CLONES',
      detail: `two components of ${first.toFixed(2)} and ${second.toFixed(2)}, together at least ${gates.twinTotal.toFixed(2)}`,
    });
  }
  if (fails.length > 0) return { status: 'fail', reasons: [...fails, ...reviews] };
  return { status: reviews.length > 0 ? 'review' : 'pass', reasons: [...reviews, ...remarks] };
}
