import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outwait, settle } from '../../src/watch/settle.ts';
import type { Content, Settling } from '../../src/watch/settle.ts';

const rules = { quietMs: 2000, giveUpMs: 1_800_000 };
const content: Content = { size: 10, mtimeNs: 5n, sha256: 'aa' };

describe('a file on its way', () => {
  it('is not taken at the first look, however old it is', () => {
    expect(settle(null, content, 9e9, rules)).toEqual({
      settling: { content, since: 9e9 },
      verdict: { kind: 'wait', until: 9e9 + 2000 },
    });
  });

  it('is taken when a look after the quiet time shows the same', () => {
    const before: Settling = { content, since: 1000 };
    expect(settle(before, { ...content }, 3000, rules).verdict).toEqual({ kind: 'settled' });
  });

  it('is not taken before the quiet time is over', () => {
    const before: Settling = { content, since: 1000 };
    expect(settle(before, content, 2999, rules).verdict).toEqual({ kind: 'wait', until: 3000 });
  });

  it.each([
    ['size', { ...content, size: 11 }],
    ['time', { ...content, mtimeNs: 6n }],
    ['content, though size and time stayed', { ...content, sha256: 'bb' }],
  ])('starts anew when its %s changed', (_what, changed) => {
    const { settling, verdict } = settle({ content, since: 0 }, changed, 60_000, rules);
    expect(verdict).toEqual({ kind: 'wait', until: 62_000 });
    expect(settling).toEqual({ content: changed, since: 60_000 });
  });

  it('is never taken without two equal looks at least the quiet time apart', () => {
    const looks = fc.array(
      fc.record({ pause: fc.nat(4000), size: fc.nat(1), sha256: fc.constantFrom('aa', 'bb') }),
    );
    fc.assert(
      fc.property(looks, (steps) => {
        let at = 0;
        let state: Settling | null = null;
        const seen: { at: number; key: string }[] = [];
        for (const { pause, size, sha256 } of steps) {
          at += pause;
          const { settling, verdict } = settle(state, { size, mtimeNs: 1n, sha256 }, at, rules);
          state = settling;
          const key = `${size}${sha256}`;
          seen.push({ at, key });
          const lastOther = seen.findLastIndex((look) => look.key !== key);
          const since = seen[lastOther + 1]?.at ?? at;
          expect(verdict.kind).toBe(seen.length - lastOther > 2 && at - since >= 2000 ? 'settled' : 'wait');
        }
      }),
    );
  });
});

describe('a file that stays unfinished', () => {
  it('is looked at ever less often, and given up in the end', () => {
    let at = 2000;
    const pauses: number[] = [];
    for (;;) {
      const verdict = outwait({ content, since: 0 }, at, rules);
      if (verdict.kind === 'give-up') break;
      pauses.push(verdict.until - at);
      at = verdict.until;
    }
    expect(at).toBe(rules.giveUpMs);
    expect(pauses[0]).toBe(2000);
    expect(Math.max(...pauses)).toBe(180_000);
    expect(pauses.length).toBeLessThan(30);
  });
});
