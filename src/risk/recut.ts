import type { Cutoffs } from '../config/schema.ts';
import type { Category, Sil2r } from '../context/context.ts';
import { classify, type Risk } from './classify.ts';

/** A stored result as other cut-offs would judge it. */
export interface Judged {
  /** OBR-3. */
  readonly key: string;
  readonly accession: string | null;
  readonly cvRaw: number;
  readonly interval: readonly [number, number];
  readonly category: Category;
  readonly sil2r: Sil2r | null;
  /** As it was judged. */
  readonly risk: Risk;
}

export interface Moved {
  readonly key: string;
  readonly accession: string | null;
  readonly category: Category;
  readonly cv: number;
  /** Tier, and the region where there is one: `high R4`. */
  readonly from: string;
  readonly to: string;
}

export interface Preview {
  /** How many results were looked at. */
  readonly judged: number;
  readonly moved: readonly Moved[];
  /** Counts of the moved, by category and move, largest first. */
  readonly groups: readonly {
    readonly category: Category;
    readonly from: string;
    readonly to: string;
    readonly count: number;
  }[];
}

/** Which results would change tier or region under other cut-offs. Changes nothing. */
export function preview(results: readonly Judged[], cutoffs: Cutoffs): Preview {
  const moved = results.flatMap(({ key, accession, cvRaw, interval, category, sil2r, risk }) => {
    const after = classify(cvRaw, interval, { category, sil2r }, cutoffs);
    const [from, to] = [place(risk), place(after)];
    return from === to ? [] : [{ key, accession, category, cv: risk.cv, from, to }];
  });
  const counts = Map.groupBy(moved, ({ category, from, to }) => JSON.stringify([category, from, to]));
  const groups = [...counts.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ category: first.category, from: first.from, to: first.to, count: group.length }];
  });
  return { judged: results.length, moved, groups: groups.sort((a, b) => b.count - a.count) };
}

function place({ tier, region }: Risk): string {
  return region === null ? tier : `${tier} ${region}`;
}
