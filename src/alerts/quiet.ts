/** A part of every day, as wall-clock times `HH:MM`; from later than to: over midnight. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** @param timeZone IANA name; `system` is the zone of this machine */
export function isQuiet(quiet: QuietHours | null, at: Date, timeZone: string): boolean {
  if (quiet === null) return false;
  const now = wallClock(at, timeZone);
  const { from, to } = quiet;
  return from <= to ? from <= now && now < to : now >= from || now < to;
}

function wallClock(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === 'system' ? {} : { timeZone }),
  }).format(at);
}
