/** One clone: a provirus at one place of the host genome. */
export interface Clone {
  /** Share of the host-derived signal, 0-1. */
  readonly share: number;
  /** The genome after the junction; drawn at random where it is not given. */
  readonly host?: string;
}

/** A template that is not host genome but follows the LTR all the same. */
export interface MixedTemplate {
  readonly sequence: string;
  /** Share of the whole signal, 0-1; the clones share the rest. */
  readonly share: number;
}

/** What can be wrong with a read; 0 is none, and each unit is said where it stands. */
export interface Degradation {
  /** Dye blob over the host, its height in typical peaks. */
  readonly blob: number;
  /** Part of each dye that shows in the next one. */
  readonly pullup: number;
  /** Part of the molecules that lost a base before the junction: their host appears one base early. */
  readonly slip: number;
  /** Height at which the detector is full, in typical peaks; the lower, the worse. */
  readonly saturation: number;
  /** Height of a slow wave under all channels, in typical peaks. */
  readonly baseline: number;
  /** Part of the clones whose amplicon ends somewhere between 20 bases after the junction and the end. */
  readonly tails: number;
}

/** Everything that a simulated trace depends on: equal recipes give equal bytes. */
export interface Recipe {
  /** Any 32-bit integer. */
  readonly seed: number;
  /** The end of the LTR as the assay has it, 5' to 3'; the last 120 bases of it are read. */
  readonly anchor: string;
  /** The named clones; their shares sum to 1, or to less where dust takes the rest. */
  readonly clones: readonly Clone[];
  /** Number of tiny clones among which the rest is divided at random. */
  readonly dust: number;
  readonly templates: readonly MixedTemplate[];
  /** Length of host sequence after the junction; 0 is a read of nothing but LTR. */
  readonly hostBases: number;
  /** Standard deviation of the noise, in typical peaks. Clean reads have about 0.015. */
  readonly noise: number;
  /** What the read begins with: the LTR, or something else as in a mispriming. */
  readonly front: 'ltr' | 'unrelated';
  /** True: the reaction gave nothing, the trace holds noise alone. */
  readonly failed: boolean;
  readonly degrade: Degradation;
  readonly sample: string;
  readonly run: string;
  /** Well as instruments write it, A01 to H12. */
  readonly well: string;
  readonly plate: string;
  /** Capillary, from 1. */
  readonly lane: number;
  /** Start of the run, `YYYY-MM-DDTHH:MM:SS`. */
  readonly startedAt: string;
}

export const NO_DEGRADATION: Degradation = {
  blob: 0,
  pullup: 0,
  slip: 0,
  saturation: 0,
  baseline: 0,
  tails: 0,
};

/** What each fault is like when it is bad enough to matter. */
export const USUAL_DEGRADATION: Degradation = {
  blob: 1.2,
  pullup: 0.12,
  slip: 0.15,
  saturation: 0.8,
  baseline: 0.08,
  tails: 1,
};

const DEFAULTS: Omit<Recipe, 'seed' | 'anchor' | 'clones'> = {
  dust: 0,
  templates: [],
  hostBases: 300,
  noise: 0.015,
  front: 'ltr',
  failed: false,
  degrade: NO_DEGRADATION,
  sample: 'SIMULATED',
  run: 'Run_SIMULATED',
  well: 'A01',
  plate: 'SIMULATED',
  lane: 1,
  startedAt: '2025-01-06T09:00:00',
};

/** A whole recipe from what differs from a clean read. */
export function createRecipe(
  differing: Pick<Recipe, 'seed' | 'anchor' | 'clones'> & Partial<Recipe>,
): Recipe {
  return { ...DEFAULTS, ...differing };
}
