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

/** Messages of an open batch are unsent. */
export function warningsOfBatches({ alerts, lis }: Pick<Config, 'alerts' | 'lis'>): Remark[] {
  return lis.flatMap(({ file }, index) => {
    const seconds = file?.batch?.seconds ?? 0;
    if (seconds < 60 * alerts.unsentMinutes) return [];
    const remark = {
      path: `lis[${index}].file.batch.seconds`,
      message: 'lets messages wait for longer than alerts.unsentMinutes: somebody is called for nothing',
      value: formatValue(seconds),
      remedy: 'Shorten it, or raise alerts.unsentMinutes.',
    };
    return [remark];
  });
}
