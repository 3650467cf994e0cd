/** ok: as it should be. warn: it works, and somebody should know. fail: something that was asked for does not work. */
export type Verdict = 'ok' | 'warn' | 'fail';

/** One line of the doctor. */
export interface Finding {
  /** What was looked at, such as `folder`. */
  readonly area: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** What to do; null where nothing has to be done. */
  readonly remedy: string | null;
}

export function ok(area: string, text: string): Finding {
  return { area, verdict: 'ok', text, remedy: null };
}

export function warn(area: string, text: string, remedy: string): Finding {
  return { area, verdict: 'warn', text, remedy };
}

export function fail(area: string, text: string, remedy: string): Finding {
  return { area, verdict: 'fail', text, remedy };
}

/** A finding as lines of a report. */
export function linesOf({ area, verdict, text, remedy }: Finding): readonly string[] {
  const first = `${verdict.padEnd(5)} ${area.padEnd(12)} ${text}`;
  return remedy === null ? [first] : [first, `${' '.repeat(19)}${remedy}`];
}
