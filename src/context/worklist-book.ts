import { createHash } from 'node:crypto';
import type { Log } from '../platform/log.ts';
import type { WorklistFault } from './worklist.ts';
import type { WorklistReading, WorklistRow } from './worklist-reading.ts';

/** The worklists as last read; the folder itself is read in another process, because a share may hang. */
export interface WorklistBook {
  /**
   * Takes the place of the reading before. Tells each fault once, as long as it lasts.
   * @returns the rows that are new or differ; what has gone from the folder stays said
   */
  update(reading: WorklistReading): readonly WorklistRow[];
  /** Specimens with an order in the last reading. */
  size(): number;
  faults(): readonly WorklistFault[];
  /** False until the folder has been read for the first time. */
  isRead(): boolean;
}

export function createWorklistBook(log: Log): WorklistBook {
  let rows = new Map<string, WorklistRow>();
  let told = new Set<string>();
  let reading: WorklistReading | null = null;
  const size = (): number => [...rows.values()].filter(({ context }) => context !== null).length;
  return {
    update(next) {
      const now = new Set<string>();
      for (const fault of next.faults) {
        const key = JSON.stringify(fault);
        now.add(key);
        if (told.has(key)) continue;
        const { file, line, column, problem } = fault;
        log.warn('A worklist row is not taken; raisingd status says why', {
          file: createHash('sha256').update(file).digest('hex').slice(0, 12),
          ...{ line, column, problem },
        });
      }
      told = now;
      const changed = next.rows.filter(
        (row) => JSON.stringify(row) !== JSON.stringify(rows.get(row.accession)),
      );
      rows = new Map(next.rows.map((row) => [row.accession, row]));
      reading = next;
      log.info('worklist read', { files: next.files, rows: size(), faults: next.faults.length });
      return changed;
    },
    size,
    faults: () => reading?.faults ?? [],
    isRead: () => reading !== null,
  };
}

/** For `raisingd status`; a file's name may name a patient, so no log has it. */
export function describeWorklistFault({ file, line, column, problem }: WorklistFault): string {
  const parts = [file, line === null ? '' : `line ${line}`, column ?? '', problem];
  return parts.filter((part) => part !== '').join(', ');
}
