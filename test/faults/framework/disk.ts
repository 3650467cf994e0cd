import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, closeSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Skip, type Bench } from './case.ts';

/** A small disk of its own. */
export interface Disk {
  readonly path: string;
  /** Takes all that is free, but for so many bytes. */
  fill(leave?: number): void;
  /** Gives back what `fill` took. */
  empty(): void;
  resize(size: string): void;
}

/** A disk in memory. `size` as mount takes it, such as `2m`. */
export function smallDisk(bench: Bench, size: string): Disk {
  const path = join(bench.folder(), 'disk');
  mkdirSync(path);
  mount(['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', path]);
  bench.onEnd(() => spawnSync('umount', ['--lazy', path], { stdio: 'ignore' }));
  const ballast = join(path, 'ballast');
  return {
    path,
    fill(leave = 0) {
      const file = openSync(ballast, 'a');
      try {
        for (;;) {
          const { bavail, bsize } = statfsSync(path);
          const free = bavail * bsize - leave;
          if (free <= 0) return;
          writeSync(file, Buffer.alloc(Math.min(free, 1 << 20), 1));
        }
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    resize: (next) => mount(['-o', `remount,size=${next}`, path]),
  };
}

/** A disk in a file with ext4 on it, which can break as real ones do. */
export function ext4Disk(bench: Bench): { readonly path: string; breakDown(): void; repair(): void } {
  const folder = bench.folder();
  const [image, path] = [join(folder, 'image'), join(folder, 'disk')];
  mkdirSync(path);
  execFileSync('truncate', ['-s', '64M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', image], { stdio: ['ignore', 'ignore', 'pipe'] });
  const attach = (): void => mount(['-o', 'loop', image, path]);
  attach();
  bench.onEnd(() => spawnSync('umount', ['--lazy', path], { stdio: 'ignore' }));
  return {
    path,
    // As after an I/O error: nothing is written any more, to any file that is open or not.
    breakDown: () => mount(['-o', 'remount,abort', path]),
    repair() {
      execFileSync('umount', [path]);
      // 1: errors were corrected.
      const checked = spawnSync('fsck.ext4', ['-y', image], { encoding: 'utf8' });
      if ((checked.status ?? 8) > 1) throw new Error(`fsck: ${checked.stdout}`);
      attach();
    },
  };
}

function mount(args: readonly string[]): void {
  const done = spawnSync('mount', args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Skip(`mount ${args.join(' ')}: ${done.stderr.trim()}`);
}
