import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Skip, type Bench } from './case.ts';
import { unmountLazily } from './mount.ts';
import { install } from './needs.ts';
import { until } from './wait.ts';

/** How the share treats each call; framework/share.py says more. */
export type Mood =
  | 'ok'
  | 'hang'
  | 'EIO'
  | 'ESTALE'
  | 'half'
  | 'double'
  | 'zeros'
  | `slow ${number}`
  | `flaky ${'EIO' | 'ESTALE'} ${number}`;

/** A network share, played by a file system in user space: calls into it wait for as long as it pleases. */
export interface Share {
  /** What the daemon sees. Never to be touched by the test itself, which would hang with it. */
  readonly mount: string;
  /** The same files, on the machine's own disk. */
  readonly behind: string;
  be(mood: Mood): void;
  /** How many calls it has failed, falsified or kept waiting by that mood. */
  treated(mood: Mood): number;
  /** The server goes away: every call fails, also of those that wait, until it is mounted again. */
  unmount(): void;
  mountAgain(): Promise<void>;
}

const SERVER = fileURLToPath(new URL('./share.py', import.meta.url));
/** Debian's own: another Python does not see its packages. */
const PYTHON = '/usr/bin/python3';

export async function mountShare(bench: Bench): Promise<Share> {
  requireFuse();
  const root = bench.folder();
  const [behind, mount, mood] = [join(root, 'behind'), join(root, 'mount'), join(root, 'mood')];
  mkdirSync(behind);
  mkdirSync(mount);
  const be = (next: Mood): void => writeFileSync(mood, next);
  const report = `${mood}.report`;
  writeFileSync(report, '');
  const treated = (by: Mood): number =>
    readFileSync(report, 'utf8')
      .split('\n')
      .filter((line) => line === by).length;

  let end = (): void => undefined;
  const mountIt = async (refusal: (why: string) => Error): Promise<void> => {
    be('ok');
    const server = spawn(PYTHON, [SERVER, behind, mount, mood], { stdio: ['ignore', 'ignore', 'pipe'] });
    server.once('error', bench.fail);
    let stderr = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    end = () => {
      end = () => undefined;
      // Without its server every call fails, also each that waits.
      server.kill('SIGKILL');
      if (isMounted(mount)) unmountLazily(mount);
    };
    await until(() => isMounted(mount) || server.exitCode !== null, {
      signal: bench.signal,
      what: 'the share is mounted',
    });
    if (!isMounted(mount))
      throw refusal(`FUSE does not work here: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  };
  // First of all: a process that waits for the share cannot be killed.
  bench.onEnd(() => end(), 'first');
  await mountIt((why) => new Skip(why));
  return {
    mount,
    behind,
    be,
    treated,
    unmount: () => end(),
    mountAgain: () => mountIt((why) => new Error(why)),
  };
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${path} fuse`);
}

function requireFuse(): void {
  if (process.getuid?.() !== 0) throw new Skip('this has to run as root');
  if (!existsSync('/dev/fuse')) throw new Skip('there is no /dev/fuse');
  if (!hasBinding()) install('python3-fusepy');
  if (!hasBinding()) throw new Skip(`${PYTHON} has no fusepy (package python3-fusepy)`);
}

function hasBinding(): boolean {
  const find =
    'import importlib.util as u, sys; sys.exit(not (u.find_spec("fusepy") or u.find_spec("fuse")))';
  return spawnSync(PYTHON, ['-c', find], { stdio: 'ignore' }).status === 0;
}
