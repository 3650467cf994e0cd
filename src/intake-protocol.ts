import type { Method } from './analysis.ts';
import type { Config } from './config/schema.ts';
import type { WorklistReading } from './context/worklist-reading.ts';
import type { Devices, Finding, FolderStatus, Known } from './watch/finding.ts';

export type { WorklistReading };

/** All that the intake process has to know. Paths are absolute. */
export interface IntakeSettings {
  readonly watch: Config['watch'];
  readonly worklist: Config['worklist'];
  readonly method: Method;
  /** Whether a destination wants the picture of each trace. */
  readonly pictures: boolean;
  /** How often the intake tells that it lives, and how its folders are. */
  readonly heartbeatMs: number;
  /** After how long a silent file system counts as hanging, milliseconds. */
  readonly hangMs: number;
}

/** From the service to its intake process, in this order: settings, known (any number), go; then the others. */
export type ToIntake =
  | { readonly kind: 'settings'; readonly settings: IntakeSettings; readonly devices: Devices }
  | { readonly kind: 'known'; readonly files: readonly Known[] }
  | { readonly kind: 'go' }
  /** The oldest batch that was not yet answered is recorded. */
  | { readonly kind: 'committed' }
  | { readonly kind: 'rescan' }
  | { readonly kind: 'stop' };

/** From the intake process to the service. */
export type FromIntake =
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'worklist'; readonly reading: WorklistReading }
  /** Told once for each path and problem. */
  | { readonly kind: 'complaint'; readonly path: string; readonly detail: string }
  | { readonly kind: 'heartbeat'; readonly folders: readonly FolderStatus[] };
