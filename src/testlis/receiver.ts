import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { createFrameDecoder } from '../deliver/frame.ts';
import { readMessage, textAt } from '../hl7/read.ts';
import type { ReadMessage } from '../hl7/read.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { answerTo } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';
import { openJournal, readJournal } from './journal.ts';
import type { Journal, ReceivedMessage } from './journal.ts';

/** Room for a message with a picture in it. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export interface TestLisOptions {
  /** File of received messages; one that exists is continued. None by default. */
  readonly journal?: string;
  /** Only 127.0.0.1 by default: the test LIS takes messages from anybody who can reach it. */
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Whether a message is on the disk before it is acknowledged; default true. */
  readonly fsync?: boolean;
  /** How to treat a message; accepts every one by default. */
  readonly behave?: (controlId: string) => Behaviour;
  /** Certificate, key and the like: TLS instead of plain TCP. */
  readonly tls?: TlsOptions;
  /** Told of each message before it is answered. */
  readonly onMessage?: (message: Omit<ReceivedMessage, 'sha256'>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A LIS for demonstrations and tests: takes MLLP, journals each message, then answers as it is told to. */
export interface TestLis {
  listen(): Promise<{ readonly port: number }>;
  /** The journal so far. */
  messages(): Promise<ReceivedMessage[]>;
  /** Ends all connections; the journal is complete when it ends. */
  close(): Promise<void>;
}

export function createTestLis(options: TestLisOptions): TestLis {
  const { journal: path, host = '127.0.0.1', port = 0, fsync = true, clock, log } = options;
  const behave = options.behave ?? ((): Behaviour => ({ kind: 'accept' }));
  const conversations = new Map<Socket, Promise<void>>();
  const closing = new AbortController();
  let running: { readonly server: Server; readonly journal: Journal | null } | null = null;

  const keep = async (journal: Journal | null, message: Omit<ReceivedMessage, 'sha256'>): Promise<void> => {
    await journal?.add(message);
    options.onMessage?.(message);
  };

  const receive = async (bytes: Uint8Array, socket: Socket, journal: Journal | null): Promise<void> => {
    const receivedAt = clock.now().toISOString();
    const header = readHeader(bytes);
    const controlId = textAt(header?.segments[0], 10);
    if (header === null || controlId === '') {
      log.warn('test LIS: a message without MSH-10', { length: bytes.length });
      await keep(journal, { receivedAt, controlId: null, behaviour: 'unreadable', bytes });
      socket.destroy();
      return;
    }
    const behaviour = behave(controlId);
    if (behaviour.kind !== 'close-before-commit') {
      await keep(journal, { receivedAt, controlId, behaviour: nameOf(behaviour), bytes });
    }
    if (behaviour.kind === 'late') await delay(behaviour.ms, undefined, { signal: closing.signal });
    const answer = answerTo(header, behaviour, clock.now());
    if (answer === null) socket.destroy();
    else if (answer.length > 0) socket.write(answer);
  };

  const converse = async (socket: Socket, journal: Journal | null): Promise<void> => {
    const decoder = createFrameDecoder(MAX_MESSAGE_BYTES);
    try {
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        for (const decoded of decoder.push(chunk)) {
          if (socket.destroyed) return;
          if (decoded.kind === 'message') await receive(decoded.bytes, socket, journal);
          else log.warn(`test LIS: ${decoded.length} bytes ${decoded.reason}`);
        }
      }
    } catch (error) {
      // The sender went away, or the journal could not be written: either way nothing was acknowledged.
      if (!closing.signal.aborted) log.warn('test LIS: a connection broke', { error: String(error) });
      socket.destroy();
    } finally {
      conversations.delete(socket);
    }
  };

  return {
    async listen() {
      const journal = path === undefined ? null : await openJournal(path, fsync);
      const onConnection = (socket: Socket): void => {
        conversations.set(socket, converse(socket, journal));
      };
      const server =
        options.tls === undefined
          ? createServer({ noDelay: true }, onConnection)
          : createTlsServer({ ...options.tls, noDelay: true }, onConnection);
      running = { server, journal };
      server.listen(port, host);
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the test LIS has no TCP port');
      return { port: address.port };
    },
    messages: () => (path === undefined ? Promise.resolve([]) : readJournal(path)),
    async close() {
      closing.abort();
      if (running === null) return;
      const { server, journal } = running;
      running = null;
      const closed = once(server, 'close');
      server.close();
      const ended = [...conversations.values()];
      for (const socket of conversations.keys()) socket.destroy();
      await Promise.all([...ended, closed]);
      await journal?.close();
    },
  };
}

/** The message as far as its first line: all that an answer depends on. Null where that is no MSH. */
function readHeader(bytes: Uint8Array): ReadMessage | null {
  const [line = ''] = new TextDecoder().decode(bytes).split(/[\r\n]/, 1);
  const reading = readMessage(line);
  return reading.ok ? reading.message : null;
}

function nameOf(behaviour: Behaviour): string {
  return behaviour.kind === 'answer' ? behaviour.code : behaviour.kind;
}
