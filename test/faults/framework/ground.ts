/** What a case stands on while it lasts. */
export interface Ground {
  /** A new empty folder on the machine's own disk. */
  folder(): string;
  /**
   * Registers what has to be undone, last first; called once, however the case ends. `first`: before all others, for
   * what a process can hang on so that it cannot be killed.
   */
  onEnd(undo: () => unknown, turn?: 'first'): void;
  /** Ends the case as failed, from where nobody waits for a result: in the callback of a stream or a timer. */
  fail(error: unknown): void;
  /** Aborted on Ctrl-C and when the case's time is over; `until` and the site's waits end by it. */
  readonly signal: AbortSignal;
}
