import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Destination } from '../config/schema.ts';
import type { Mllp } from '../config/transport.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import type { Log } from '../platform/log.ts';
import { createStrayBin } from './answer.ts';
import type { AckReader } from './answer.ts';
import type { Client, Sendable } from './client.ts';
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import { holdsFramingByte } from './frame.ts';
import { createOpener } from './open.ts';
import type { Opener } from './open.ts';

export interface MllpClientDeps {
  readonly destination: Pick<Destination, 'name' | 'connection' | 'timeouts' | 'acknowledge'> & {
    readonly mllp: Mllp;
  };
  readonly readAck: AckReader;
  readonly log: Log;
  /** Begins to open a connection; to `destination` unless told otherwise. */
  readonly open?: Opener;
}

/** Sends over MLLP, one message in flight: pipelined, half of the receivers tried lost messages or answers. */
export function createMllpClient(deps: MllpClientDeps): Client {
  const { destination, readAck } = deps;
  const { connectSeconds, ackSeconds } = destination.timeouts;
  const applicationSeconds =
    destination.acknowledge === 'enhanced' ? destination.timeouts.applicationSeconds : null;
  let peerValidTo: Date | null = null;
  const open =
    deps.open ??
    createOpener(destination.mllp, (validTo) => {
      peerValidTo = validTo;
    });
  const strays = createStrayBin(destination.name, deps.log);
  let kept: Connection | null = null;
  let inFlight = false;

  const sendOne = async (message: Sendable, signal: AbortSignal | undefined): Promise<SendOutcome> => {
    if (holdsFramingByte(message.bytes)) return { kind: 'unsendable' };
    if (kept !== null) await endOfStreamSeen();
    if (signal?.aborted === true) return { kind: 'stopped' };

    const idle = kept?.isOpen() === true ? kept : null;
    const connection = idle ?? (await connect(open, connectSeconds, signal));
    if ('kind' in connection) return connection;

    const reused = idle !== null;
    const seconds = ackSeconds;
    const options = { reused, seconds, applicationSeconds, readAck, strays, signal };
    const outcome = await exchange({ connection, message, ...options });
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
    peerValidTo: () => peerValidTo,
  };
}

/** Two turns of the event loop: what has already arrived, an end of stream above all, is noticed first. */
async function endOfStreamSeen(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
