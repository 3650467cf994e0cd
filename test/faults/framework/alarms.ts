import type { Daemon } from './daemon.ts';

/** How often alarms began or ended, by the daemon's log; `from`: after so many of its lines. */
export function alarms(
  daemon: Daemon,
  about: string | RegExp,
  event: 'raised' | 'cleared',
  from = 0,
): number {
  const isMeant = (alert: unknown): boolean =>
    typeof alert === 'string' && (typeof about === 'string' ? alert === about : about.test(alert));
  return daemon.log.slice(from).filter((line) => line['event'] === event && isMeant(line['alert'])).length;
}

/** What the first alarm of a key said; empty where there was none. */
export function alarmText(daemon: Daemon, key: string): string {
  return daemon.log.find(({ alert, event }) => alert === key && event === 'raised')?.message ?? '';
}
