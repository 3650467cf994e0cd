import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../platform/helper.ts';
import { writeDurably } from './durable-file.ts';
import { errorCode } from './error-code.ts';

/** A file, as it is to be, for a folder. */
export interface FileRequest {
  readonly folder: string;
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** `code` is the system's, such as ENOSPC. */
export type FileReply = { readonly ok: true } | { readonly ok: false; readonly code: string };

async function put({ folder, file, bytes }: FileRequest): Promise<FileReply> {
  // A folder whose share is away must not be made anew on the disk below.
  if (!(await stat(folder)).isDirectory()) return { ok: false, code: 'ENOTDIR' };
  await writeDurably(join(folder, file), bytes);
  return { ok: true };
}

/** The process that touches the folders of file destinations; src/deliver/file.ts starts it and gives it up. */
serve((request: FileRequest): Promise<FileReply> =>
  put(request).catch((error: unknown) => ({ ok: false, code: errorCode(error) })),
);
