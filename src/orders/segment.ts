import { FIELD_PATH } from '../config/orders.ts';
import { isOneOf } from '../context/codes.ts';
import { textAt, type ReadMessage, type ReadSegment } from '../hl7/read.ts';
import { Unreadable } from './unreadable.ts';

/** A segment that knows where in its message it stands. */
export interface Placed extends ReadSegment {
  /** Such as `PID` or, from the second of its kind on, `OBX[2]`. */
  readonly place: string;
}

export function placed(message: ReadMessage): readonly Placed[] {
  const seen = new Map<string, number>();
  return message.segments.map((segment) => {
    const count = (seen.get(segment.id) ?? 0) + 1;
    seen.set(segment.id, count);
    return { ...segment, place: count === 1 ? segment.id : `${segment.id}[${count}]` };
  });
}

const LONGEST = 200;

/**
 * A text that will be kept, trimmed; null where the field is empty or says `""`.
 * @throws Unreadable where it is longer than anything that is meant for it, or holds a control character
 */
export function keptText(segment: Placed, field: number, component = 1, subcomponent = 1, occurrence = 1) {
  const text = textAt(segment, field, component, subcomponent, occurrence).trim();
  const place = `${segment.place}-${field}`;
  if (/\p{Cc}/u.test(text)) throw new Unreadable('dataType', 'holds a control character', place);
  if (text.length > LONGEST) throw new Unreadable('dataType', `has more than ${LONGEST} characters`, place);
  return text === '' || text === '""' ? null : text;
}

/** All texts that a field path of the config finds, in the order of the segments. */
export function textsAt(segments: readonly Placed[], path: string): readonly string[] {
  const [, id, code, field, component = '1', subcomponent = '1'] = FIELD_PATH.exec(path) ?? [];
  if (id === undefined || field === undefined) throw new Error(`${path} is no field path`);
  return segments
    .filter((one) => one.id === id && (code === undefined || isCoded(one, [code])))
    .flatMap((one) =>
      (one.fields[Number(field) - 1] ?? []).map((_, index) =>
        keptText(one, Number(field), Number(component), Number(subcomponent), index + 1),
      ),
    )
    .filter((text) => text !== null);
}

/** The first text of the first path that finds one. */
export function firstText(segments: readonly Placed[], paths: readonly string[]): string | null {
  for (const path of paths) {
    const [text] = textsAt(segments, path);
    if (text !== undefined) return text;
  }
  return null;
}

/** Whether OBX-3 (or the field given) is one of these codes, by its first or its alternate identifier. */
export function isCoded(segment: ReadSegment, codes: readonly string[], field = 3): boolean {
  return isOneOf(textAt(segment, field, 1), codes) || isOneOf(textAt(segment, field, 4), codes);
}
