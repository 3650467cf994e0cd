import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const ESTABLISHED = '01';

/** The open TCP connections of a process to a port, such as `socket:[3365592]`: the path that strace -P knows one by. */
export function connectionsTo(pid: number, port: number): readonly string[] {
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1);
  const open = new Set(
    rows.flatMap((row) => {
      const [, , remote = '', state, , , , , , inode] = row.trim().split(/ +/);
      const isOurs = state === ESTABLISHED && parseInt(remote.split(':')[1] ?? '', 16) === port;
      return isOurs ? [`socket:[${inode}]`] : [];
    }),
  );
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    const path = linkIn(folder, fd);
    return open.has(path) ? [path] : [];
  });
}

function linkIn(folder: string, fd: string): string {
  try {
    return readlinkSync(join(folder, fd));
  } catch {
    // Closed meanwhile.
    return '';
  }
}
