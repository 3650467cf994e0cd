import { tool } from './tool.ts';
import { until } from './wait.ts';

/** @param args as mount(8) takes them */
export function mount(...args: readonly string[]): void {
  tool('mount', ...args);
}

/** Tries for a while: children of a daemon that was killed may use it for an instant longer. */
export async function unmount(path: string, signal: AbortSignal): Promise<void> {
  let why = '';
  const attempt = (): boolean => {
    try {
      tool('umount', path);
      return true;
    } catch (error) {
      why = String(error);
      return false;
    }
  };
  try {
    await until(attempt, { signal, seconds: 20, everyMs: 10, what: `${path} is unmounted` });
  } catch (error) {
    throw new Error(`${String(error)}; ${why}`, { cause: error });
  }
}

/** Takes it out of sight at once, also from below those who use it. */
export function unmountLazily(path: string): void {
  tool('umount', '--lazy', path);
}
