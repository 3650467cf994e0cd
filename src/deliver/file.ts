import type { FileDrop } from '../config/transport.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import { createHelper, type Answer } from '../platform/helper.ts';
import { buildBatch } from './batch.ts';
import type { Client } from './client.ts';
import { errorCode } from './error-code.ts';
import type { FileReply, FileRequest } from './file-work.ts';
import { STRANGE } from './folder-mark.ts';
import type { KnownFolders } from './known-folders.ts';

export interface FileClientDeps {
  /** After which a folder that does not answer is given up; what hangs there may still come about. */
  readonly seconds: number;
  readonly file: FileDrop;
  /** Null: whatever the folder is, it is written to. */
  readonly knownFolders: KnownFolders | null;
  /** The time for the headers of a batch, as HL7 writes it. */
  readonly stamp: () => string;
}

const PROCESS = new URL('./file-work.ts', import.meta.url);

/** How long the process is kept that writes, while nothing is to be written. */
const IDLE_MS = 30_000;

/**
 * Writes each message, or each batch, into a file of the folder. All that touches the folder is done by a process of its
 * own: it may be a share, and a share may hang.
 */
export function createFileClient({ seconds, file: drop, knownFolders, stamp }: FileClientDeps): Client {
  const { folder, extension, batch } = drop;
  const helper = createHelper<FileRequest, FileReply>({ entry: PROCESS, idleMs: IDLE_MS });

  const put = async (name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<SendOutcome> => {
    const file = `${name}${extension}`;
    const deadline = performance.now() + 1000 * seconds;
    const ask = (): Promise<Answer<FileReply>> => {
      const mark = knownFolders?.markOf(folder) ?? null;
      return helper.ask({ folder, mark, file, bytes }, { limitMs: deadline - performance.now(), signal });
    };
    try {
      const first = await ask();
      if (first.kind !== 'reply' || first.reply.kind !== 'marked') return outcomeOf(first, file);
      knownFolders?.note(folder, first.reply.word);
      return outcomeOf(await ask(), file);
    } catch (error) {
      // Of the note about folders: without it nothing is written, as it might be the wrong disk.
      return { kind: 'unwritable', code: errorCode(error) };
    }
  };

  const outcomeOf = (answer: Answer<FileReply>, file: string): SendOutcome => {
    switch (answer.kind) {
      case 'reply':
        if (answer.reply.kind === 'written') return { kind: 'written', file };
        return { kind: 'unwritable', code: answer.reply.kind === 'failed' ? answer.reply.code : STRANGE };
      case 'no-answer':
        return { kind: 'unwritable', code: `no answer within ${seconds} s` };
      case 'stopped':
        return { kind: 'stopped' };
      case 'broken':
        return { kind: 'unwritable', code: answer.how };
    }
  };

  return {
    send: ({ controlId, bytes }, signal) => put(controlId, bytes, signal),
    ...(batch !== undefined && {
      batches: {
        ...batch,
        send(messages, signal) {
          const [{ controlId }] = messages;
          const bodies = messages.map(({ bytes }) => bytes);
          const bytes = buildBatch(bodies, { at: stamp(), controlId });
          return put(`${controlId}-${messages.length}`, bytes, signal);
        },
      },
    }),
    close: () => helper.close(),
  };
}
