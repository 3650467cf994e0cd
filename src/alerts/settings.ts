import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { AlertSettings, Alerts } from './alerts.ts';
import { senderFor } from './channel.ts';
import { kindOf, subjectOf, type AlertKey } from './kinds.ts';
import type { Sender } from './message.ts';

export function alertSender({ site }: Pick<Config, 'site'>): Sender {
  return { facility: site.facility, host: hostname(), timeZone: site.timeZone };
}

export function alertSettings(config: Pick<Config, 'site' | 'alerts'>): AlertSettings {
  const { channels, urgent, off } = config.alerts;
  return {
    from: alertSender(config),
    channels: channels.map((channel) => ({
      rules: {
        name: channel.name,
        quiet: channel.quiet ?? null,
        urgent: new Set(urgent),
        off: new Set(off),
        timeZone: config.site.timeZone,
      },
      send: senderFor(channel),
    })),
  };
}

/** Ends what lasted for something that is not configured any more: nothing would ever tell that it is over. */
export function endUnconfigured(alerts: Alerts, config: Config): void {
  for (const key of alerts.open())
    if (!isConfigured(key, config)) alerts.clear(key, `${key}, not configured any more, ended`);
}

function isConfigured(key: AlertKey, { lis, watch, worklist, orders, lookup }: Config): boolean {
  const subject = subjectOf(key);
  switch (kindOf(key)) {
    case 'lis':
    case 'unsent':
    case 'held':
    case 'certificate':
      return lis.some(({ name }) => name === subject);
    // Waiting for one that is configured is no matter of this kind.
    case 'queue':
      return !lis.some(({ name }) => name === subject);
    case 'folder':
      return watch.folders.includes(subject) || worklist?.folder === subject;
    case 'orders':
      return orders !== undefined;
    case 'lookup':
      return lookup !== undefined;
    case 'start':
    case 'config':
    case 'damaged':
    case 'forgotten':
    case 'review':
    case 'control':
    case 'file':
    case 'disk':
    case 'outbox':
    case 'space':
    case 'clock':
    case 'backup':
    case 'job':
    case 'audit':
    case 'summary':
      return true;
  }
}
