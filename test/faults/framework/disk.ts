import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, closeSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { orSkip, type Bench } from './case.ts';
import { mount, unmount, unmountLazily } from './mount.ts';
import { tool } from './tool.ts';

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
  orSkip('nothing can be mounted here', () => {
    mount('-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', path);
  });
  bench.onEnd(() => unmountLazily(path));
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
    resize: (next) => mount('-o', `remount,size=${next}`, path),
  };
}

/** A disk that can break as real ones do. */
export interface BreakableDisk {
  readonly path: string;
  /** As after an I/O error: nothing is written any more, to any file that is open or not. */
  breakDown(): void;
  /** Checks it and mounts it again; everything that used it has to be gone. */
  repair(): Promise<void>;
}

/** A disk in a file, with ext4 on it. */
export function ext4Disk(bench: Bench): BreakableDisk {
  const folder = bench.folder();
  const [image, path] = [join(folder, 'image'), join(folder, 'disk')];
  mkdirSync(path);
  tool('truncate', '-s', '64M', image);
  tool('mkfs.ext4', '-q', '-F', image);
  const attach = (): void => mount('-o', 'loop', image, path);
  orSkip('no loop device can be mounted here', attach);
  bench.onEnd(() => unmountLazily(path));
  return {
    path,
    breakDown: () => mount('-o', 'remount,abort', path),
    async repair() {
      await unmount(path, bench.signal);
      // 1: errors were corrected.
      const checked = spawnSync('fsck.ext4', ['-y', image], { encoding: 'utf8' });
      if ((checked.status ?? 8) > 1) throw new Error(`fsck: ${checked.stdout}`);
      attach();
    },
  };
}
