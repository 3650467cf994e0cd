import { vi } from 'vitest';

/** Far beyond what a machine needs that is busy with something else, and short of the limit of a test. */
const PATIENCE = { timeout: 60_000, interval: 10 };

/** Waits for a state: what `check` answers as soon as it neither throws nor rejects. */
export const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, PATIENCE);
