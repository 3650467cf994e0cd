import type { Assay } from '../src/config/assay.ts';
import { scoreTrace } from '../src/clonality/score-trace.ts';
import type { ClonalityScore } from '../src/clonality/score.ts';
import type { Trace } from '../src/trace/trace.ts';
import { reportedCv, tierOf } from '../src/risk/classify.ts';

/** Published cut-offs; see docs/method.md. */
export const CUTOFFS = { intermediate: 0.25, high: 0.5 };

/** One scored trace of known truth. */
export interface Scored {
  readonly class: string;
  /** Largest share; null where the trace has to be refused. */
  readonly truth: number | null;
  readonly shares: readonly number[];
  /** True where the junction was found to the base; null where there is none to find. */
  readonly junction: boolean | null;
  readonly score: ClonalityScore;
}

/** Points by which a junction may be off and still be the right base. */
const HALF_BASE = 6;

export function scored(
  trace: Trace,
  assay: Assay,
  about: {
    class: string;
    truth: number | null;
    shares: readonly number[];
    junction: number | null;
  },
): Scored {
  const { score } = scoreTrace(trace, assay);
  const found = score.junction;
  return {
    class: about.class,
    truth: about.truth,
    shares: about.shares,
    junction:
      found === null || about.junction === null ? null : Math.abs(found.point - about.junction) <= HALF_BASE,
    score,
  };
}

/** What the accuracy tables say of a set of scored traces. */
export interface Summary {
  readonly traces: number;
  readonly refused: number;
  readonly reviewed: number;
  readonly rmse: number;
  readonly bias: number;
  /** Part of the 90 % intervals that hold the truth. */
  readonly coverage: number;
  /** Half the mean width of the interval. */
  readonly halfWidth: number;
  /** Part of right tiers where the truth is more than 0.04 from a cut-off. */
  readonly tiers: number;
  readonly junctions: number;
}

const FAR_FROM_CUTOFF = 0.04;

export function summarise(rows: readonly Scored[], estimator?: string): Summary {
  let [n, reviewed, square, sum, covered, width, tiers, far, exact, junctions] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ];
  for (const { truth, junction, score } of rows) {
    const value = estimator === undefined ? score.cvRaw : (score.alternatives[estimator] ?? null);
    if (score.status === 'review') reviewed++;
    if (junction !== null && score.status !== 'fail') {
      junctions++;
      if (junction) exact++;
    }
    if (value === null || truth === null || score.cvInterval === null) continue;
    n++;
    square += (value - truth) ** 2;
    sum += value - truth;
    const [low, high] = score.cvInterval;
    if (low <= truth + 1e-9 && truth <= high + 1e-9) covered++;
    width += (high - low) / 2;
    const away = Math.min(Math.abs(truth - CUTOFFS.intermediate), Math.abs(truth - CUTOFFS.high));
    if (away > FAR_FROM_CUTOFF) {
      far++;
      if (tierOf(reportedCv(value), CUTOFFS) === tierOf(reportedCv(truth), CUTOFFS)) tiers++;
    }
  }
  return {
    traces: rows.length,
    refused: rows.filter(({ score }) => score.status === 'fail').length,
    reviewed,
    rmse: Math.sqrt(square / n),
    bias: sum / n,
    coverage: covered / n,
    halfWidth: width / n,
    tiers: tiers / far,
    junctions: exact / junctions,
  };
}

/** Rows by their class, in order of appearance. */
export function byClass(rows: readonly Scored[]): Map<string, Scored[]> {
  const classes = new Map<string, Scored[]>();
  for (const row of rows) classes.set(row.class, [...(classes.get(row.class) ?? []), row]);
  return classes;
}

/** How often a remark is right. */
export interface Remarks {
  /** Traces of which at least one twin of the largest clone has 0.6 of its share, both together half of the host. */
  readonly twins: number;
  readonly twinsSeen: number;
  readonly twinRemarks: number;
  readonly twinRemarksRight: number;
  /** Intervals that cross a cut-off, and those that do not: how many, and in how many the tier is wrong. */
  readonly borderline: number;
  readonly borderlineWrong: number;
  readonly clear: number;
  readonly clearWrong: number;
}

export function remarksOf(rows: readonly Scored[]): Remarks {
  let [twins, twinsSeen, twinRemarks, twinRemarksRight] = [0, 0, 0, 0];
  let [borderline, borderlineWrong, clear, clearWrong] = [0, 0, 0, 0];
  for (const { truth, shares, score } of rows) {
    if (truth === null || score.cvRaw === null || score.cvInterval === null) continue;
    const [first = 0, second = 0] = [...shares].sort((a, b) => b - a);
    const twin = second >= 0.6 * first && first + second >= 0.5;
    const remark = score.reasons.some(({ code }) => code === 'POSSIBLE_TWO_CLONES');
    if (twin) twins++;
    if (twin && remark) twinsSeen++;
    if (remark) twinRemarks++;
    if (remark && twin) twinRemarksRight++;
    const [low, high] = score.cvInterval;
    const crosses = [CUTOFFS.intermediate, CUTOFFS.high].some(
      (cutoff) => reportedCv(low) < cutoff && reportedCv(high) >= cutoff,
    );
    const wrong = tierOf(reportedCv(score.cvRaw), CUTOFFS) !== tierOf(reportedCv(truth), CUTOFFS);
    if (crosses) borderline++;
    else clear++;
    if (crosses && wrong) borderlineWrong++;
    if (!crosses && wrong) clearWrong++;
  }
  return {
    twins,
    twinsSeen,
    twinRemarks,
    twinRemarksRight,
    borderline,
    borderlineWrong,
    clear,
    clearWrong,
  };
}
