import type { Notice } from './due.ts';
import type { Episode } from './episodes.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** How long, in the two largest units that say something: `40 s`, `2 h 10 min`, `3 days 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (days > 0) return join(`${days} ${days === 1 ? 'day' : 'days'}`, hours, 'h');
  if (hours > 0) return join(`${hours} h`, minutes, 'min');
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

function join(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`;
}

/** `main is back after 2 h 10 min`; null while it lasts, and of what has no end. */
export function endingOf({ since, ended }: Episode): string | null {
  if (ended?.text == null) return null;
  return `${ended.text} after ${duration(Date.parse(ended.at) - Date.parse(since))}`;
}

/** A notice as one line. */
export function lineOf({ event, episode }: Notice, timeZone: string): string {
  const at = (time: string): string => localTime(new Date(time), timeZone);
  switch (event) {
    case 'begun':
    case 'happened':
      return `${episode.text} (${at(episode.since)})`;
    case 'ended':
      return `${endingOf(episode) ?? ''} (${at(episode.ended?.at ?? episode.since)})`;
    case 'passed':
      return `${episode.text} (${at(episode.since)}); over: ${endingOf(episode) ?? ''}`;
  }
}

/** `2026-11-22 10:30` on the laboratory's clock. */
export function localTime(time: Date, timeZone: string): string {
  const options = { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('sv-SE', {
    ...options,
    ...(timeZone === 'system' ? {} : { timeZone }),
  }).format(time);
}
