import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/hl7/charset.ts';
import { buildMessage, type Segment } from '../../src/hl7/message.ts';
import { readMessage } from '../../src/hl7/read.ts';
import { hostileText } from './hostile.ts';

const MSH: Segment = { id: 'MSH', fields: { 3: 'A', 10: '1' } };

describe('a message that is built', () => {
  test('has fields, components, subcomponents and occurrences where they were meant', () => {
    const text = buildMessage([
      MSH,
      { id: 'PID', fields: { 3: ['1', '', ['A', '', 'B']], 5: { repeat: ['x', ['y', 'z'], ''] } } },
    ]);
    expect(text).toBe('MSH|^~\\&|A|||||||1\rPID|||1^^A&&B||x~y^z~\r');
  });

  test('leaves out empty components, subcomponents and fields at an end', () => {
    const text = buildMessage([
      MSH,
      { id: 'PID', fields: { 3: ['1', '', ['A', '', '']], 4: ['', ''], 5: '' } },
    ]);
    expect(text).toBe('MSH|^~\\&|A|||||||1\rPID|||1^^A\r');
  });

  test('says nothing of the message before it that had the same segments', () => {
    buildMessage([MSH, { id: 'PID', fields: { 3: ['1', '', 'A'], 5: 'x', 8: 'F' } }]);
    expect(buildMessage([MSH, { id: 'PID', fields: { 3: '2' } }])).toBe('MSH|^~\\&|A|||||||1\rPID|||2\r');
  });

  test('does not ask for a deletion when a text happens to be two quotation marks', () => {
    const text = buildMessage([MSH, { id: 'PID', fields: { 5: '""' } }]);
    expect(text).toContain('PID|||||\\X2222\\\r');
  });

  test('writes a separator of lines that only some receivers know as an escape', () => {
    const text = buildMessage([MSH, { id: 'NTE', fields: { 3: 'a\u2028b\u0085c' } }]);
    expect(text).toContain('NTE|||a\\XE280A8\\b\\XC285\\c\r');
  });

  test.each<[string, readonly Segment[], RegExp]>([
    ['a segment id that is none', [MSH, { id: 'P|D', fields: {} }], /segment 2: "P\|D" is no segment id/],
    ['a message without MSH', [{ id: 'PID', fields: {} }], /MSH must be the first/],
    ['a second MSH', [MSH, MSH], /MSH must be the first, and only the first/],
    ['its own MSH-2', [{ id: 'MSH', fields: { 2: '#$%' } }], /MSH-1 and MSH-2/],
    ['a field 0', [MSH, { id: 'PID', fields: { 0: 'x' } }], /PID: there is no field 0/],
  ])('is refused with %s', (_what, segments, message) => {
    expect(() => buildMessage(segments)).toThrow(message);
  });

  test('reads back as it was meant, whatever its texts are', () => {
    const component = fc.oneof(hostileText, fc.array(hostileText, { minLength: 1, maxLength: 3 }));
    const occurrence = fc.oneof(hostileText, fc.array(component, { minLength: 1, maxLength: 4 }));
    const field = fc.oneof(
      occurrence,
      fc.record({ repeat: fc.array(occurrence, { minLength: 1, maxLength: 3 }) }),
    );
    const segment = fc.record({
      id: fc.constantFrom('PID', 'OBX', 'NTE', 'Z01'),
      fields: fc.array(field, { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), (segments) => {
        const numbered = segments.map(({ id, fields }) => ({
          id,
          fields: Object.fromEntries(fields.map((value, index) => [index + 1, value])),
        }));
        const encoded = encode(buildMessage([MSH, ...numbered]), 'UTF-8');
        if (!encoded.ok) throw new Error(encoded.detail);
        expect(encoded.bytes.some((byte) => byte < 0x20 && byte !== 0x0d)).toBe(false);
        const decoded = decode(encoded.bytes, 'UTF-8');
        if (!decoded.ok) throw new Error(decoded.detail);
        const reading = readMessage(decoded.text);
        if (!reading.ok) throw new Error(reading.detail);
        const [, ...read] = reading.message.segments;
        expect(read.map(({ id }) => id)).toEqual(segments.map(({ id }) => id));
        for (const [index, { fields }] of segments.entries()) {
          for (const [at, value] of fields.entries()) {
            expect(texts(read[index]?.fields[at] ?? '')).toEqual(texts(value));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

type Nested = string | readonly Nested[] | { readonly repeat: readonly Nested[] };

/** All texts that say something, in their order. */
function texts(value: Nested): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return ('repeat' in value ? value.repeat : value).flatMap(texts);
}
