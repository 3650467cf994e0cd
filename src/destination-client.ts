import type { Config, Destination } from './config/schema.ts';
import type { Client } from './deliver/client.ts';
import { createClient } from './deliver/create-client.ts';
import { readAck } from './hl7/ack.ts';
import { messageOptions } from './hl7/profiles.ts';
import { hl7Stamps } from './hl7/time.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';

/** The client of a destination, which reads answers and writes headers as its profile says. */
export function clientFor(
  destination: Destination,
  { site, clock, log }: { readonly site: Config['site']; readonly clock: Clock; readonly log: Log },
): Client {
  const { charset, offset } = messageOptions(destination);
  const stamps = hl7Stamps(site.timeZone, offset);
  return createClient({
    destination,
    readAck: (bytes) => readAck(bytes, charset),
    log,
    // The one of our names that is not the one registered for the internet.
    charset: charset === 'ASCII' ? 'US-ASCII' : charset,
    stamp: () => stamps.moment(clock.now()),
  });
}
