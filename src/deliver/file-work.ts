import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../platform/helper.ts';
import { buildBatch } from './batch.ts';
import type { Sendable } from './client.ts';
import { syncFolder, writeDurably } from './durable-file.ts';
import { errorCode } from './error-code.ts';

/** Where a destination's files go. A message of an open batch waits in `waiting`, a folder below `folder`. */
interface Place {
  readonly folder: string;
  readonly waiting: string;
  readonly extension: string;
}

export type FileWork =
  | { readonly kind: 'write'; readonly message: Sendable }
  /** Puts it with the batch that waits, and ends that once it has `full` messages. */
  | { readonly kind: 'collect'; readonly message: Sendable; readonly full: number }
  /** Ends the batch that waits; nothing where none does. */
  | { readonly kind: 'end-batch' };

export interface FileRequest {
  readonly place: Place;
  /** The time for the headers of a batch, as HL7 writes it. */
  readonly stamp: string;
  readonly work: FileWork;
}

/** `waits`: a batch is open. `code` is the system's, such as ENOSPC. */
export type FileReply =
  | { readonly ok: true; readonly file: string; readonly waits: boolean }
  | { readonly ok: false; readonly code: string };

/** Ending of the messages that wait for their batch; receivers look for `extension`. */
const WAITING = '.waiting';

async function perform({
  place,
  stamp,
  work,
}: FileRequest): Promise<{ readonly file: string; readonly waits: boolean }> {
  // A folder whose share is away must not be made anew on the disk below.
  if (!(await stat(place.folder)).isDirectory())
    throw Object.assign(new Error(place.folder), { code: 'ENOTDIR' });
  switch (work.kind) {
    case 'write': {
      const file = `${work.message.controlId}${place.extension}`;
      await writeDurably(join(place.folder, file), work.message.bytes);
      return { file, waits: false };
    }
    case 'collect': {
      await mkdir(place.waiting, { recursive: true, mode: 0o750 });
      const { controlId, bytes } = work.message;
      await writeDurably(join(place.waiting, `${controlId}${WAITING}`), bytes);
      const isFull = (await waitingIn(place)).length >= work.full;
      if (isFull) await endBatch(place, stamp);
      return { file: 'a batch', waits: !isFull };
    }
    case 'end-batch':
      await endBatch(place, stamp);
      return { file: 'a batch', waits: false };
  }
}

async function waitingIn({ waiting }: Place): Promise<string[]> {
  const names = await readdir(waiting).catch((error: unknown): string[] => {
    // No message has waited yet.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.filter((one) => one.endsWith(WAITING)).sort();
}

/** What waits is removed last: after a crash it is sent twice and not never. */
async function endBatch(place: Place, at: string): Promise<void> {
  const { folder, waiting, extension } = place;
  const names = await waitingIn(place);
  const [first] = names;
  if (first === undefined) return;
  const messages = await Promise.all(names.map((one) => readFile(join(waiting, one))));
  const controlId = first.slice(0, -WAITING.length);
  await writeDurably(
    join(folder, `${controlId}-${messages.length}${extension}`),
    buildBatch(messages, { at, controlId }),
  );
  for (const one of names) await rm(join(waiting, one));
  await syncFolder(waiting);
}

/** The process that touches the folders of file destinations; src/deliver/file.ts starts it and gives it up. */
serve((request: FileRequest): Promise<FileReply> =>
  perform(request).then(
    (done) => ({ ok: true, ...done }),
    (error: unknown) => ({ ok: false, code: errorCode(error) }),
  ),
);
