import type { ChannelConfig } from '../config/alerts.ts';
import type { SendAlert } from './sending.ts';

/** For one message, name look-up and connection included. */
const ALERT_LIMIT_MS = 10_000;

/**
 * Loads what a channel needs when it is configured, and not before: a mailer takes memory, and where files run out it
 * could not be loaded any more.
 */
export function senderFor(channel: ChannelConfig, limitMs = ALERT_LIMIT_MS): SendAlert {
  const loading = load(channel, limitMs);
  loading.catch(() => undefined);
  return async (message, signal) => {
    try {
      return await (
        await loading
      )(message, signal);
    } catch (error) {
      return { kind: 'failed', problem: error instanceof Error ? error.name : 'unknown error' };
    }
  };
}

async function load({ name, webhook, email }: ChannelConfig, limitMs: number): Promise<SendAlert> {
  if (webhook !== undefined) return (await import('./webhook.ts')).webhookSender(webhook, limitMs);
  if (email !== undefined) return (await import('./email.ts')).mailSender(email, limitMs);
  throw new Error(`alert channel ${name} has neither webhook nor email`);
}

/** Where a channel goes, for lists: without what may be a secret. */
export function describeChannel({ webhook, email }: ChannelConfig): string {
  if (email !== undefined) return `mail over ${email.host}:${email.port} to ${email.to.join(', ')}`;
  const host = webhook?.url === undefined ? 'the URL in urlFile' : new URL(webhook.url).host;
  return `webhook (${webhook?.format ?? 'json'}) at ${host}`;
}
