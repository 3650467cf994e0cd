import type { Config, Destination } from '../config/schema.ts';
import type { Reason } from '../reason.ts';
import { buildReport } from './build.ts';
import { encode } from './charset.ts';
import { fit } from './charset/fit.ts';
import { forbidden, remarkOn } from './charset/policy.ts';
import { messageOptions, type MessageOptions } from './profiles.ts';
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
  destination: Destination,
  site: Config['site'],
): Message | Reason {
  const { name } = destination;
  const refused = (detail: string): Reason => ({ code: 'CANNOT_ENCODE', detail: `${name}: ${detail}` });
  const options = messageOptions(destination);
  const { charset } = options;
  try {
    const text = buildReport(report, envelope, options, site);
    const fitted = fit(text, charset, options);
    const wrong = forbidden(fitted.replaced, options.unencodable);
    if (wrong !== null) return refused(`${wrong.place}: ${wrong.code} cannot be written in ${charset}`);
    const remark = remarkOn(fitted.replaced, charset, site.language);
    const whole = remark === null ? fitted.text : withRemark(report, remark, envelope, options, site);
    const encoded = encode(whole, charset);
    return encoded.ok
      ? { controlId: envelope.controlId, destination: name, bytes: encoded.bytes }
      : refused(encoded.detail);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}

/** The message once more, with a comment that tells what was replaced, also where other comments are off. */
function withRemark(
  report: Report,
  remark: string,
  envelope: Envelope,
  options: MessageOptions,
  site: Config['site'],
): string {
  const notes = [...(options.notes ? report.notes : []), remark];
  const text = buildReport({ ...report, notes }, envelope, { ...options, notes: true }, site);
  return fit(text, options.charset, options).text;
}
