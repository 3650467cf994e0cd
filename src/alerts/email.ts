import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import type { ChannelConfig } from '../config/alerts.ts';
import { secretLine, type SendAlert } from './sending.ts';
import { asMail } from './message.ts';

type Email = NonNullable<ChannelConfig['email']>;

/** A connection for each mail: there are few, and none is kept open to a server that may be restarted. */
export function mailSender(email: Email, limitMs: number): SendAlert {
  return async (message, signal) => {
    const { promise: late, reject: giveUp } = Promise.withResolvers<never>();
    const timer = setTimeout(() => giveUp(new Error(`no answer within ${limitMs} ms`)), limitMs);
    const onAbort = (): void => giveUp(new Error('stopped before an answer'));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const transport = createTransport(await optionsOf(email, limitMs));
      const { subject, text } = asMail(message);
      const headers = { 'Auto-Submitted': 'auto-generated' };
      const mail = { from: email.from, to: [...email.to], subject, text, headers };
      const sending = transport.sendMail(mail).finally(() => transport.close());
      const { rejected } = await Promise.race([sending, late]);
      if (rejected.length === 0) return { kind: 'sent' };
      return { kind: 'partly', problem: `the server refused ${rejected.length} of the addresses` };
    } catch (error) {
      return { kind: 'failed', problem: problemOf(error) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  };
}

async function optionsOf({ host, port, security, ca, user, passwordFile }: Email, limitMs: number) {
  const auth =
    user === undefined || passwordFile === undefined
      ? undefined
      : { user, pass: await secretLine('email.passwordFile', passwordFile) };
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    tls: { ...(ca === undefined ? {} : { ca: await readFile(ca) }), minVersion: 'TLSv1.2' as const },
    ...(auth === undefined ? {} : { auth }),
  };
}

/** The server's own words may quote the sender or the user: its code says enough. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (!('code' in error)) return error.message;
  const reply =
    'responseCode' in error && typeof error.responseCode === 'number' ? ` (SMTP ${error.responseCode})` : '';
  return `${String(error.code)}${reply}`;
}
