import type { FileDrop } from '../config/transport.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import { createHelper } from '../platform/helper.ts';
import { buildBatch } from './batch.ts';
import type { Client } from './client.ts';
import type { FileReply, FileRequest } from './file-work.ts';

export interface FileClientDeps {
  /** After which a folder that does not answer is given up; what hangs there may still come about. */
  readonly seconds: number;
  readonly file: FileDrop;
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
export function createFileClient({ seconds, file: drop, stamp }: FileClientDeps): Client {
  const { folder, extension, batch } = drop;
  const helper = createHelper<FileRequest, FileReply>({ entry: PROCESS, idleMs: IDLE_MS });

  const put = async (name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<SendOutcome> => {
    const file = `${name}${extension}`;
    const answer = await helper.ask({ folder, file, bytes }, { limitMs: 1000 * seconds, signal });
    switch (answer.kind) {
      case 'reply': {
        const { reply } = answer;
        return reply.ok ? { kind: 'written', file } : { kind: 'unwritable', code: reply.code };
      }
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
