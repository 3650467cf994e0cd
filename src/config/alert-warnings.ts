import { formatValue, type Remark } from './faults.ts';
import type { Config } from './schema.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;

/** What should be known of the alert channels. They carry no patient data, but a password may be overheard. */
export function warningsOfAlerts({ alerts }: Pick<Config, 'alerts'>): Remark[] {
  return alerts.channels.flatMap(({ email }, index) => {
    if (email?.user === undefined || email.security !== 'none' || LOOPBACK.test(email.host)) return [];
    const remark = {
      path: `alerts.channels[${index}].email.security`,
      message: 'sends the password in clear text over the network',
      value: formatValue(email.security),
      remedy: 'Use starttls or tls.',
    };
    return [remark];
  });
}
