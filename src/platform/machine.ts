import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What the machine says of itself. No method throws; null is what it does not say. */
export interface Machine {
  /** Free bytes, for this user, on the file system of a folder. */
  freeBytes(folder: string): Promise<number | null>;
  /** Whether a time server is followed. */
  clockSynchronised(): Promise<boolean | null>;
}

const run = promisify(execFile);
const PATIENCE_MS = 3000;

export const thisMachine: Machine = {
  async freeBytes(folder) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch {
      // Gone, or out of reach: whoever needs the folder says so.
      return null;
    }
  },
  async clockSynchronised() {
    try {
      // It reads the kernel's own flag, so it speaks for chrony and ntpd as well.
      const args = ['show', '--property=NTPSynchronized', '--value'];
      const { stdout } = await run('timedatectl', args, { timeout: PATIENCE_MS });
      const answer = stdout.trim();
      return answer === 'yes' ? true : answer === 'no' ? false : null;
    } catch {
      // No systemd here, or no right to ask it.
      return null;
    }
  },
};
