import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../platform/helper.ts';

export interface FolderRequest {
  readonly folder: string;
  /** Only files whose name ends so, in any case, count. */
  readonly endings: readonly string[];
}

export type FolderReply =
  | { readonly kind: 'unusable'; readonly code: string }
  | {
      readonly kind: 'folder';
      /** Files of the folder itself; those of subfolders are not counted. */
      readonly files: number;
      /** Modification time of the newest of them and of the folder, milliseconds since 1970. */
      readonly newestMs: number;
      readonly newestFileMs: number | null;
      readonly writable: boolean;
    };

/** More files than that are not asked for their time: the doctor shall not load a share. */
const MOST_ASKED = 500;

/** A process of its own: a share whose server is gone holds up whoever touches it. */
serve(async ({ folder, endings }: FolderRequest): Promise<FolderReply> => {
  try {
    const own = await stat(folder);
    if (!own.isDirectory()) return { kind: 'unusable', code: 'ENOTDIR' };
    const names = (await readdir(folder)).filter((name) =>
      endings.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase())),
    );
    const times = await Promise.all(
      names.slice(-MOST_ASKED).map((name) => stat(join(folder, name)).then(({ mtimeMs }) => mtimeMs)),
    );
    const writable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    const newestFileMs = times.length === 0 ? null : Math.max(...times);
    return {
      kind: 'folder',
      files: names.length,
      newestMs: Math.max(own.mtimeMs, ...times),
      newestFileMs,
      writable,
    };
  } catch (error) {
    return { kind: 'unusable', code: error instanceof Error && 'code' in error ? String(error.code) : 'EIO' };
  }
});
