import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../platform/helper.ts';
import { writeDurably } from './durable-file.ts';
import { errorCode } from './error-code.ts';
import { isStrange, recognise, STRANGE, type Mark, type Recognition } from './folder-mark.ts';

/** A file, as it is to be, for a folder. */
export interface FileRequest {
  readonly folder: string;
  /** Null: whatever the folder is. */
  readonly mark: Mark | null;
  readonly file: string;
  readonly bytes: Uint8Array;
}

export type FileReply =
  | { readonly kind: 'written' }
  /** Not written: the word is to be noted first. */
  | Extract<Recognition, { kind: 'marked' }>
  /** `code` is the system's, such as ENOSPC. */
  | { readonly kind: 'failed'; readonly code: string };

async function put({ folder, mark, file, bytes }: FileRequest): Promise<FileReply> {
  // A folder whose share is away must not be made anew on the disk below.
  if (!(await stat(folder)).isDirectory()) return { kind: 'failed', code: 'ENOTDIR' };
  const found: Recognition = mark === null ? { kind: 'known' } : await recognise(folder, mark);
  if (found.kind === 'marked') return found;
  if (found.kind === 'strange') return { kind: 'failed', code: STRANGE };
  await writeDurably(join(folder, file), bytes);
  // The share may have gone in between.
  if (mark !== null && (await isStrange(folder, mark.known))) return { kind: 'failed', code: STRANGE };
  return { kind: 'written' };
}

/** The process that touches the folders of file destinations; src/deliver/file.ts starts it and gives it up. */
serve((request: FileRequest): Promise<FileReply> =>
  put(request).catch((error: unknown) => ({ kind: 'failed', code: errorCode(error) })),
);
