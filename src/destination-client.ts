import type { Config, Destination } from './config/schema.ts';
import type { Client } from './deliver/client.ts';
import { createClient } from './deliver/create-client.ts';
import type { KnownFolders } from './deliver/known-folders.ts';
import { readAck } from './hl7/ack.ts';
import { messageOptions } from './hl7/profiles.ts';
import { hl7Stamps } from './hl7/time.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';

export interface ClientSurroundings {
  readonly site: Config['site'];
  readonly clock: Clock;
  readonly log: Log;
  /** Without it, as for a test message, an output folder is neither marked nor recognised. */
  readonly knownFolders?: KnownFolders | null;
}

/** The client of a destination, which reads answers and writes headers as its profile says. */
export function clientFor(
  destination: Destination,
  { site, clock, log, knownFolders = null }: ClientSurroundings,
): Client {
  const { charset, offset } = messageOptions(destination);
  const stamps = hl7Stamps(site.timeZone, offset);
  return createClient({
    destination,
    readAck: (bytes) => readAck(bytes, charset),
    ...{ log, knownFolders },
    // The one of our names that is not the one registered for the internet.
    charset: charset === 'ASCII' ? 'US-ASCII' : charset,
    stamp: () => stamps.moment(clock.now()),
  });
}
