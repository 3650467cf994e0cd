import { chmodSync, lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives everything below a folder the modes and the time that every build gives it, whatever the umask was. */
export function fixModesAndTimes(path: string, date: Date): void {
  const stats = lstatSync(path);
  if (stats.isDirectory()) {
    for (const name of readdirSync(path)) fixModesAndTimes(join(path, name), date);
    chmodSync(path, 0o755);
  } else if (stats.isFile()) {
    chmodSync(path, (stats.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
  lutimesSync(path, date, date);
}
