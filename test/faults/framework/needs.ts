import { spawnSync } from 'node:child_process';

/**
 * root: this process is root. A command: it is in the path; where it is not, its Debian package is installed.
 */
export type Need = 'root' | keyof typeof PACKAGES;

/** Command -> Debian package. */
const PACKAGES = {
  strace: 'strace',
  python3: 'python3-minimal',
  faketime: 'faketime',
  losetup: 'mount',
  mount: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  tc: 'iproute2',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  prlimit: 'util-linux',
  setpriv: 'util-linux',
  openssl: 'openssl',
  mkfifo: 'coreutils',
} as const;

let updated = false;

/** Null where the machine has what is needed, or it could be installed; else why not. */
export function whyMissing(needs: readonly Need[]): string | null {
  for (const need of needs) {
    const why = need === 'root' ? whyNotRoot() : whyNoCommand(need);
    if (why !== null) return why;
  }
  return null;
}

function whyNotRoot(): string | null {
  return process.getuid?.() === 0 ? null : 'this has to run as root';
}

function whyNoCommand(command: keyof typeof PACKAGES): string | null {
  if (has(command)) return null;
  const name = PACKAGES[command];
  if (process.getuid?.() !== 0) return `${command} is not installed (package ${name})`;
  if (!has('apt-get')) return `${command} is not installed, and there is no apt-get to install it with`;
  process.stderr.write(`installing ${name} for ${command}\n`);
  install(name);
  return has(command) ? null : `${command} is not installed, and apt-get install ${name} did not bring it`;
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0;
}

/** Tries to install a Debian package; whether that worked is for the caller to see. */
export function install(name: string): void {
  if (!updated) aptGet('update', '-qq');
  updated = true;
  aptGet('install', '-y', '-qq', '--no-install-recommends', name);
}

function aptGet(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}
