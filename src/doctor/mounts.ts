/** One line of /proc/self/mountinfo. */
export interface Mount {
  readonly point: string;
  /** Such as `ext4`, `cifs`, `nfs4`. */
  readonly type: string;
  /** Such as `rw`, `soft`, `vers=3.1.1`; of the mount and of the file system. */
  readonly options: ReadonlySet<string>;
}

const SHARES = /^(cifs|smb3|smbfs|nfs4?|9p|fuse\..*|fuse|ceph|glusterfs|afs|davfs)$/;
const VOLATILE = /^(tmpfs|ramfs)$/;

export function isShare({ type }: Mount): boolean {
  return SHARES.test(type);
}

/** What is on it is gone after a restart of the machine. */
export function isVolatile({ type }: Mount): boolean {
  return VOLATILE.test(type);
}

/** @param text of /proc/self/mountinfo (proc(5)); lines that cannot be read are left out */
export function readMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ', 2);
    const [, , , , point, own] = before.split(' ');
    const [type, , more] = after?.split(' ') ?? [];
    if (point === undefined || type === undefined) return [];
    const options = new Set([...(own ?? '').split(','), ...(more ?? '').split(',')]);
    return [{ point: unescape(point), type, options }];
  });
}

/** The mount that a folder is on: of the longest that leads to it the last, which hides those before. */
export function mountOf(folder: string, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const prefix = mount.point.endsWith('/') ? mount.point : `${mount.point}/`;
    if (!`${folder}/`.startsWith(prefix)) continue;
    // An automount point stands before what is mounted on it, under the same name.
    if (best === null || mount.point.length >= best.point.length) best = mount;
  }
  return best;
}

/** Blanks and the like are written as octal numbers. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
