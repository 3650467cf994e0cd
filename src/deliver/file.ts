import { join } from 'node:path';
import type { FileDrop } from '../config/transport.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import { createHelper, type Answer, type AskLimits } from '../platform/helper.ts';
import type { Log } from '../platform/log.ts';
import type { Client } from './client.ts';
import type { FileReply, FileRequest, FileWork } from './file-work.ts';

export interface FileClientDeps {
  readonly name: string;
  /** After which a folder that does not answer is given up; what hangs there may still come about. */
  readonly seconds: number;
  readonly file: FileDrop;
  readonly stamp: () => string;
  readonly log: Log;
}

const PROCESS = new URL('./file-work.ts', import.meta.url);

/** How long the process is kept that writes, while nothing is to be written. */
const IDLE_MS = 30_000;

/** How long a stop waits for the end of a batch; what waits for it is safe meanwhile. */
const CLOSE_SECONDS = 3;

/**
 * Writes each message into a file of the folder, or into a batch. A message of an open batch waits on the disk in a
 * folder of its own below, so that neither a stop nor a crash loses it or leaves half a batch. All that touches the
 * folder is done by a process of its own: it may be a share, and a share may hang.
 */
export function createFileClient({ name, seconds, file, stamp, log }: FileClientDeps): Client {
  const { folder, extension, batch } = file;
  const place = { folder, extension, waiting: join(folder, `.raisingd-${name}`) };
  const helper = createHelper<FileRequest, FileReply>({ entry: PROCESS, idleMs: IDLE_MS });
  let timer: NodeJS.Timeout | undefined;
  let working = Promise.resolve();
  let failing = false;
  /** A batch is being ended because its time has come. */
  let ending = false;
  const closing = new AbortController();

  /** One piece of work at a time: the timer of a batch and a message must not meet. */
  const inTurn = (work: FileWork, limits: AskLimits = {}): Promise<SendOutcome> => {
    const limitMs = 1000 * seconds;
    const done = working.then(async () => {
      const answer = await helper.ask({ place, stamp: stamp(), work }, { limitMs, ...limits });
      return outcomeOf(answer);
    });
    working = done.then(() => undefined);
    return done;
  };

  const outcomeOf = (answer: Answer<FileReply>): SendOutcome => {
    switch (answer.kind) {
      case 'reply':
        if (!answer.reply.ok) return { kind: 'unwritable', code: answer.reply.code };
        if (answer.reply.waits) endInTime(batch?.seconds ?? 0);
        else clearBatchTimer();
        return { kind: 'written', file: answer.reply.file };
      case 'no-answer':
        return { kind: 'unwritable', code: `no answer within ${seconds} s` };
      case 'stopped':
        return { kind: 'stopped' };
      case 'broken':
        return { kind: 'unwritable', code: answer.how };
    }
  };

  const clearBatchTimer = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const endInTime = (after: number): void => {
    if (!closing.signal.aborted) timer ??= setTimeout(() => void endOrRetry(after), 1000 * after);
  };

  /** Nothing that waits may be forgotten: where it cannot be ended now, it is tried again and again. */
  const endOrRetry = async (after: number): Promise<void> => {
    clearBatchTimer();
    ending = true;
    const outcome = await inTurn({ kind: 'end-batch' }, { signal: closing.signal });
    ending = false;
    if (outcome.kind === 'unwritable') {
      const { code } = outcome;
      log[failing ? 'debug' : 'warn']('A batch could not be written yet', { destination: name, code });
      endInTime(after);
    }
    failing = outcome.kind === 'unwritable';
  };

  // Of an earlier run.
  if (batch !== undefined) void endOrRetry(batch.seconds);

  return {
    send(message, signal) {
      const work: FileWork =
        batch === undefined ? { kind: 'write', message } : { kind: 'collect', message, full: batch.messages };
      return untilAborted(inTurn(work, { signal }), signal);
    },
    async close() {
      closing.abort();
      if (timer !== undefined || ending) {
        clearBatchTimer();
        const outcome = await inTurn({ kind: 'end-batch' }, { limitMs: 1000 * CLOSE_SECONDS });
        if (outcome.kind !== 'written') {
          log.warn('A batch is ended at the next start', { destination: name, reason: outcome.kind });
        }
      }
      helper.close();
    },
  };
}

/** Also while it is not yet its turn: a stop must not wait for a folder that hangs. */
function untilAborted(outcome: Promise<SendOutcome>, signal: AbortSignal | undefined): Promise<SendOutcome> {
  if (signal === undefined) return outcome;
  return new Promise((resolve) => {
    const onAbort = (): void => resolve({ kind: 'stopped' });
    signal.addEventListener('abort', onAbort, { once: true });
    void outcome.then((settled) => {
      signal.removeEventListener('abort', onAbort);
      resolve(settled);
    });
  });
}
