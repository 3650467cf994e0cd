import type { Config, Destination } from '../config/schema.ts';
import type { Reason } from '../reason.ts';
import { encode } from './charset.ts';
import { buildOru } from './oru.ts';
import type { Envelope, Report } from './report.ts';

/** One message as it will be sent, byte for byte, however often. */
export interface Message {
  readonly controlId: string;
  readonly destination: string;
  readonly bytes: Uint8Array;
}

export type Composed =
  | { readonly ok: true; readonly messages: readonly Message[] }
  | { readonly ok: false; readonly reason: Reason };

/** The messages of one report, one a destination; what cannot be written is a reason to hold, never left out. */
export function composeMessages(
  report: Report,
  config: Pick<Config, 'lis' | 'site'>,
  nextEnvelope: () => Envelope,
): Composed {
  const messages: Message[] = [];
  for (const destination of config.lis) {
    const written = write(report, nextEnvelope(), destination, config.site);
    if ('code' in written) return { ok: false, reason: written };
    messages.push(written);
  }
  return { ok: true, messages };
}

function write(
  report: Report,
  envelope: Envelope,
  { name, message }: Destination,
  site: Config['site'],
): Message | Reason {
  const refused = (detail: string): Reason => ({ code: 'CANNOT_ENCODE', detail: `${name}: ${detail}` });
  let text: string;
  try {
    text = buildOru(report, envelope, message, site);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  const encoded = encode(text, 'UTF-8');
  return encoded.ok
    ? { controlId: envelope.controlId, destination: name, bytes: encoded.bytes }
    : refused(encoded.detail);
}
