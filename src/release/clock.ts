const formats = new Map<string, Intl.DateTimeFormat>();
/** A batch of traces asks for one moment many times, and a formatter takes long. */
let last = { at: NaN, timeZone: '', text: '' };

/**
 * What a clock on the laboratory's wall shows: `YYYY-MM-DDTHH:MM:SS`, to compare with times that have no zone.
 * @param timeZone IANA zone, or `system` for that of this machine
 */
export function wallTime(at: Date, timeZone: string): string {
  if (last.at === at.getTime() && last.timeZone === timeZone) return last.text;
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {
      ...(timeZone === 'system' ? {} : { timeZone }),
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    formats.set(timeZone, format);
  }
  last = { at: at.getTime(), timeZone, text: format.format(at).replace(' ', 'T') };
  return last.text;
}
