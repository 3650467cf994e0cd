import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder with a fresh Debian of this machine's own release: the smallest set of packages, and systemd. Made once, by
 * debootstrap, and never changed: machines write elsewhere.
 */
export function debianRoot(): string {
  const release = codename();
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'raisingd-test');
  const root = join(cache, release);
  if (existsSync(root)) return root;
  const draft = `${root}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  execFileSync('debootstrap', ['--variant=minbase', '--include=systemd,systemd-sysv', release, draft], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  renameSync(draft, root);
  return root;
}

function codename(): string {
  const name = /^VERSION_CODENAME=(.+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (name === undefined)
    throw new Error('/etc/os-release names no release: this test needs Debian or Ubuntu');
  return name;
}
