import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { tell } from '../checker/hl7.ts';
import { listenAt } from './port.ts';

/** One message that came in, and what can be done about it. Nothing happens by itself. */
export interface Exchange {
  readonly controlId: string;
  readonly bytes: Buffer;
  /** Counts the messages of this receiver from 0, repeats included. */
  readonly index: number;
  readonly socket: Socket;
  /** Writes it to the journal and to the disk: from here on the LIS has it. Calling it twice does nothing more. */
  commit(): void;
  /** Sends an acknowledgement. Default AA for this message. */
  answer(code?: string, controlId?: string): void;
  /**
   * Raw bytes, unless the connection is gone. An acknowledgement is noted in the journal just before its last byte is
   * sent: half of one is none, whoever made it.
   */
  send(bytes: string | Uint8Array): void;
  /** The bytes of an acknowledgement, framed, for sending in pieces. */
  acknowledgement(code?: string, controlId?: string): Buffer;
}

/** What a receiver does with a message. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

export interface Receiver {
  readonly host: string;
  readonly port: number;
  readonly journal: string;
  /** How it behaves from the next message on; commits and accepts at first. */
  behave(behaviour: Behaviour): void;
  /** How many messages have come, repeats included. */
  received(): number;
  /** Ends every connection and takes no more; `listen` opens the same port again, which nobody else is given meanwhile. */
  close(): Promise<void>;
  listen(): Promise<void>;
  /** Closes it and its journal for good: what a behaviour does later happens no more. */
  end(): Promise<void>;
}

/** Commits, and only then answers. */
export const wellBehaved: Behaviour = (exchange) => {
  exchange.commit();
  exchange.answer();
};

const START = 0x0b;
const END = Buffer.of(0x1c, 0x0d);

/** A LIS of our own making: MLLP over TCP, each message on the disk before it is acknowledged. */
export async function createReceiver(journal: string, host = '127.0.0.1'): Promise<Receiver> {
  const file = openSync(journal, 'a');
  let behaviour = wellBehaved;
  let received = 0;
  let port = 0;
  let over = false;
  const sockets = new Set<Socket>();

  const note = (line: object, durable: boolean): void => {
    // A late answer. Its file is closed, and the number of that may be another file's by now.
    if (over) return;
    writeSync(file, `${JSON.stringify({ ...line, at: new Date().toISOString() })}\n`);
    if (durable) fsyncSync(file);
  };

  const noteAnswers = (frames: readonly Buffer[]): void => {
    for (const frame of frames) {
      const [, code, controlId] = /\rMSA\|(\w+)\|([^|\r]+)/.exec(frame.toString('latin1')) ?? [];
      if (code !== undefined && controlId !== undefined) note({ kind: 'answered', controlId, code }, false);
    }
  };

  const exchangeFor = (bytes: Buffer, socket: Socket, sent: Frames): Exchange => {
    const own = tell(bytes)?.controlId ?? '';
    let committed = false;
    const exchange: Exchange = {
      controlId: own,
      bytes,
      index: received++,
      socket,
      commit() {
        if (committed) return;
        committed = true;
        note({ kind: 'received', bytes: bytes.toString('base64') }, true);
      },
      acknowledgement: (code = 'AA', controlId = own) =>
        framed(
          `MSH|^~\\&|LIS|HOSP|||20250101000000||ACK^R01^ACK|A${exchange.index}|P|2.5.1\rMSA|${code}|${controlId}\r`,
        ),
      answer: (code, controlId) => exchange.send(exchange.acknowledgement(code, controlId)),
      send(raw) {
        if (!socket.writable) return;
        noteAnswers(sent.ended(Buffer.from(raw)));
        socket.write(raw);
      },
    };
    return exchange;
  };

  const converse = async (socket: Socket): Promise<void> => {
    const [came, sent] = [createFrames(), createFrames()];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      for (const bytes of came.ended(chunk)) await behaviour(exchangeFor(bytes, socket, sent));
    }
  };

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A sender that was killed resets its connection: what it had sent counts all the same.
    converse(socket).catch(() => socket.destroy());
  });

  const receiver: Receiver = {
    host,
    get port() {
      return port;
    },
    journal,
    behave(next) {
      behaviour = next;
    },
    received: () => received,
    async listen() {
      if (over) throw new Error('this LIS is gone for good');
      port = await listenAt(server, host, port);
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async end() {
      over = true;
      await receiver.close();
      closeSync(file);
    },
  };
  await receiver.listen();
  return receiver;
}

/** What goes one way over one connection. */
interface Frames {
  /** The contents of the frames that end in this chunk. */
  ended(chunk: Buffer): readonly Buffer[];
}

function createFrames(): Frames {
  let rest = Buffer.alloc(0);
  return {
    ended(chunk) {
      rest = Buffer.concat([rest, chunk]);
      const frames: Buffer[] = [];
      for (let end = rest.indexOf(END); end >= 0; end = rest.indexOf(END)) {
        frames.push(Buffer.from(rest.subarray(rest.indexOf(START) + 1, end)));
        rest = rest.subarray(end + END.length);
      }
      return frames;
    },
  };
}

function framed(text: string): Buffer {
  return Buffer.concat([Buffer.of(START), Buffer.from(text, 'latin1'), END]);
}
