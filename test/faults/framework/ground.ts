/** What a case stands on while it lasts. */
export interface Ground {
  /** A new empty folder on the machine's own disk. */
  folder(): string;
  /** Registers what has to be undone, last first; called once, however the case ends. */
  onEnd(undo: () => unknown): void;
  /** Aborted on Ctrl-C and when the case's time is over; `until` and the site's waits end by it. */
  readonly signal: AbortSignal;
}
