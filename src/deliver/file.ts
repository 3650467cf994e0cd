import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDrop } from '../config/transport.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import type { Log } from '../platform/log.ts';
import { buildBatch } from './batch.ts';
import type { Client } from './client.ts';
import { startDeadline } from './deadline.ts';
import { syncFolder, writeDurably } from './durable-file.ts';
import { errorCode } from './error-code.ts';

export interface FileClientDeps {
  readonly name: string;
  /** After which a folder that does not answer is given up; what hangs there may still come about. */
  readonly seconds: number;
  readonly file: FileDrop;
  readonly stamp: () => string;
  readonly log: Log;
}

/** Ending of the messages that wait for their batch; receivers look for `extension`. */
const WAITING = '.waiting';

/** How long a stop waits for the end of a batch; what waits for it is safe meanwhile. */
const CLOSE_SECONDS = 3;

/**
 * Writes each message into a file of the folder, or into a batch. A message of an open batch waits on the disk in a
 * folder of its own below, so that neither a stop nor a crash loses it or leaves half a batch.
 */
export function createFileClient({ name, seconds, file, stamp, log }: FileClientDeps): Client {
  const { folder, extension, batch } = file;
  const waiting = join(folder, `.raisingd-${name}`);
  let timer: NodeJS.Timeout | null = null;
  let working = Promise.resolve();
  let failing = false;
  let closed = false;

  /** One piece of work at a time: the timer of a batch and a message must not meet. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = working.then(work);
    working = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };

  const waitingNames = async (): Promise<string[]> => {
    const names = await readdir(waiting).catch((error: unknown): string[] => {
      // No message has waited yet.
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    return names.filter((one) => one.endsWith(WAITING)).sort();
  };

  /** Ends the batch that is open. What waits is removed last: after a crash it is sent twice and not never. */
  const endBatch = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    await assertFolder(folder);
    const names = await waitingNames();
    const [first] = names;
    if (first === undefined) return;
    const messages = await Promise.all(names.map((one) => readFile(join(waiting, one))));
    const controlId = first.slice(0, -WAITING.length);
    const path = join(folder, `${controlId}-${messages.length}${extension}`);
    await writeDurably(path, buildBatch(messages, { at: stamp(), controlId }));
    for (const one of names) await rm(join(waiting, one));
    await syncFolder(waiting);
  };

  /** Nothing that waits may be forgotten: where it cannot be ended now, it is tried again and again. */
  const endOrRetry = (after: number): void => {
    inTurn(endBatch).then(
      () => {
        failing = false;
      },
      (error: unknown) => {
        const code = errorCode(error);
        log[failing ? 'debug' : 'warn']('A batch could not be written yet', { destination: name, code });
        failing = true;
        endInTime(after);
      },
    );
  };
  const endInTime = (after: number): void => {
    if (!closed) timer ??= setTimeout(() => endOrRetry(after), 1000 * after);
  };

  const write = async (controlId: string, bytes: Uint8Array): Promise<string> => {
    await assertFolder(folder);
    if (batch === undefined) {
      await writeDurably(join(folder, `${controlId}${extension}`), bytes);
      return `${controlId}${extension}`;
    }
    await mkdir(waiting, { recursive: true, mode: 0o750 });
    await writeDurably(join(waiting, `${controlId}${WAITING}`), bytes);
    if ((await waitingNames()).length >= batch.messages) await endBatch();
    else endInTime(batch.seconds);
    return 'a batch';
  };

  // Of an earlier run.
  if (batch !== undefined) endOrRetry(batch.seconds);

  return {
    send({ controlId, bytes }, signal): Promise<SendOutcome> {
      if (signal?.aborted === true) return Promise.resolve({ kind: 'stopped' });
      const written = inTurn(() => write(controlId, bytes)).then(
        (file): SendOutcome => ({ kind: 'written', file }),
        (error: unknown): SendOutcome => ({ kind: 'unwritable', code: errorCode(error) }),
      );
      return firstOf(written, seconds, signal);
    },
    async close() {
      closed = true;
      const ended = inTurn(timer === null ? () => Promise.resolve() : endBatch).then(
        (): SendOutcome => ({ kind: 'stopped' }),
        (error: unknown): SendOutcome => ({ kind: 'unwritable', code: errorCode(error) }),
      );
      const outcome = await firstOf(ended, CLOSE_SECONDS, undefined);
      if (outcome.kind !== 'stopped') {
        log.warn('A batch is ended at the next start', { destination: name, reason: outcome.kind });
      }
    },
  };
}

/** A folder whose share is away must not be made anew on the disk below. */
async function assertFolder(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw Object.assign(new Error(path), { code: 'ENOTDIR' });
}

/** What is written, or that it takes too long, or that nobody waits any more. */
function firstOf(
  work: Promise<SendOutcome>,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<SendOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: SendOutcome): void => {
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => settle({ kind: 'stopped' });
    const cancelDeadline = startDeadline(seconds, () => {
      settle({ kind: 'unwritable', code: `no answer within ${seconds} s` });
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    void work.then(settle);
  });
}
