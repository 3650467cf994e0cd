import type { CategoryCodes } from '../context/codes.ts';
import type { NewStatement } from '../context/statement.ts';

/** What a message says, and what in it is not used. */
export interface Taken {
  readonly statements: readonly NewStatement[];
  /** For people: places and codes, never a name. */
  readonly remarks: readonly string[];
}

/** How messages are read: parts of the sections `orders`, `context` and `site` of the config. */
export interface ReadingRules {
  /** OBR-4 that are ours; none: every order is. */
  readonly tests: readonly string[];
  readonly processingIds: readonly string[];
  readonly fields: {
    readonly accession: readonly string[];
    readonly order: readonly string[];
    readonly category: readonly string[];
    readonly collected: readonly string[];
  };
  readonly categories: CategoryCodes;
  readonly sil2rCodes: readonly string[];
  readonly timeZone: string;
}
