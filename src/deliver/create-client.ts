import type { Destination } from '../config/schema.ts';
import { transportOf } from '../config/transport.ts';
import type { Log } from '../platform/log.ts';
import type { AckReader } from './answer.ts';
import type { Client } from './client.ts';
import { createFileClient } from './file.ts';
import { createHttpClient } from './http.ts';
import type { KnownFolders } from './known-folders.ts';
import { createMllpClient } from './mllp.ts';

export interface ClientDeps {
  readonly destination: Destination;
  readonly readAck: AckReader;
  readonly log: Log;
  /** Character set of the messages: an HTTP request names it outside of the message too. */
  readonly charset: string;
  /** Null where a folder is written to without a look at what it is. */
  readonly knownFolders: KnownFolders | null;
  /** When it is now, as HL7 writes it: for the headers of batches. */
  readonly stamp: () => string;
}

/** The client of the destination's transport. */
export function createClient({
  destination,
  readAck,
  log,
  charset,
  knownFolders,
  stamp,
}: ClientDeps): Client {
  const transport = transportOf(destination);
  const { name, connection, timeouts, acknowledge } = destination;
  switch (transport.kind) {
    case 'mllp':
      return createMllpClient({
        destination: { name, connection, timeouts, acknowledge, mllp: transport },
        readAck,
        log,
      });
    case 'http':
      return createHttpClient({ destination: { name, timeouts, http: transport }, readAck, log, charset });
    case 'file':
      return createFileClient({
        ...{ file: transport, knownFolders, stamp },
        seconds: timeouts.connectSeconds + timeouts.ackSeconds,
      });
  }
}
