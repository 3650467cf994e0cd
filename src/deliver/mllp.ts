import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Destination } from '../config/schema.ts';
import type { OutboxEntry } from '../outbox/entry.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import type { Log } from '../platform/log.ts';
import { createStrayBin } from './answer.ts';
import type { AckReader } from './answer.ts';
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import { holdsFramingByte } from './frame.ts';

/** The part of an entry that goes on the wire. */
export type Sendable = Pick<OutboxEntry, 'controlId' | 'bytes'>;

export interface MllpClient {
  /**
   * Sends one message and waits for its acknowledgement, within the deadlines of the destination. Whatever the
   * network or the LIS does is an outcome, never an error. Only one message may be in flight.
   */
  send(message: Sendable, signal?: AbortSignal): Promise<SendOutcome>;
  /** Ends the connection that is kept open between messages. */
  close(): void;
}

export interface MllpClientDeps {
  readonly destination: Pick<Destination, 'name' | 'mllp' | 'connection' | 'timeouts'>;
  readonly readAck: AckReader;
  readonly log: Log;
  /** Begins to open a socket; plain TCP to the destination unless told otherwise. */
  readonly openSocket?: () => Socket;
}

/** Sends over MLLP, one message in flight: pipelined, half of the receivers tried lost messages or answers. */
export function createMllpClient(deps: MllpClientDeps): MllpClient {
  const { destination, readAck } = deps;
  const { connectSeconds, ackSeconds } = destination.timeouts;
  const openSocket = deps.openSocket ?? ((): Socket => openTcp(destination.mllp));
  const strays = createStrayBin(destination.name, deps.log);
  let kept: Connection | null = null;
  let inFlight = false;

  const sendOne = async (message: Sendable, signal: AbortSignal | undefined): Promise<SendOutcome> => {
    if (holdsFramingByte(message.bytes)) return { kind: 'unsendable' };
    if (kept !== null) await endOfStreamSeen();
    if (signal?.aborted === true) return { kind: 'stopped' };

    const idle = kept?.isOpen() === true ? kept : null;
    const connection = idle ?? (await connect(openSocket, connectSeconds, signal));
    if ('kind' in connection) return connection;

    const reused = idle !== null;
    const seconds = ackSeconds;
    const outcome = await exchange({ connection, message, reused, seconds, readAck, strays, signal });
    if (outcome.kind !== 'acknowledged') {
      // Whatever this connection may still bring belongs to a message that is over.
      connection.destroy();
      kept = null;
    } else if (destination.connection === 'perMessage') {
      connection.finish();
      kept = null;
    } else {
      kept = connection;
    }
    return outcome;
  };

  return {
    async send(message, signal) {
      if (inFlight) throw new Error(`${destination.name} has not answered yet: send one message at a time`);
      inFlight = true;
      try {
        return await sendOne(message, signal);
      } finally {
        inFlight = false;
      }
    },
    close() {
      kept?.finish();
      kept = null;
    },
  };
}

/** Two turns of the event loop: what has already arrived, an end of stream above all, is noticed first. */
async function endOfStreamSeen(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

function openTcp({ host, port }: Destination['mllp']): Socket {
  return createConnection({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
}
