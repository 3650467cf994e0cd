import type { Context } from './context.ts';
import type { Worklist, WorklistFault } from './worklist.ts';

/** All worklists of the folder together. */
export interface WorklistReading {
  /** At most one for each accession. */
  readonly rows: readonly Context[];
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
 * doubtful none does. Files of one time go by name, the later name counts.
 */
export function mergeWorklists(files: readonly DatedWorklist[]): WorklistReading {
  const oldestFirst = [...files].sort((a, b) => {
    if (a.mtimeNs !== b.mtimeNs) return a.mtimeNs < b.mtimeNs ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });
  const rows = new Map<string, Context>();
  for (const file of oldestFirst) {
    for (const context of file.rows) rows.set(context.accession, context);
    for (const accession of file.doubtful) rows.delete(accession);
  }
  return {
    rows: [...rows.values()],
    faults: oldestFirst.flatMap(({ faults }) => faults),
    files: files.length,
  };
}
