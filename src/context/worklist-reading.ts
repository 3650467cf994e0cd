import type { Context } from './context.ts';
import type { Worklist, WorklistFault } from './worklist.ts';

/** What the newest worklist that mentions a specimen says of it. */
export interface WorklistRow {
  readonly accession: string;
  /** Null where the file mentions the specimen without saying clearly what of it. */
  readonly context: Context | null;
  /** Where it stands, such as `worklist orders.csv line 3`. */
  readonly origin: string;
  /** Modification time of the file, ISO UTC. */
  readonly asOf: string;
}

/** All worklists of the folder together. */
export interface WorklistReading {
  /** At most one for each accession. */
  readonly rows: readonly WorklistRow[];
  readonly faults: readonly WorklistFault[];
  /** How many files were read. */
  readonly files: number;
}

/** A worklist with its age: nanoseconds since 1970. */
export interface DatedWorklist extends Worklist {
  readonly name: string;
  readonly mtimeNs: bigint;
}

/**
 * Merges worklists: for each accession the newest file that mentions it speaks alone, and where that one is
 * doubtful no other does. Files of one time go by name, the later name counts.
 */
export function mergeWorklists(files: readonly DatedWorklist[]): WorklistReading {
  const oldestFirst = [...files].sort((a, b) => {
    if (a.mtimeNs !== b.mtimeNs) return a.mtimeNs < b.mtimeNs ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });
  const rows = new Map<string, WorklistRow>();
  for (const file of oldestFirst) {
    const asOf = new Date(Number(file.mtimeNs / 1_000_000n)).toISOString();
    for (const context of file.rows) {
      const { accession } = context;
      rows.set(accession, { accession, context, origin: context.source, asOf });
    }
    for (const accession of file.doubtful) {
      rows.set(accession, { accession, context: null, origin: `worklist ${file.name}`, asOf });
    }
  }
  return {
    rows: [...rows.values()],
    faults: oldestFirst.flatMap(({ faults }) => faults),
    files: files.length,
  };
}
