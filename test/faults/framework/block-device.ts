import { closeSync, fsyncSync, mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orSkip, type Bench } from './case.ts';
import { mount, unmount, unmountLazily } from './mount.ts';
import { tool } from './tool.ts';

/** A small ext4 file system whose power can be cut. */
export interface BlockDevice {
  /** Where it is mounted. */
  readonly folder: string;
  /** Makes a folder on it that outlives a cut; its path. */
  makeFolder(name: string): string;
  /** What has not reached the disk is gone from now on, and every further call on the file system fails. */
  cut(): void;
  /** Unmounts and mounts again, as after the power is back; everything that used it has to be gone. */
  powerOn(signal: AbortSignal): Promise<void>;
}

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: not even the journal is written. */
const CUT = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))
`;

/** Makes, mounts and finally removes one; throws Skip where this machine does not let it. */
export function createBlockDevice(bench: Bench, mebibytes = 96): BlockDevice {
  const root = bench.folder();
  const [image, folder] = [join(root, 'image'), join(root, 'disk')];
  writeFileSync(image, '');
  truncateSync(image, mebibytes * 2 ** 20);
  mkdirSync(folder);
  tool('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
  const device = orSkip('no loop device can be made here', () =>
    tool('losetup', '--find', '--show', image).trim(),
  );
  bench.onEnd(() => tool('losetup', '--detach', device));
  const attach = (): void => mount('-t', 'ext4', device, folder);
  orSkip('nothing can be mounted here', attach);
  bench.onEnd(() => unmountLazily(folder));
  return {
    folder,
    makeFolder(name) {
      const path = join(folder, name);
      mkdirSync(path);
      const parent = openSync(folder, 'r');
      fsyncSync(parent);
      closeSync(parent);
      return path;
    },
    cut: () => void tool('python3', '-c', CUT, folder),
    async powerOn(signal) {
      await unmount(folder, signal);
      attach();
    },
  };
}
