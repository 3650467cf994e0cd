import type { Socket } from 'node:net';
import type { SendOutcome } from '../outbox/outcome.ts';
import { startDeadline } from './deadline.ts';
import { errorCode } from './error-code.ts';
import { createFrameDecoder } from './frame.ts';
import type { Decoded } from './frame.ts';
import type { Opener, Opening } from './open.ts';

/** An answer is a few hundred bytes; what is longer is dropped. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** One open TCP connection to a LIS. */
export interface Connection {
  /** False from the moment at which either side ended it. */
  isOpen(): boolean;
  write(frame: Uint8Array): void;
  /** Who hears what arrives, and once why nothing more will; replaces the listener before. */
  listen(listener: ConnectionListener): void;
  /** Bytes of an answer that has begun and not ended. */
  pending(): number;
  /** Ends it once everything is written. */
  finish(): void;
  /** Ends it at once. */
  destroy(): void;
}

export interface ConnectionListener {
  onDecoded(decoded: Decoded): void;
  onEnd(code: string): void;
}

/** Opens a connection within the deadline. Never throws and never rejects: what failed is the outcome. */
export function connect(
  open: Opener,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<Connection | Extract<SendOutcome, { kind: 'unreachable' | 'connect-timeout' | 'stopped' }>> {
  return new Promise((resolve) => {
    let opening: Opening;
    try {
      opening = open();
    } catch (error) {
      resolve({ kind: 'unreachable', code: errorCode(error) });
      return;
    }
    const { socket, ready } = opening;
    const settle = (result: Awaited<ReturnType<typeof connect>>): void => {
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
      socket.off(ready, onConnect).off('error', onError);
      // A socket may complain again after it was given up; unheard, that would end the process.
      socket.on('error', () => undefined);
      if ('kind' in result) socket.destroy();
      resolve(result);
    };
    const onConnect = (): void => {
      settle(toConnection(socket));
    };
    const onError = (error: Error): void => {
      settle({ kind: 'unreachable', code: errorCode(error) });
    };
    const onAbort = (): void => {
      settle({ kind: 'stopped' });
    };
    const cancelDeadline = startDeadline(seconds, () => {
      settle({ kind: 'connect-timeout', seconds });
    });
    socket.once(ready, onConnect).once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function toConnection(socket: Socket): Connection {
  const decoder = createFrameDecoder(MAX_ANSWER_BYTES);
  let listener: ConnectionListener | null = null;
  let open = true;
  const end = (code: string): void => {
    if (!open) return;
    open = false;
    socket.destroy();
    listener?.onEnd(code);
  };
  socket.on('data', (chunk) => {
    for (const decoded of decoder.push(chunk)) listener?.onDecoded(decoded);
  });
  // A peer that has ended its side will not answer any more, even if it would still listen.
  socket.on('end', () => {
    end('end of stream');
  });
  socket.on('error', (error) => {
    end(errorCode(error));
  });
  socket.on('close', () => {
    end('closed');
  });
  return {
    isOpen: () => open,
    write: (frame) => void socket.write(frame),
    listen(next) {
      listener = next;
    },
    pending: () => decoder.pending(),
    finish() {
      open = false;
      socket.destroySoon();
    },
    destroy() {
      open = false;
      socket.destroy();
    },
  };
}
