import { describe, expect, test } from 'vitest';
import { lookAtSaved, type Standing, type Watched } from '../../src/config/saved.ts';

/** At which of the looks, one every half second, the file is taken. */
function takenAt(...looks: (string | null)[]): number[] {
  let watched: Watched = { taken: 'first', seen: 'first', since: 0 };
  return looks.flatMap((text, index) => {
    const standing: Standing = { signature: text ?? 'none', isHalf: text === null || text === '' };
    const { next, take } = lookAtSaved(watched, standing, 500 * (index + 1));
    watched = next;
    return take ? [index] : [];
  });
}

describe('a configuration file', () => {
  test('is taken once, a second after it was saved', () => {
    expect(takenAt('first', 'second', 'second', 'second', 'second', 'second')).toEqual([3]);
  });

  test('that is saved in several steps is taken when the last is done', () => {
    expect(takenAt('', '', '', '', 'sec', 'second', 'second', 'second')).toEqual([7]);
    expect(takenAt(null, null, null, 'second', 'second', 'second')).toEqual([5]);
  });

  test('that comes back as it was is not taken', () => {
    expect(takenAt('second', 'first', 'first', 'first', 'first')).toEqual([]);
  });

  test('that stays empty or away for half a minute is meant so', () => {
    expect(takenAt(...Array.from({ length: 70 }, () => null))).toEqual([60]);
  });
});
