/** Where the shell reads the time; pure code gets `now` as an argument instead. */
export interface Clock {
  /** Wall-clock time, for what is written down. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
