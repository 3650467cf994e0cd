/**
 * How clones are grouped: the clones of one group have equal shares. `[1, 1]` are two clones with a share each, `[3]`
 * three equal ones, `[1, 4]` one and four equal others, `[]` none.
 */
export type Groups = readonly number[];

/**
 * How many clones of each group have their base in one channel, and how such counts add up. A state is a list of
 * counts; states are numbered from that of no clone to that of all.
 */
export interface Ways {
  readonly groups: number;
  readonly sizes: Groups;
  readonly clones: number;
  readonly states: number;
  /** Clones of group `j` in state `s`: groups·s + j. */
  readonly counts: Uint8Array;
  /** 1 / product of the factorials of the counts: clones of a group cannot be told apart. */
  readonly weights: Float64Array;
  /** Product of the factorials of the groups, over 4 to the power of all clones. */
  readonly scale: number;
  /**
   * By state, all states that are part of it: those with no more clones of any group. States add and subtract as their
   * numbers do. Those of state `s` are at `ends[s]` up to `ends[s + 1]`.
   */
  readonly parts: Uint8Array;
  readonly ends: Uint16Array;
}

/** Most states of any grouping that is tried: four clones, each with a share of its own. */
export const MOST_STATES = 16;

/** Lays out the states of one grouping. */
export function waysOf(groups: Groups): Ways {
  const steps: number[] = [];
  let states = 1;
  for (const size of groups) {
    steps.push(states);
    states *= size + 1;
  }
  const n = groups.length;
  const counts = new Uint8Array(n * states);
  const weights = new Float64Array(states);
  for (let s = 0; s < states; s++) {
    let orders = 1;
    groups.forEach((size, j) => {
      const count = Math.floor(s / (steps[j] as number)) % (size + 1);
      counts[n * s + j] = count;
      orders *= factorial(count);
    });
    weights[s] = 1 / orders;
  }
  const parts: number[] = [];
  const ends = new Uint16Array(states + 1);
  for (let s = 0; s < states; s++) {
    for (let u = 0; u <= s; u++) {
      const isPart = groups.every((_, j) => (counts[n * u + j] as number) <= (counts[n * s + j] as number));
      if (isPart) parts.push(u);
    }
    ends[s + 1] = parts.length;
  }
  const clones = groups.reduce((a, b) => a + b, 0);
  return {
    groups: n,
    sizes: groups,
    clones,
    states,
    counts,
    weights,
    scale: groups.reduce((product, size) => product * factorial(size), 1) / 4 ** clones,
    parts: Uint8Array.from(parts),
    ends,
  };
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
