import { describe, expect, test, vi } from 'vitest';
import { buildMessage, type Segment } from '../../src/hl7/message.ts';
import type { ReadSegment } from '../../src/hl7/read.ts';

const { assemble } = vi.hoisted(() => ({ assemble: vi.fn<(segments: readonly ReadSegment[]) => string>() }));
vi.mock(import('../../src/hl7/assemble.ts'), async (original) => ({ ...(await original()), assemble }));

const segments: readonly Segment[] = [
  { id: 'MSH', fields: { 3: 'A' } },
  { id: 'NTE', fields: { 3: 'one' } },
  { id: 'NTE', fields: { 3: '山田' } },
];

const HEADER = 'MSH|^~\\&|A\r';

describe('a library that writes something else than was meant', () => {
  test('stops at the field that differs, and does not quote it', () => {
    assemble.mockReturnValue(`${HEADER}NTE|||one\rNTE|||山本\r`);
    expect(() => buildMessage(segments)).toThrow(
      /^NTE\[2\]-3 would not be read as it was meant; the message was not built$/,
    );
  });

  test.each([
    ['a field too many', `${HEADER}NTE|||one|x\rNTE|||山田\r`, /^NTE would/],
    ['another segment', `${HEADER}NTE|||one\rOBX|||山田\r`, /^NTE\[2\] would/],
    ['a segment too many', `${HEADER}NTE|||one\rNTE|||山田\rPID|1\r`, /^the number of segments, 3, would/],
    ['a segment lost', `${HEADER}NTE|||one\r`, /^the number of segments, 3, would/],
    ['components in place of text', `${HEADER}NTE|||one\rNTE|||山^田\r`, /^NTE\[2\]-3 would/],
    ['nothing', '', /^the text does not begin with MSH would/],
  ])('does not get away with %s', (_what, text, message) => {
    assemble.mockReturnValue(text);
    expect(() => buildMessage(segments)).toThrow(message);
  });

  test('is believed when it wrote what was meant', () => {
    const text = `${HEADER}NTE|||one\rNTE|||山田\r`;
    assemble.mockReturnValue(text);
    expect(buildMessage(segments)).toBe(text);
  });
});
