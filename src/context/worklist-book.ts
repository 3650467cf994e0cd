import type { Log } from '../platform/log.ts';
import type { Context } from './context.ts';
import { plainAccession } from './match.ts';
import type { WorklistFault } from './worklist.ts';
import type { WorklistReading } from './worklist-reading.ts';

/** The orders as last read; the folder itself is read in another process, because a share may hang. */
export interface WorklistBook {
  /** Takes the place of all that was known. Tells each fault once, as long as it lasts. */
  update(reading: WorklistReading): void;
  find(accession: string): Context | null;
  size(): number;
  faults(): readonly WorklistFault[];
  /** False until the folder has been read for the first time. */
  isRead(): boolean;
}

export function createWorklistBook(log: Log): WorklistBook {
  let rows = new Map<string, Context>();
  let told = new Set<string>();
  let reading: WorklistReading | null = null;
  return {
    update(next) {
      const now = new Set<string>();
      for (const fault of next.faults) {
        const key = JSON.stringify(fault);
        now.add(key);
        if (!told.has(key)) log.warn('worklist: not taken', { ...fault });
      }
      told = now;
      rows = new Map(next.rows.map((context) => [context.accession, context]));
      reading = next;
      log.info('worklist read', { files: next.files, rows: rows.size, faults: next.faults.length });
    },
    find: (accession) => rows.get(plainAccession(accession)) ?? null,
    size: () => rows.size,
    faults: () => reading?.faults ?? [],
    isRead: () => reading !== null,
  };
}
