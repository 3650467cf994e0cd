import type { QueueStats } from '../store/outbox.ts';
import type { FolderStatus } from '../watch/finding.ts';

/** Whether a courier is at work, and since when its destination has not taken anything. */
export interface CourierFacts {
  readonly name: string;
  /** It comes round as it should. */
  readonly alive: boolean;
  readonly up: boolean;
}

export interface IntakeFacts {
  /** Null while there is no process. */
  readonly pid: number | null;
  /** How many processes had to be replaced since the configuration was read. */
  readonly replaced: number;
  readonly silentMs: number;
  readonly folders: readonly FolderStatus[];
}

/** What the service on one configuration tells of itself. */
export interface DaemonFacts {
  readonly intake: IntakeFacts;
  readonly couriers: readonly CourierFacts[];
  /** Keys of the alert episodes that last. */
  readonly alerts: readonly string[];
}

/** What the database tells. */
export interface StoreFacts {
  readonly queues: readonly QueueStats[];
  readonly heldResults: number;
  readonly waitingResults: number;
  readonly oldestHeldAt: Date | null;
}

/** Sizes in bytes; null where the system does not tell. */
export interface MachineFacts {
  readonly database: number;
  readonly writeAheadLog: number;
  readonly diskFree: number | null;
  readonly memory: number;
  /** Of the intake process. */
  readonly intakeMemory: number | null;
  /** Seconds of one core, since the start of the service process. */
  readonly cpuSeconds: number;
}

/** All that is looked up when somebody asks; what happens is counted as it happens (metrics.ts). */
export interface Facts {
  readonly now: Date;
  readonly daemon: DaemonFacts;
  readonly store: StoreFacts;
  readonly machine: MachineFacts;
}
