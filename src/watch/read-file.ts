import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** What one attempt to read a whole file gave. `mtimeNs` is nanoseconds since 1970. */
export type FileRead =
  | { readonly kind: 'read'; readonly bytes: Buffer; readonly size: number; readonly mtimeNs: bigint }
  | { readonly kind: 'too-large'; readonly size: number; readonly mtimeNs: bigint }
  /** Size or time changed while it was read. */
  | { readonly kind: 'changing' }
  | { readonly kind: 'gone' }
  /** A symbolic link, folder, FIFO, socket or device. */
  | { readonly kind: 'not-a-file' }
  /** The process itself has run out of something; the file may be fine. */
  | { readonly kind: 'exhausted'; readonly code: string }
  | { readonly kind: 'unreadable'; readonly code: string };

/** The greatest of the database's integers, as nanoseconds since 1970: the year 2262. */
const LATEST = 2n ** 63n - 1n;

/** O_NONBLOCK: opening a FIFO must not wait for its writer, which takes a thread from every other read. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Reads a regular file of at most `maxBytes`. Never follows a link, never waits for a FIFO, never throws. */
export async function readWholeFile(path: Buffer, maxBytes: number): Promise<FileRead> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, FLAGS);
    return await readOpened(handle, maxBytes);
  } catch (error) {
    return failureOf(error);
  } finally {
    // Nothing was written: a failing close loses nothing.
    await handle?.close().catch(() => undefined);
  }
}

async function readOpened(handle: FileHandle, maxBytes: number): Promise<FileRead> {
  const before = await handle.stat({ bigint: true });
  if (!before.isFile()) return { kind: 'not-a-file' };
  const { size, mtimeNs } = stampOf(before);
  if (size > maxBytes) return { kind: 'too-large', size, mtimeNs };

  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) return { kind: 'changing' };
    filled += bytesRead;
  }
  const after = stampOf(await handle.stat({ bigint: true }));
  if (after.size !== size || after.mtimeNs !== mtimeNs) return { kind: 'changing' };
  return { kind: 'read', bytes, size, mtimeNs };
}

/**
 * As readWholeFile, on a thread that may wait for a share: a call costs a fraction there. The bytes are in `scratch`
 * if they fit, and last until the next call.
 */
export function readWholeFileSync(path: Buffer, maxBytes: number, scratch: Buffer): FileRead {
  let file: number | undefined;
  try {
    file = openSync(path, FLAGS);
    return readOpenedSync(file, maxBytes, scratch);
  } catch (error) {
    return failureOf(error);
  } finally {
    closeQuietly(file);
  }
}

function readOpenedSync(file: number, maxBytes: number, scratch: Buffer): FileRead {
  const before = fstatSync(file, { bigint: true });
  if (!before.isFile()) return { kind: 'not-a-file' };
  const { size, mtimeNs } = stampOf(before);
  if (size > maxBytes) return { kind: 'too-large', size, mtimeNs };

  const bytes = size <= scratch.length ? scratch.subarray(0, size) : Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const bytesRead = readSync(file, bytes, filled, size - filled, filled);
    if (bytesRead === 0) return { kind: 'changing' };
    filled += bytesRead;
  }
  const after = stampOf(fstatSync(file, { bigint: true }));
  if (after.size !== size || after.mtimeNs !== mtimeNs) return { kind: 'changing' };
  return { kind: 'read', bytes, size, mtimeNs };
}

function closeQuietly(file: number | undefined): void {
  if (file === undefined) return;
  try {
    closeSync(file);
  } catch (error) {
    // Nothing was written: a failing close loses nothing. What is no system error is thrown on.
    errorCode(error);
  }
}

/** Size and time of a file; file systems know years that the database does not (1677-2262). */
export function stampOf({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): {
  readonly size: number;
  readonly mtimeNs: bigint;
} {
  const kept = mtimeNs > LATEST ? LATEST : mtimeNs < -LATEST ? -LATEST : mtimeNs;
  return { size: Number(size), mtimeNs: kept };
}

function failureOf(error: unknown): FileRead {
  const code = errorCode(error);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'gone' };
    case 'ELOOP':
    case 'ENXIO':
    case 'ENODEV':
    case 'EISDIR':
      return { kind: 'not-a-file' };
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return { kind: 'exhausted', code };
    default:
      return { kind: 'unreadable', code };
  }
}

/** The system's name of an error, such as EACCES. What is no system error is a defect and thrown on. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
