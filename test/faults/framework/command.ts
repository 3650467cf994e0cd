import { execFile } from 'node:child_process';
import { RAISINGD } from './daemon.ts';
import type { Site } from './site.ts';

/** Runs a command of raisingd below another, such as strace; its exit code, null where a signal ended it. */
export function commandUnder(
  { config }: Pick<Site, 'config'>,
  [program = '', ...options]: readonly string[],
  ...args: readonly string[]
): Promise<number | null> {
  return new Promise((resolve) => {
    execFile(program, [...options, RAISINGD, ...args, '--config', config], { timeout: 60_000 }, (error) => {
      if (error === null) resolve(0);
      else resolve(typeof error.code === 'number' ? error.code : null);
    });
  });
}
