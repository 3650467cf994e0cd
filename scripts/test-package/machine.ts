import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A Debian machine with a systemd and a network of its own, which has nothing but the loopback. */
export interface Machine {
  /** Runs a shell command as root; its output, both streams together. Throws where it fails. */
  run(command: string): string;
  /** Whether a command succeeds. */
  holds(command: string): boolean;
  /** Ends it at once, like a plug that is pulled; what it had written stays for the next one on the same `changes`. */
  end(): Promise<void>;
}

const FIRST_PROCESS = new URL('first-process.sh', import.meta.url).pathname;
/** Where control groups may be mounted: version 2 alone, or beside version 1. */
const HIERARCHIES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];
const BOOT_MS = 60_000;

/** Boots a machine on the Debian in `base`; `changes` keeps what it writes. Needs root. */
export async function boot(base: string, changes: string): Promise<Machine> {
  mkdirSync(changes, { recursive: true });
  const log = openSync(join(changes, 'console.log'), 'a');
  const groups = makeGroups();
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--net', '--cgroup', '--fork', '--kill-child'];
  // A control group of its own, so that the systemd inside sees itself at the top.
  const enter = groups.map((group) => `echo $$ >${group}/cgroup.procs`).join(' && ') || 'true';
  const launch = `${enter} && exec unshare ${namespaces.join(' ')} bash "$@"`;
  const outer = spawn('bash', ['-c', launch, 'machine', FIRST_PROCESS, base, changes], {
    stdio: ['ignore', log, log],
  });
  const ended = new Promise<void>((resolve) => outer.once('exit', () => resolve()));
  const init = await firstProcess(outer, ended, join(changes, 'console.log'));
  const inside = ['--target', String(init), '--mount', '--pid', '--ipc', '--uts', '--net', '--root'];
  const environment = ['env', '-i', 'HOME=/root', 'USER=root', 'LANG=C.UTF-8', `PATH=${PATH}`];
  const command = (text: string): string[] => [
    ...inside,
    ...environment,
    'bash',
    '-c',
    `cd /root; exec 2>&1; ${text}`,
  ];

  const machine: Machine = {
    run(text) {
      const { status, stdout } = spawnSync('nsenter', command(text), {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      if (status !== 0) throw new Error(`exit code ${status}: ${text}\n${stdout}`);
      return stdout;
    },
    holds: (text) => spawnSync('nsenter', command(text), { stdio: 'ignore' }).status === 0,
    async end() {
      outer.kill('SIGKILL');
      await ended;
      await removeGroups(groups);
    },
  };
  try {
    await until('systemd has booted', () => machine.holds('systemctl is-active multi-user.target'), BOOT_MS);
  } catch (error) {
    await machine.end();
    throw error;
  }
  return machine;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Waits for a condition that only another process can bring about. */
export async function until(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await pause(100);
  }
}

/** The number of the new systemd, once it has taken over from the script that prepares its root. */
async function firstProcess(outer: ChildProcess, ended: Promise<void>, log: string): Promise<number> {
  let gone = false;
  void ended.then(() => (gone = true));
  let init = 0;
  await until('the first process is systemd', () => {
    if (gone) throw new Error(`the machine did not boot:\n${readFileSync(log, 'utf8')}`);
    const pid = Number(readIfThere(`/proc/${outer.pid}/task/${outer.pid}/children`).trim());
    if (pid > 0 && readIfThere(`/proc/${pid}/comm`).trim() === 'systemd') init = pid;
    return init > 0;
  });
  return init;
}

function makeGroups(): string[] {
  const groups = HIERARCHIES.filter((folder) => existsSync(join(folder, 'cgroup.procs'))).map((folder) =>
    join(folder, `raisingd-test-${process.pid}-${Date.now()}`),
  );
  for (const group of groups) mkdirSync(group);
  return groups;
}

/** What has been killed leaves its groups a little later. */
async function removeGroups(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    const remove = ['-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'];
    await until(`${group} is removed`, () => {
      spawnSync('find', [group, ...remove], { stdio: 'ignore' });
      return !existsSync(group);
    });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
