import type { Context } from './context.ts';
import { sameContext, type Worklist, type WorklistFault } from './worklist.ts';

/** What the newest worklist that mentions a specimen says of it. */
export interface WorklistRow {
  readonly accession: string;
  /** Null where the specimen is mentioned without saying clearly what of it. */
  readonly context: Context | null;
  /** Where it stands, such as `worklist orders.csv line 3`. */
  readonly origin: string;
  /** Modification time of the file, ISO UTC; null where that cannot be: nobody knows how old it is. */
  readonly asOf: string | null;
}

/** Which worklists may not be heard, because a newer one cannot be understood: it may say something else. */
export interface Silence {
  /** Modification time of the one that cannot be understood, ISO UTC. */
  readonly before: string;
  /** Accessions of which a worklist speaks that is not older. */
  readonly butFor: readonly string[];
}

/** All worklists of the folder together. */
export interface WorklistReading {
  /** At most one for each accession. */
  readonly rows: readonly WorklistRow[];
  readonly silence: Silence | null;
  readonly faults: readonly WorklistFault[];
  /** How many files were read. */
  readonly files: number;
}

/** A worklist with its age: nanoseconds since 1970. */
export interface DatedWorklist extends Worklist {
  readonly name: string;
  readonly mtimeNs: bigint;
  /** Whether that time has not come yet, so that it says nothing of the file's age. */
  readonly isAhead: boolean;
}

/**
 * Merges worklists: for each accession the newest file that mentions it speaks alone, and where that one is
 * doubtful no other does. Files of one time go by name, the later name counts. A file of a time to come counts only
 * where no other contradicts it.
 */
export function mergeWorklists(files: readonly DatedWorklist[]): WorklistReading {
  const oldestFirst = [...files].sort((a, b) => {
    if (a.isAhead !== b.isAhead) return a.isAhead ? 1 : -1;
    if (a.mtimeNs !== b.mtimeNs) return a.mtimeNs < b.mtimeNs ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });
  const rows = new Map<string, WorklistRow>();
  for (const file of oldestFirst) {
    const asOf = file.isAhead ? null : timeOf(file);
    const clear = file.rows.map((context) => ({
      accession: context.accession,
      context,
      origin: context.source,
    }));
    const doubtful = file.doubtful.map((accession) => ({
      accession,
      context: null,
      origin: `worklist ${file.name}`,
    }));
    for (const row of [...clear, ...doubtful]) {
      const before = rows.get(row.accession);
      if (asOf !== null || before === undefined) rows.set(row.accession, { ...row, asOf });
      else if (!saysTheSame(before, row)) {
        rows.set(row.accession, { ...row, context: null, asOf: before.asOf });
      }
    }
  }
  return {
    rows: [...rows.values()],
    silence: silenceOf(files, [...rows.values()]),
    faults: oldestFirst.flatMap((file) => [...faultsOfFile(file), ...file.faults]),
    files: files.length,
  };
}

function timeOf({ mtimeNs }: DatedWorklist): string {
  return new Date(Number(mtimeNs / 1_000_000n)).toISOString();
}

function saysTheSame(a: Pick<WorklistRow, 'context'>, b: Pick<WorklistRow, 'context'>): boolean {
  return a.context === null || b.context === null
    ? a.context === b.context
    : sameContext(a.context, b.context);
}

function silenceOf(files: readonly DatedWorklist[], rows: readonly WorklistRow[]): Silence | null {
  const before = files
    .filter(({ isUnclear }) => isUnclear)
    .map(timeOf)
    .sort()
    .at(-1);
  if (before === undefined) return null;
  const butFor = rows.filter(({ asOf }) => asOf !== null && asOf >= before);
  return { before, butFor: butFor.map(({ accession }) => accession) };
}

function faultsOfFile(file: DatedWorklist): WorklistFault[] {
  const fault = (problem: string): WorklistFault => ({ file: file.name, line: null, column: null, problem });
  const ahead =
    `was changed at ${timeOf(file)}, which is still to come: set the clock of the computer that writes it, and save ` +
    'it again; until then it counts only where nothing else is said';
  const unclear =
    'does not tell of which specimens it speaks: no older worklist is used until it is mended or taken away';
  return [...(file.isAhead ? [fault(ahead)] : []), ...(file.isUnclear ? [fault(unclear)] : [])];
}
