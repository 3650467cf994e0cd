import { hl7Stamps } from '../hl7/time.ts';

/** A time as HL7 writes it: null where it is less precise than a day, undefined where it is none. */
export type ReadTime = string | null | undefined;

const TIME = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d{1,4})?)?)?)?)?([+-]\d{4})?$/;

/**
 * `20251120090000+0900` as the laboratory's own time, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS]`, as precise as it came.
 * An offset is honoured where there is a time of day.
 */
export function readTime(text: string, timeZone: string): ReadTime {
  const [whole, year, month, day, hour, minute, second, offset] = TIME.exec(text) ?? [];
  if (whole === undefined || year === undefined) return undefined;
  if (month === undefined || day === undefined) return null;
  const date = `${year}-${month}-${day}`;
  if (!isDay(date)) return undefined;
  if (hour === undefined || minute === undefined) return date;
  const wall = `${date}T${hour}:${minute}${second === undefined ? '' : `:${second}`}`;
  if (Number.isNaN(Date.parse(`${wall}Z`)) || hour === '24') return undefined;
  if (offset === undefined) return wall;
  const moment = Date.parse(`${wall}${offset.slice(0, 3)}:${offset.slice(3)}`);
  if (Number.isNaN(moment)) return undefined;
  const local = hl7Stamps(timeZone, false).moment(new Date(moment));
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(local) ?? [];
  return `${y}-${mo}-${d}T${h}:${mi}${second === undefined ? '' : `:${s}`}`;
}

function isDay(date: string): boolean {
  if (!/^(19|20)/.test(date)) return false;
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}
