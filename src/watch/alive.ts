import type { FolderStatus } from './finding.ts';

/** What is known of scanning and scoring, on the clock of performance.now(). */
export interface IntakeVitals {
  /** When the batch that is being recorded began to be; null where there is none. */
  readonly recordingSince: number | null;
  /** When an intake process last said something. */
  readonly answeredAt: number;
  /** Killed processes that do not die, because a share does not answer. */
  readonly lingering: number;
  readonly folders: readonly Pick<FolderStatus, 'state'>[];
}

/** No batch takes so long to record, unless the disk is full. */
const RECORDING_MS = 60_000;
/** Processes have been replaced again and again by then, and not one came as far as its first word. */
const SILENT_MS = 300_000;

/**
 * Whether scanning, scoring and recording make progress as far as this program can help it. A share that hangs is no
 * reason to start the service anew: that would not bring it back, and delivery would stop meanwhile.
 */
export function isIntakeAlive(vitals: IntakeVitals, now: number): boolean {
  const { recordingSince, answeredAt, lingering, folders } = vitals;
  if (recordingSince !== null && now - recordingSince > RECORDING_MS) return false;
  if (lingering > 0 || folders.some(({ state }) => state === 'hanging')) return true;
  return now - answeredAt <= SILENT_MS;
}
