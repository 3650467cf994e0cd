/** Writes HL7 times in the laboratory's zone. */
export interface Stamps {
  /** A moment, to the second: `20251122103015+0900`. */
  moment(at: Date): string;
  /**
   * A wall-clock time of the laboratory, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS]`, as precise as it was given; a date
   * has no offset. Where clocks were put back and the time came twice, the earlier is meant.
   * @param field where the time is written, such as PID-7; the error names it, and never quotes the text
   * @throws Error where the text has another form or names no day
   */
  local(text: string, field: string): string;
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * @param timeZone IANA zone, or `system` for that of this machine
 * @param withOffset whether times say how far they are from UTC
 */
export function hl7Stamps(timeZone: string, withOffset: boolean): Stamps {
  const offsetAt = offsetsOf(timeZone);
  const suffix = (offset: number): string => (withOffset ? offsetText(offset) : '');
  return {
    moment(at) {
      const offset = offsetAt(at.getTime());
      return digitsOf(at.getTime() + offset * MINUTE) + suffix(offset);
    },
    local(text, field) {
      const match = LOCAL.exec(text);
      const wall = match === null ? NaN : Date.parse(`${text.padEnd(16, 'T00:00')}Z`);
      // Date.parse takes 31 February for 3 March.
      if (
        match === null ||
        Number.isNaN(wall) ||
        !new Date(wall).toISOString().startsWith(text.slice(0, 10))
      ) {
        throw new Error(`${field} is no time of the form YYYY-MM-DD or YYYY-MM-DDTHH:MM[:SS]`);
      }
      const digits = match.slice(1).join('');
      return match[4] === undefined ? digits : digits + suffix(offsetOfWall(wall, offsetAt));
    },
  };
}

/** Minutes east of UTC at a moment, in ms since 1970. */
type Offsets = (at: number) => number;

/** Asking the formatter of a zone takes longer than all else in a message, and so does making it: both are kept. */
const zones = new Map<string, Offsets>();
/** The minutes of many messages are few: when the specimens were taken, and now. */
const MINUTES_KEPT = 1000;

function offsetsOf(timeZone: string): Offsets {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const ask = askingOf(timeZone);
  const offsets = new Map<number, number>();
  const offsetAt: Offsets = (at) => {
    // No offset changes within a minute.
    const minute = Math.floor(at / MINUTE);
    let offset = offsets.get(minute);
    if (offset === undefined) {
      offset = ask(minute * MINUTE);
      if (offsets.size >= MINUTES_KEPT) offsets.clear();
      offsets.set(minute, offset);
    }
    return offset;
  };
  zones.set(timeZone, offsetAt);
  return offsetAt;
}

function askingOf(timeZone: string): Offsets {
  const format = new Intl.DateTimeFormat('en-US', {
    ...(timeZone === 'system' ? {} : { timeZone }),
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (at) => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(
      part.get('year') ?? NaN,
      (part.get('month') ?? NaN) - 1,
      part.get('day'),
      part.get('hour'),
      part.get('minute'),
    );
    return Math.round((wall - at) / MINUTE);
  };
}

/** The offset at which a clock on the wall shows `wall`; where it never does, that of the day before. */
function offsetOfWall(wall: number, offsetAt: Offsets): number {
  const before = offsetAt(wall - DAY);
  const after = offsetAt(wall + DAY);
  if (before === after) return before;
  const showsIt = (offset: number): boolean => offsetAt(wall - offset * MINUTE) === offset;
  return !showsIt(before) && showsIt(after) ? after : before;
}

function digitsOf(wall: number): string {
  const at = new Date(wall).toISOString();
  return `${at.slice(0, 4)}${at.slice(5, 7)}${at.slice(8, 10)}${at.slice(11, 13)}${at.slice(14, 16)}${at.slice(17, 19)}`;
}

function offsetText(offset: number): string {
  const size = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
